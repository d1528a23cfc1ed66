"""Number the items of lists for WeasyPrint, which ignores the attributes `start` and `value`."""

import re

_LIST_TAG = re.compile(r"<(/?)(ol|ul|li)\b([^>]*)>", re.IGNORECASE)
_NUMBER = re.compile(r"\b(start|value)=[\"']?(-?\d{1,9})", re.IGNORECASE)


def number_list_items(page: str) -> str:
    """Give an item that does not follow its neighbour by one a style that counts to its number."""
    last_numbers: list[int] = []  # of each open list
    shown: list[int] = []  # the same, as WeasyPrint counts

    def number_item(tag: re.Match[str]) -> str:
        is_end, name, attributes = bool(tag[1]), tag[2].lower(), tag[3]
        given = _NUMBER.search(attributes)
        if name != "li":
            if not is_end:
                last_numbers.append(int(given[2]) - 1 if given else 0)
                shown.append(0)
            elif last_numbers:
                last_numbers.pop()
                shown.pop()
            return tag[0]
        if is_end or not last_numbers:
            return tag[0]
        number = int(given[2]) if given else last_numbers[-1] + 1
        step = number - shown[-1]
        last_numbers[-1] = shown[-1] = number
        style = f' style="counter-increment: list-item {step}"' if step != 1 else ""
        return f"<{tag[2]}{attributes}{style}>"

    return _LIST_TAG.sub(number_item, page)
