"""TODO docstring of commentsite.text.csv_cells."""


def escape_csv_cell(value: object) -> object:
    """Return what a spreadsheet shows and never runs: texts that look like formulas begin with an apostrophe."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return f"'{value}"
    return value
