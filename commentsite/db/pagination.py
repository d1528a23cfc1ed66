"""Pages of a list, and how far a count goes."""

#: Rows that a count looks at. Beyond, a page says "more than 1,000", and costs no more.
MAX_COUNT = 1_000


def page_within(page: int, total: int, per_page: int) -> tuple[int, int]:
    """Return the nearest page there is, and how many pages there are. A list without entries has one page."""
    pages = max(1, -(-total // per_page))
    return min(max(page, 1), pages), pages
