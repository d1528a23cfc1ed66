"""Hide the author of an undecided comment where the letter or the site requires anonymity.

A moderator who does not know the author decides on the text alone. `AnonymousComment` stands in for the
comment, so that the templates need no case of their own: it has a number for a name, and no organisation
or email address. Every page of the desk that shows undecided comments passes them through this module.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from commentsite.comments.states import UNDECIDED
from commentsite.moderation.anonymity import is_anonymised
from commentsite.moderation.queries import list_anonymised_letter_ids
from commentsite.moderation.queue.case_file import CaseFile
from commentsite.moderation.queue.queries import QueuePage
from commentsite.web.context import current_site
from commentsite.web.rendering.i18n import gettext as _

IDENTIFYING_FIELDS = frozenset({"name", "organisation"})


class AnonymousComment:
    """A comment without the name, organisation, email address and badges of its author."""

    organisation = confirmed_author_role = author_role = ""
    is_pseudonym = has_organisation_domain = False
    email_sealed = email_hash = delegation_verified_at = delegation_evidence_sealed = None

    def __init__(self, comment: Any) -> None:
        """Wrap a comment, or the row of a comment in a list."""
        self._comment = comment
        self.name = _("Comment %(n)d", n=comment.id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._comment, name)

    @property
    def hold_reasons(self) -> list[dict[str, Any]]:
        """The findings of the checks, without what they found in the name or the organisation."""
        return [_remove_identity(reason) for reason in self._comment.hold_reasons]


def anonymise_comments(comments: Iterable[Any]) -> list[Any]:
    """Replace the comments whose author must stay hidden. Decided comments need no query."""
    all_comments = list(comments)
    undecided = {c.letter_id for c in all_comments if c.state in UNDECIDED and c.id is not None}
    anonymised = list_anonymised_letter_ids(undecided)
    return [
        AnonymousComment(c) if c.state in UNDECIDED and c.letter_id in anonymised else c
        for c in all_comments
    ]


def anonymise_queue_page(page: QueuePage) -> QueuePage:
    default = current_site().has_author_anonymity
    return replace(
        page,
        cases=[
            _anonymise_undecided(row, is_hidden=is_anonymised(row.author_anonymity, default))
            for row in page.cases
        ],
    )


def anonymise_case_file(file: CaseFile) -> CaseFile:
    """Hide the author of a case, and the author of the similar comment that the page shows beside it."""
    default = current_site().has_author_anonymity
    is_hidden = is_anonymised(file.letter.author_anonymity, default)
    file = _anonymise_undecided(file, is_hidden=is_hidden)
    if file.similar_comment is None:
        return file
    return replace(file, similar_comment=anonymise_comments([file.similar_comment])[0])


def is_anonymous(comment: Any) -> bool:
    """Tell whether this module replaced the comment."""
    return isinstance(comment, AnonymousComment)


def _anonymise_undecided(case: Any, *, is_hidden: bool) -> Any:
    if is_hidden and case.comment.state in UNDECIDED:
        return replace(case, comment=AnonymousComment(case.comment))
    return case


def _remove_identity(reason: dict[str, Any]) -> dict[str, Any]:
    # The check for names like another's describes the name in its detail, whatever its field.
    if reason.get("field") not in IDENTIFYING_FIELDS and reason["rule"] != "name_like":
        return reason
    return {"rule": reason["rule"], "version": reason.get("version"), "detail": "", "field": ""}
