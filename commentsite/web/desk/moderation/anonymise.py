"""Hide the author of a comment where the letter or the site requires anonymity.

A comment is anonymous until it is decided, and while its decision can still be undone. A moderator who does not know the author decides on the text alone. `AnonymousComment` stands in for the
comment, so that the templates need no case of their own: it has a number for a name, and no organisation
or email address. Every page of the desk that shows such comments passes them through this module.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from commentsite.accounts.permissions import Permission
from commentsite.comments.states import UNDECIDED, CommentState
from commentsite.moderation.anonymity import is_anonymised
from commentsite.moderation.queries import find_undoable_comment_ids, list_anonymised_letter_ids
from commentsite.moderation.queue.case_file import CaseFile
from commentsite.moderation.queue.queries import QueuePage
from commentsite.web.context import current_actor, current_site
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
    """Replace the comments whose author must stay hidden."""
    all_comments = list(comments)
    anonymised = list_anonymised_letter_ids({c.letter_id for c in all_comments if c.id is not None})
    veiled = _find_veiled_ids([c for c in all_comments if c.letter_id in anonymised])
    return [AnonymousComment(c) if c.id in veiled else c for c in all_comments]


def anonymise_queue_page(page: QueuePage) -> QueuePage:
    default = current_site().has_author_anonymity
    anonymised = [row for row in page.cases if is_anonymised(row.author_anonymity, default)]
    veiled = _find_veiled_ids([row.comment for row in anonymised])
    cases = [replace(row, comment=_anonymise(row.comment, veiled)) for row in page.cases]
    return replace(page, cases=cases)


def anonymise_case_file(file: CaseFile) -> CaseFile:
    """Hide the author of a case, and those of the comments that the page shows beside it."""
    default = current_site().has_author_anonymity
    if not is_anonymised(file.letter.author_anonymity, default):
        return file
    others = [other for other in (file.similar_comment, file.parent) if other is not None]
    veiled = _find_veiled_ids([file.comment, *others])
    return replace(
        file,
        comment=_anonymise(file.comment, veiled),
        similar_comment=_anonymise(file.similar_comment, veiled),
        parent=_anonymise(file.parent, veiled),
    )


def is_anonymous(comment: Any) -> bool:
    """Return whether this module replaced the comment."""
    return isinstance(comment, AnonymousComment)


def _find_veiled_ids(comments: list[Any]) -> frozenset[int]:
    """Return the ids of those comments on anonymised letters that are undecided or may be so again.

    Readers see the author of a published comment. Staff who can reveal authors need not wait for that.
    """
    undecided = {c.id for c in comments if c.state in UNDECIDED}
    can_reveal = current_actor().can(Permission.REVEAL_AUTHORS)
    decided = [
        c.id
        for c in comments
        if c.id not in undecided and not (can_reveal and c.state == CommentState.PUBLISHED)
    ]
    return frozenset(undecided) | find_undoable_comment_ids(decided)


def _anonymise(comment: Any, veiled_ids: frozenset[int]) -> Any:
    is_veiled = comment is not None and comment.id in veiled_ids
    return AnonymousComment(comment) if is_veiled else comment


def _remove_identity(reason: dict[str, Any]) -> dict[str, Any]:
    # The check for names like another's describes the name in its detail, whatever its field.
    if reason.get("field") not in IDENTIFYING_FIELDS and reason["rule"] != "name_like":
        return reason
    return {"rule": reason["rule"], "version": reason.get("version"), "detail": "", "field": ""}
