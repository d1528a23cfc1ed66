"""Comments as the desk may show them: without who wrote them, where that is decided blindly."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from commentsite.comments.states import UNDECIDED
from commentsite.moderation.anonymity import is_anonymised
from commentsite.moderation.queries import list_anonymised_letter_ids
from commentsite.moderation.queue.case_file import CaseFile
from commentsite.moderation.queue.queries import QueuePage
from commentsite.web.context import current_site

OF_THE_NAME = frozenset({"name", "organisation"})


class Veiled:
    """A comment whose name, organisation and address are nobody's to see; all else is as it is."""

    is_veiled = True
    organisation = confirmed_author_role = author_role = ""
    is_pseudonym = has_organisation_domain = False
    email_sealed = email_hash = delegation_verified_at = delegation_evidence_sealed = None

    def __init__(self, comment: Any) -> None:
        """Stand in for a comment, or for what a list shows of it."""
        self._comment = comment
        self.name = str(_("Comment %(n)d", n=comment.id))

    def __getattr__(self, name: str) -> Any:
        """Return everything else as it is."""
        return getattr(self._comment, name)

    @property
    def hold_reasons(self) -> list[dict[str, Any]]:
        """Return why it is held, without what was found in the name."""
        return [_without_the_name(reason) for reason in self._comment.hold_reasons]


def veiled(comments: Iterable[Any]) -> list[Any]:
    """Return comments as they may be shown; asks only where some are undecided."""
    found = list(comments)
    about = {c.letter_id for c in found if c.state in UNDECIDED and c.id is not None}
    hidden = list_anonymised_letter_ids(about)
    return [Veiled(c) if c.state in UNDECIDED and c.letter_id in hidden else c for c in found]


def veiled_page(page: QueuePage) -> QueuePage:
    """Return a page of the queue as it may be shown."""
    return veiled_desk(page, None)[0]


def veiled_desk(page: QueuePage, file: CaseFile | None) -> tuple[QueuePage, CaseFile | None]:
    """Return a page of the queue and the case beside it, with what that is compared with, as they may be shown."""
    site = current_site().has_author_anonymity
    cases = [_seen(case, blindly=is_anonymised(case.author_anonymity, site)) for case in page.cases]
    if file is not None:
        file = _seen(file, blindly=is_anonymised(file.letter.author_anonymity, site))
        file = (
            replace(file, similar_comment=veiled([file.similar_comment])[0])
            if file.similar_comment
            else file
        )
    return replace(page, cases=cases), file


def _seen(case: Any, *, blindly: bool) -> Any:
    """Return a case with its comment as it may be shown."""
    is_hidden = blindly and case.comment.state in UNDECIDED
    return replace(case, comment=Veiled(case.comment)) if is_hidden else case


def is_veiled(comment: Any) -> bool:
    """Say whether nobody is to know who wrote it."""
    return isinstance(comment, Veiled)


def _without_the_name(reason: dict[str, Any]) -> dict[str, Any]:
    if reason.get("field") not in OF_THE_NAME and reason["rule"] != "name_like":
        return reason
    return {"rule": reason["rule"], "version": reason.get("version"), "detail": "", "field": ""}
