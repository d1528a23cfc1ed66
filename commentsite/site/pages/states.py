"""Where the site links to a page."""

from enum import StrEnum


class Placement(StrEnum):
    MENU = "menu"  # in the navigation at the top of each page
    FOOTER = "footer"
    NONE = "none"
