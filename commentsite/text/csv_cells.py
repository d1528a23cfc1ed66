"""Escape cells of CSV files for spreadsheet programs."""


def escape_csv_cell(value: object) -> object:
    """Put an apostrophe before a text that a spreadsheet program would run as a formula."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return f"'{value}"
    return value
