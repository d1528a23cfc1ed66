"""Letters, comments, cases and decisions as the API shows them. No email address is among their members."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import url_for

from commentsite import clock
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.letters.comment_window import get_current_window
from commentsite.letters.models import Letter, LetterAuthor, WorkingCopy
from commentsite.letters.text.queries import BlockRow
from commentsite.moderation.models import Decision
from commentsite.web.context import current_site
from commentsite.web.desk.moderation.anonymise import is_anonymous
from commentsite.web.rendering.filters import absolute_url

#: After publication, what readers see of these states is that the comment was removed.
REMOVED_STATES = frozenset({CommentState.REFUSED, CommentState.SPAM, CommentState.RESTRICTED})
#: What a comment that is no longer published keeps to itself.
WITHHELD = (
    "name",
    "is_pseudonym",
    "stakeholder_group",
    "organisation",
    "capacity",
    "is_delegation_verified",
    "is_email_confirmed",
    "is_at_own_domain",
    "author_role",
    "kind",
    "stance",
    "language",
    "is_late",
    "body",
    "body_html",
)


def show_letter_summary(letter: Letter, counts: Mapping[str, int]) -> dict[str, Any]:
    """Return the members of a letter in a list. `counts` are its published comments by group."""
    site = current_site()
    is_open = get_current_window(letter).is_open and not site.closed_until(clock.now())
    return {
        "slug": letter.slug,
        "url": absolute_url(url_for("letters.show", slug=letter.slug)),
        "state": str(letter.state),
        "title": letter.title,
        "standfirst": letter.standfirst,
        "language": letter.language,
        "topics": list(letter.topics),
        "authors": [_show_author(author) for author in letter.authors],
        "version": letter.version_number,
        "date_written": _show_date(letter.date_written),
        "published_at": _show_time(letter.published_at),
        "updated_at": _show_time(letter.updated_at),
        "comments_open": is_open,
        "comments_close_at": _show_time(letter.comments_close_at),
        "comments_by_group": dict(counts),
    }


def show_letter(
    letter: Letter,
    blocks: list[BlockRow],
    counts: Mapping[str, int],
    slugs: Mapping[int, str],
) -> dict[str, Any]:
    """Return a letter for readers. `slugs` are those of the original and of the successor, by id."""
    return {
        **show_letter_summary(letter, counts),
        "editors_note": letter.editors_note,
        "occasion": letter.occasion,
        "addressee": letter.addressee,
        "body_concerned": letter.body_concerned,
        "source": letter.source,
        "licence": letter.licence,
        "date_received": _show_date(letter.date_received),
        "translation_of": slugs.get(letter.translation_of_id or 0),
        "translator": letter.translator,
        "superseded_by": slugs.get(letter.superseded_by_id or 0),
        "blocks": [_show_block(block, letter) for block in blocks],
    }


def show_letter_to_staff(
    shown: dict[str, Any], letter: Letter, text: str, copy: WorkingCopy | None
) -> dict[str, Any]:
    """Add what editors see to a letter. Unpublished changes replace what is published."""
    shown = {
        **shown,
        "text": text,
        "has_unpublished_changes": copy is not None,
        "scheduled_for": _show_time(letter.scheduled_for),
    }
    if copy is not None:
        shown |= {
            "title": copy.title,
            "standfirst": copy.standfirst,
            "editors_note": copy.editors_note,
            "text": copy.source_text,
        }
    return shown


def show_comment(comment: Comment, slug: str) -> dict[str, Any]:
    """Return a comment that is or once was published."""
    is_published = comment.state == CommentState.PUBLISHED
    state = CommentState.RESTRICTED if comment.state in REMOVED_STATES else comment.state
    shown = {
        "id": comment.id,
        "letter": slug,
        "url": absolute_url(url_for("comments.permalink", slug=slug, comment_id=comment.id)),
        "state": str(state),
        "parent": comment.replied_to_id or comment.parent_id,
        "represented_by": comment.representative_id,
        "published_at": _show_time(comment.published_at),
        "edited_at": _show_time(comment.edited_at) if is_published else None,
        "letter_version": comment.letter_version,
        "name": comment.name,
        "is_pseudonym": comment.is_pseudonym,
        "stakeholder_group": comment.stakeholder_group,
        "organisation": comment.organisation,
        "capacity": comment.capacity,
        "is_delegation_verified": comment.delegation_verified_at is not None,
        "is_email_confirmed": comment.email_confirmed_at is not None,
        "is_at_own_domain": bool(comment.email_confirmed_at and comment.has_organisation_domain),
        "author_role": comment.confirmed_author_role,
        "kind": comment.kind,
        "stance": comment.stance,
        "language": comment.language,
        "is_late": comment.is_late,
        "paragraphs": _show_targets(comment) if is_published else [],
        "body": comment.body,
        "body_html": comment.body_html,
    }
    return shown if is_published else shown | dict.fromkeys(WITHHELD)


def show_case(comment: Any, slug: str) -> dict[str, Any]:
    """Return a comment for a moderator. `comment` may be one whose author is hidden."""
    is_hidden = is_anonymous(comment)
    return {
        "id": comment.id,
        "version": comment.version,
        "letter": slug,
        "url": absolute_url(url_for("moderation_case.show", comment_id=comment.id)),
        "state": show_state(comment.state),
        "waits_for": comment.awaiting,
        "submitted_at": _show_time(comment.submitted_at),
        "changed_at": _show_time(comment.changed_at),
        "published_at": _show_time(comment.published_at),
        "parent": comment.replied_to_id or comment.parent_id,
        "letter_version": comment.letter_version,
        "is_author_hidden": is_hidden,
        "name": None if is_hidden else comment.name,
        "is_pseudonym": None if is_hidden else comment.is_pseudonym,
        "organisation": None if is_hidden else comment.organisation,
        "stakeholder_group": comment.stakeholder_group,
        "capacity": comment.capacity,
        "is_email_confirmed": comment.email_confirmed_at is not None,
        "kind": comment.kind,
        "stance": comment.stance,
        "language": comment.language,
        "is_late": comment.is_late,
        "paragraphs": _show_targets(comment),
        "held_by": comment.held_by_check,
        "hold_reasons": [
            {
                "check": str(reason.get("rule", "")),
                "field": str(reason.get("field", "")),
                "detail": str(reason.get("detail", "")),
            }
            for reason in comment.hold_reasons
        ],
        "body": comment.body,
    }


def show_decision(decision: Decision, comment: Comment) -> dict[str, Any]:
    return {
        "id": decision.id,
        "comment": comment.id,
        "version": comment.version,
        "verdict": decision.verdict,
        "is_applied": decision.is_applied,
        "state": show_state(comment.state),
        "waits_for": comment.awaiting,
        "decided_at": _show_time(decision.decided_at),
        "undo_until": _show_time(decision.undo_until),
    }


def show_state(state: CommentState) -> str:
    """Return the code of a state. A comment that is not examined yet counts as pending."""
    return str(CommentState.PENDING if state == CommentState.RECEIVED else state)


def _show_author(author: LetterAuthor) -> dict[str, str]:
    return {
        "name": author.name,
        "stakeholder_group": author.stakeholder_group,
        "capacity": str(author.capacity),
        "organisation": author.organisation,
    }


def _show_block(block: BlockRow, letter: Letter) -> dict[str, Any]:
    return {
        "kind": str(block.kind),
        "id": block.pid,
        "label": block.label,
        "language": block.language or letter.language,
        "text": block.text,
        "html": block.html,
    }


def _show_targets(comment: Comment) -> list[dict[str, str]]:
    return [{"id": target.pid, "stance": target.stance} for target in comment.targets]


def _show_time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _show_date(day: date | None) -> str | None:
    return day.isoformat() if day else None
