"""The words in which a record of positions prints its codes. Every format takes them from here."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from commentsite.summaries.report.content import Author, Holder
from commentsite.summaries.states import NOT_AGREED, AlternativeStatus, HolderKind, Outcome, SignOff
from commentsite.web.rendering.filters import get_group_label, join_list
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import CAPACITY_LABELS

#: Outcomes after which a reader looks for the positions.
WITHOUT_AGREEMENT = frozenset(
    {Outcome.DIVERGENT_POSITIONS, Outcome.NO_AGREED_TEXT, Outcome.NO_REPORT}
)
NO_USE = _l("not marked yet")
AFFILIATION_CHECK_LABELS = {
    "": _l("not checked"),
    "email": _l("email address confirmed"),
    "domain": _l("email address at the organisation confirmed"),
    "delegation": _l("delegation verified by the staff"),
}


def name_author(author: Author) -> str:
    """Return the name of an author, or words in its place."""
    if author.name:
        return author.name
    return _("Not named") if author.stakeholder_group else _("Not disclosed")


def name_affiliation(author: Author) -> str:
    """Return group, organisation and capacity of an author, as far as they are disclosed."""
    if not author.stakeholder_group:
        return ""
    group, organisation = get_group_label(author.stakeholder_group), author.organisation
    if author.capacity == "on_behalf_of" and organisation:
        return _("%(group)s, on behalf of %(organisation)s", group=group, organisation=organisation)
    capacity = ""
    if author.capacity == "personal" and organisation:
        capacity = _("in a personal capacity")
    elif author.capacity in {"delegate", "former_member"}:
        capacity = str(CAPACITY_LABELS[author.capacity])
    return join_list(part for part in (group, organisation, capacity) if part)


def name_author_in_line(author: Author) -> str:
    """Return author and affiliation in one line."""
    affiliation = name_affiliation(author)
    if not author.name:
        return affiliation or _("author not disclosed")
    return join_list([author.name, affiliation]) if affiliation else author.name


def name_holder(kind: HolderKind, name: str, stakeholder_group: str) -> str:
    """Return the name of a holder with the group, or words in the place of a name that is not given.

    `stakeholder_group` is empty where even the group would identify the holder.
    """
    group = get_group_label(stakeholder_group) if stakeholder_group else ""
    if kind == HolderKind.GROUP:
        return group
    if name:
        return join_list([name, group]) if group else name
    if kind == HolderKind.ORGANISATION:
        return (
            _("An organisation that is not named, %(group)s", group=group)
            if group
            else _("An organisation that is not named")
        )
    return (
        _("A person who is not named, %(group)s", group=group)
        if group
        else _("A person who is not named")
    )


def show_wording(text: str, status: AlternativeStatus) -> str:
    """Return an alternative wording as it is printed: in square brackets if it is not agreed."""
    words = text or _("Delete the paragraph.")
    return f"[{words}]" if status in NOT_AGREED else words


def describe_sign_off(holder: Holder) -> str:
    """Return what a holder answered to the question whether the text states the position fairly."""
    if holder.is_outdated:
        if holder.sign_off == SignOff.FAIR:
            return _("called an earlier wording fair, and has not confirmed this one")
        return _("called an earlier wording unfair, and has not answered about this one")
    if holder.sign_off == SignOff.FAIR:
        return _("confirms that this text is fair")
    if holder.sign_off == SignOff.UNFAIR:
        return _("says that this text is not fair")
    if holder.is_asked:
        return _("was asked and has not confirmed")
    return _("has not confirmed")


def name_groups(codes: Iterable[str]) -> str:
    """Return the names of groups in one line."""
    return join_list(get_group_label(code) for code in codes)
