"""The texts of a new site in the language of the page.

Names of stakeholder groups and rules are stored in the database, where stewards may change them. As long as one reads
as on a new site, it is shown translated. A text that a steward wrote is shown as it is.
"""

from collections.abc import Mapping

from commentsite.site.rulebook import DEFAULT_CLAUSES
from commentsite.site.services import DEFAULT_GROUPS
from commentsite.web.rendering.i18n import gettext

_DEFAULT_TEXTS = frozenset(DEFAULT_GROUPS.values()).union(
    *((clause.title, clause.text) for clause in DEFAULT_CLAUSES)
)


def translate_default_text(text: str) -> str:
    """Return the translation of a text of a new site, and any other text unchanged."""
    return gettext(text) if is_default_text(text) else text


def is_default_text(text: str) -> bool:
    """Return whether a text is one of a new site, which pages show translated."""
    return text in _DEFAULT_TEXTS


def list_group_labels(groups: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the code and the shown name of each group, in the given order."""
    return [(code, translate_default_text(label)) for code, label in groups.items()]
