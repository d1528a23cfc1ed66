"""The words in which a record of positions prints its codes. Every format takes them from here."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from commentsite.comments.states import QuoteConsent
from commentsite.summaries.report.content import Author, Holder
from commentsite.summaries.states import HolderKind, Outcome, SignOff
from commentsite.web.rendering.filters import get_group_label, join_list
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import CAPACITY_LABELS

#: Outcomes after which a reader looks for the positions.
WITHOUT_AGREEMENT = frozenset(
    {Outcome.DIVERGENT_POSITIONS, Outcome.NO_AGREED_TEXT, Outcome.NO_REPORT}
)
#: How a comment may be referred to.
CONSENT_LABELS = {
    QuoteConsent.NAME: _l("with the name"),
    QuoteConsent.GROUP: _l("with the group only"),
    QuoteConsent.COUNT: _l("only counted"),
}
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


def name_holder(holder: Holder) -> str:
    if holder.kind == HolderKind.GROUP:
        return get_group_label(holder.stakeholder_group)
    group = get_group_label(holder.stakeholder_group) if holder.stakeholder_group else ""
    if holder.name:
        return join_list([holder.name, group]) if group else holder.name
    if holder.kind == HolderKind.ORGANISATION:
        return (
            _("an organisation that is not named, %(group)s", group=group)
            if group
            else _("an organisation that is not named")
        )
    return (
        _("a person who is not named, %(group)s", group=group)
        if group
        else _("a person who is not named")
    )


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
