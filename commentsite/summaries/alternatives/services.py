"""Write alternative wordings for paragraphs, with their proposers and their fate.

A bracketed alternative is text that was not agreed, as in documents of the United Nations. An
alternative that does not win can become a position of its own, so that it is not lost.
"""

from datetime import datetime
from itertools import count

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.text.queries import list_current_blocks
from commentsite.summaries.alternatives import queries
from commentsite.summaries.models import Alternative, Position, Summary
from commentsite.summaries.positions import services as positions
from commentsite.summaries.queries import list_letter_ids
from commentsite.summaries.report.authors import find_printable_name
from commentsite.summaries.states import AlternativeStatus, HolderKind
from commentsite.text.plain_text import clean_multiline, clean_single_line

MAX_LENGTH = 10_000  # characters
MAX_NAME_LENGTH = 120

#: A promoted alternative is a position, which is edited as such.
CHOSEN_STATUSES = tuple(
    status for status in AlternativeStatus if status != AlternativeStatus.PROMOTED
)


def add_alternative(  # noqa: PLR0913  # one for each field of the form
    slug: str,
    *,
    pid: str,
    text: str,
    group: str,
    name: str,
    comment_id: int | None,
    by: Actor,
) -> Alternative:
    """Add a wording for a paragraph. An empty text proposes to delete the paragraph.

    The name is that of a proposer who agreed to be named. With a comment, group and name are those
    of its author, as far as its author allowed. Raises Invalid.
    """
    summary = positions.begin_change(slug, by)
    letter_id = _find_letter_of(summary, pid)
    name = clean_single_line(name)
    if comment_id is not None:
        comment = positions.get_quotable_comment(summary, comment_id, "alternative-comment")
        group = comment.stakeholder_group
        name = find_printable_name(comment, HolderKind.PERSON)
    if not group:
        msg = "Choose the stakeholder group of the proposer."
        raise Invalid(msg, field="alternative-group")
    if len(name) > MAX_NAME_LENGTH:
        msg = "This name is too long."
        raise Invalid(msg, field="alternative-name")
    labels = queries.list_labels(summary, letter_id, pid)
    alternative = Alternative(
        summary_id=summary.id,
        letter_id=letter_id,
        pid=pid,
        label=next(label for n in count(1) if (label := f"Alt {n}") not in labels),
        revision=1,
        text=_clean_text(text),
        proposer_group=group,
        proposer_name=name,
        comment_id=comment_id,
        status=AlternativeStatus.PROPOSED,
        created_at=clock.now(),
    )
    session().add(alternative)
    positions.finish_change(summary, by)
    return alternative


def save_alternative(slug: str, alternative_id: int, revision: int, text: str, *, by: Actor) -> int:
    """Save the wording, and return its new revision.

    Raises Conflict if another editor saved it after `revision`, or if it is a position by now.
    """
    summary = positions.begin_change(slug, by)
    alternative = _get_open_alternative(summary, alternative_id)
    text = _clean_text(text)
    if alternative.text != text:
        positions.check_revision(alternative.revision, revision)
        alternative.text = text
        alternative.revision += 1
        positions.finish_change(summary, by)
    return alternative.revision


def change_status(slug: str, alternative_id: int, status: str, *, by: Actor) -> None:
    """Say what became of an alternative.

    Raises Conflict for “agreed” while an objection to the paragraph is open, and Invalid.
    """
    summary = positions.begin_change(slug, by)
    alternative = _get_open_alternative(summary, alternative_id)
    if status not in CHOSEN_STATUSES:
        msg = "Choose what became of this wording."
        raise Invalid(msg, field=f"alternative-{alternative_id}")
    if status == AlternativeStatus.AGREED and queries.has_open_objection(
        alternative.letter_id, alternative.pid
    ):
        msg = "An objection to this paragraph is open, so no wording of it can be called agreed."
        raise Conflict(msg, field=f"alternative-{alternative_id}")
    if alternative.status != status:
        alternative.status = AlternativeStatus(status)
        positions.finish_change(summary, by)


def promote_alternative(
    slug: str, alternative_id: int, question_id: int, title: str, *, by: Actor
) -> Position:
    """Make an alternative a position of a question, with its wording as the text."""
    summary = positions.begin_change(slug, by)
    alternative = _get_open_alternative(summary, alternative_id)
    position = positions.add_position(slug, question_id, title, alternative.text, by=by)
    alternative.status = AlternativeStatus.PROMOTED
    if alternative.comment_id is not None:
        positions.add_comment(slug, position.id, alternative.comment_id, by=by)
    return position


def erase_proposers(before: datetime) -> int:
    """Delete the names of proposers whose comment is erased. Return how many there were.

    The wording stays: it is a proposal for the text, and editors have worked on it.
    """
    rows = queries.list_alternatives_of_erased(before)
    for row in rows:
        row.proposer_name, row.comment_id = "", None
    return len(rows)


def _get_open_alternative(summary: Summary, alternative_id: int) -> Alternative:
    alternative = queries.get_alternative(summary, alternative_id)
    if alternative.status == AlternativeStatus.PROMOTED:
        msg = "This wording is a position of its own by now. Edit the position."
        raise Conflict(msg)
    return alternative


def _find_letter_of(summary: Summary, pid: str) -> int:
    """Return the letter of the consultation whose current version has this paragraph."""
    for letter_id in list_letter_ids(summary):
        blocks = list_current_blocks(letter_queries.get_letter(letter_id))
        if pid and any(block.pid == pid for block in blocks):
            return letter_id
    msg = "Choose a paragraph."
    raise Invalid(msg, field="alternative-paragraph")


def _clean_text(text: str) -> str:
    text = clean_multiline(text).strip()
    if len(text) > MAX_LENGTH:
        msg = "Shorten this wording to 10,000 characters."
        raise Invalid(msg, field="alternative-text")
    return text
