"""Write a record of positions: its texts, questions and positions, with their holders and quotations.

Each text has a revision of its own, which a save names. A save on top of an outdated revision is
refused, so that two editors never overwrite each other's words. The caller still has both texts.
"""

from datetime import datetime, timedelta

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment
from commentsite.comments.states import CommentState, QuoteConsent
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.language_tags import UNDETERMINED, parse_language
from commentsite.letters.models import Letter
from commentsite.letters.states import PUBLIC_STATES
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.models import (
    Position,
    PositionComment,
    PositionHolder,
    Question,
    Summary,
    SummaryLetter,
)
from commentsite.summaries.permissions import require_writer
from commentsite.summaries.positions import policy, queries
from commentsite.summaries.report.authors import find_printable_name
from commentsite.summaries.states import HolderKind, OrderRule, Outcome
from commentsite.text.plain_text import clean_multiline, clean_single_line

#: The texts of the record itself, by their column.
TEXT_FIELDS = (
    "overview",
    "comments_summary",
    "analysis",
    "omissions",
    "limits",
    "outcome_note",
)
MAX_TEXT_LENGTH = 100_000  # characters
MAX_QUESTION_LENGTH = 500
MAX_TITLE_LENGTH = 200
MAX_NAME_LENGTH = 120
MAX_QUESTIONS = 100
MAX_POSITIONS = 20  # of a question
#: An editor's saves within so much time of each other are one entry of the audit log.
EDITING_PAUSE = timedelta(minutes=30)


# --- The record


def create_summary(slug: str, *, by: Actor) -> Summary:
    """Begin the record of positions of a letter that is or was public.

    Raises Conflict if the letter is part of a record, or was never published.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    _check_letter(letter)
    now = clock.now()
    summary = Summary(
        letter_id=letter.id,
        language=letter.language,
        text_revisions={},
        created_at=now,
        changed_at=now,
        changed_by=by.name,
    )
    session().add(summary)
    session().flush()
    record_event(by.label, "summary.created", f"letter:{letter.id}")
    return summary


def set_letters(slug: str, revision: int, further_slugs: list[str], *, by: Actor) -> Summary:
    """Choose the further letters of the consultation, in their order.

    Raises Invalid if one of them cannot be part of the record, and Conflict on an outdated revision.
    """
    summary = begin_change(slug, by)
    check_revision(summary.revision, revision)
    present = set(summary_queries.list_letter_ids(summary))
    letters = [_find_further_letter(text, summary) for text in dict.fromkeys(further_slugs) if text]
    if summary.published_version and present - {summary.letter_id, *(one.id for one in letters)}:
        msg = "A published version is about each of these letters, so none of them can be removed."
        raise Conflict(msg, field="letters")
    for letter in letters:
        by.require(Permission.WRITE_LETTERS, letter.id)
        if letter.id not in present:
            _check_letter(letter)
    for row in queries.list_further_letters(summary):
        session().delete(row)
    session().flush()
    for position, letter in enumerate(letters):
        session().add(SummaryLetter(summary_id=summary.id, letter_id=letter.id, position=position))
    return _finish_choice(summary, by)


def choose_outcome(slug: str, revision: int, outcome: str, *, by: Actor) -> Summary:
    """Choose the outcome. An open objection blocks an agreement only at publication.

    Raises Invalid for an unknown outcome, and Conflict on an outdated revision.
    """
    summary = begin_change(slug, by)
    if outcome not in set(Outcome):
        msg = "Choose an outcome."
        raise Invalid(msg, field="outcome")
    if summary.outcome == outcome:
        return summary
    check_revision(summary.revision, revision)
    summary.outcome = Outcome(outcome)
    return _finish_choice(summary, by)


def choose_order(slug: str, revision: int, rule: str, *, by: Actor) -> Summary:
    """Choose the order of positions. The lot is drawn once, so that an order cannot be drawn again.

    Raises Invalid for an unknown rule, and Conflict on an outdated revision.
    """
    summary = begin_change(slug, by)
    if rule not in set(OrderRule):
        msg = "Choose an order."
        raise Invalid(msg, field="order_rule")
    if summary.order_rule == rule:
        return summary
    check_revision(summary.revision, revision)
    summary.order_rule = OrderRule(rule)
    if summary.order_rule == OrderRule.LOT and not summary.lot:
        summary.lot = tokens.new_short_id(20)
    return _finish_choice(summary, by)


def choose_language(slug: str, revision: int, language: str, *, by: Actor) -> Summary:
    """Choose the language that the texts of the record are written in.

    Raises Invalid if it is no language, and Conflict on an outdated revision.
    """
    summary = begin_change(slug, by)
    language = parse_language(language)
    if not language or language == UNDETERMINED:
        msg = "Choose a language."
        raise Invalid(msg, field="language")
    if summary.language == language:
        return summary
    check_revision(summary.revision, revision)
    summary.language = language
    return _finish_choice(summary, by)


def save_text(slug: str, name: str, revision: int, text: str, *, by: Actor) -> int:
    """Save one of TEXT_FIELDS, and return its new revision.

    Raises Conflict if another editor saved this text after `revision`, and Invalid if it is too long.
    """
    summary = begin_change(slug, by)
    if name not in TEXT_FIELDS:
        msg = "There is no such text in a record of positions."
        raise Invalid(msg)
    text = _clean_text(text, name)
    current = get_text_revision(summary, name)
    if getattr(summary, name) == text:
        return current
    check_revision(current, revision)
    setattr(summary, name, text)
    summary.text_revisions = {**summary.text_revisions, name: current + 1}
    finish_change(summary, by)
    return current + 1


def get_text_revision(summary: Summary, name: str) -> int:
    """Return the revision of one of the texts of a record."""
    return summary.text_revisions.get(name, 1)


# --- Questions


def add_question(slug: str, text: str, pids: list[str], *, by: Actor) -> Question:
    """Add a question after the others, about these paragraphs. Raises Invalid without a text."""
    summary = begin_change(slug, by)
    questions = queries.list_questions(summary)
    if len(questions) >= MAX_QUESTIONS:
        msg = "A record has at most 100 questions."
        raise Invalid(msg, field="question")
    question = Question(
        summary_id=summary.id,
        position=max((question.position for question in questions), default=0) + 1,
        revision=1,
        text=_clean_question(text),
        pids=list(dict.fromkeys(pids)),
    )
    session().add(question)
    finish_change(summary, by)
    return question


def save_question(  # noqa: PLR0913  # one for each field of the form
    slug: str, question_id: int, revision: int, text: str, pids: list[str], *, by: Actor
) -> int:
    """Save a question, and return its new revision. Raises Conflict and Invalid as `save_text` does."""
    summary = begin_change(slug, by)
    question = queries.get_question(summary, question_id)
    text, pids = _clean_question(text), list(dict.fromkeys(pids))
    if (question.text, question.pids) == (text, pids):
        return question.revision
    check_revision(question.revision, revision)
    question.text, question.pids = text, pids
    question.revision += 1
    finish_change(summary, by)
    return question.revision


def move_question(slug: str, question_id: int, *, is_up: bool, by: Actor) -> None:
    """Exchange a question with the one above or below it. The first and the last stay in place."""
    summary = begin_change(slug, by)
    questions = queries.list_questions(summary)
    index = next((i for i, question in enumerate(questions) if question.id == question_id), None)
    if index is None:
        queries.get_question(summary, question_id)  # raises NotFound
        return
    other = index - 1 if is_up else index + 1
    if 0 <= other < len(questions):
        questions[index], questions[other] = questions[other], questions[index]
        for place, question in enumerate(questions, 1):
            question.position = place
        finish_change(summary, by)


def delete_question(slug: str, question_id: int, *, by: Actor) -> None:
    """Delete a question that has no positions. Raises Conflict while it has some."""
    summary = begin_change(slug, by)
    question = queries.get_question(summary, question_id)
    if question.positions:
        msg = "Delete the positions of this question first."
        raise Conflict(msg)
    session().delete(question)
    finish_change(summary, by)
    record_event(
        by.label, "summary.question_deleted", f"letter:{summary.letter_id}", question=question_id
    )


# --- Positions


def add_position(slug: str, question_id: int, title: str, body: str = "", *, by: Actor) -> Position:
    """Add a position to a question. Raises Invalid without a title."""
    summary = begin_change(slug, by)
    question = queries.get_question(summary, question_id)
    if len(question.positions) >= MAX_POSITIONS:
        msg = "A question has at most 20 positions."
        raise Invalid(msg, field=f"title-{question_id}")
    now = clock.now()
    position = Position(
        question_id=question.id,
        revision=1,
        title=_clean_title(title, f"title-{question_id}"),
        body=_clean_text(body, "body"),
        created_at=now,
        changed_at=now,
        changed_by=by.name,
    )
    session().add(position)
    finish_change(summary, by)
    return position


def save_position(  # noqa: PLR0913  # one for each field of the form
    slug: str, position_id: int, revision: int, title: str, body: str, *, by: Actor
) -> int:
    """Save title and text of a position, and return its new revision.

    Raises Conflict if another editor saved the position after `revision`, and Invalid.
    """
    summary = begin_change(slug, by)
    position = queries.get_position(summary, position_id)
    title = _clean_title(title, f"title-of-{position_id}")
    body = _clean_text(body, f"body-of-{position_id}")
    if (position.title, position.body) == (title, body):
        return position.revision
    check_revision(position.revision, revision)
    position.title, position.body = title, body
    position.revision += 1
    position.changed_at, position.changed_by = clock.now(), by.name
    finish_change(summary, by)
    return position.revision


def delete_position(slug: str, position_id: int, revision: int, *, by: Actor) -> None:
    """Delete a position with its holders and quotations.

    Raises Conflict if another editor saved it after `revision`.
    """
    summary = begin_change(slug, by)
    position = queries.get_position(summary, position_id)
    check_revision(position.revision, revision)
    for row in queries.list_rows_of_position(position):
        session().delete(row)
    session().flush()
    session().delete(position)
    finish_change(summary, by)
    record_event(
        by.label, "summary.position_deleted", f"letter:{summary.letter_id}", position=position_id
    )


# --- Holders


def add_holder(  # noqa: PLR0913  # one for each field of the form
    slug: str,
    position_id: int,
    *,
    kind: str,
    group: str,
    name: str,
    comment_id: int | None,
    by: Actor,
) -> PositionHolder:
    """Add a holder of a position: a group, an organisation, or a person.

    A person is named by a comment whose author allowed that. Without one, the record prints the
    name only after the person agreed by the link that the site sends. Raises Invalid.
    """
    summary = begin_change(slug, by)
    position = queries.get_position(summary, position_id)
    field = f"holder-{position_id}"
    if kind not in set(HolderKind):
        msg = "Choose the kind of holder."
        raise Invalid(msg, field=field)
    name = clean_single_line(name)
    if comment_id is not None:
        comment = get_quotable_comment(summary, comment_id, field)
        group = comment.stakeholder_group
        if kind != HolderKind.GROUP:
            name = _take_name(comment, HolderKind(kind), field)
    if kind == HolderKind.GROUP:
        name = ""
    elif not name:
        msg = "Enter the name of the holder."
        raise Invalid(msg, field=field)
    if len(name) > MAX_NAME_LENGTH:
        msg = "This name is too long."
        raise Invalid(msg, field=field)
    if kind == HolderKind.GROUP and not group:
        msg = "Choose a stakeholder group."
        raise Invalid(msg, field=field)
    if queries.has_holder(position, kind, group=group, name=name):
        msg = "This holder is in the list already."
        raise Invalid(msg, field=field)
    holder = PositionHolder(
        position_id=position.id,
        kind=HolderKind(kind),
        stakeholder_group=group,
        name=name,
        comment_id=comment_id,
    )
    session().add(holder)
    finish_change(summary, by)
    return holder


def remove_holder(slug: str, position_id: int, holder_id: int, *, by: Actor) -> None:
    """Remove a holder with their answer. The audit log keeps that they were removed."""
    summary = begin_change(slug, by)
    holder = queries.get_holder(queries.get_position(summary, position_id), holder_id)
    session().delete(holder)
    finish_change(summary, by)
    record_event(
        by.label,
        "summary.holder_removed",
        f"letter:{summary.letter_id}",
        position=position_id,
        answer=str(holder.sign_off),
    )


# --- Comments that positions rest on


def add_comment(slug: str, position_id: int, comment_id: int, *, by: Actor) -> PositionComment:
    """Let a position rest on a comment. A comment that is there already stays as it is.

    Raises Invalid if the comment cannot be part of the record.
    """
    summary = begin_change(slug, by)
    position = queries.get_position(summary, position_id)
    comment = _get_countable_comment(summary, comment_id, f"comment-{comment_id}")
    row = queries.find_evidence(position.id, comment.id)
    if row is None:
        row = PositionComment(
            position_id=position.id,
            comment_id=comment.id,
            comment_version=comment.version,
            quotation="",
            added_at=clock.now(),
        )
        session().add(row)
        finish_change(summary, by)
    return row


def quote_comment(
    slug: str, position_id: int, comment_id: int, quotation: str, *, by: Actor
) -> PositionComment:
    """Print words of a comment under a position. An empty quotation removes them.

    Raises Invalid if they are not words of the comment, or if its author asked only to be counted.
    """
    summary = begin_change(slug, by)
    position = queries.get_position(summary, position_id)
    field = f"quotation-{position_id}-{comment_id}"
    quotation = clean_multiline(quotation).strip()
    if quotation:
        comment = get_quotable_comment(summary, comment_id, field)
        if not policy.is_quotation_of_comment(quotation, comment.body, comment.body_html):
            msg = "These are not the words of the comment. Copy them unchanged, with […] where words are left out."
            raise Invalid(msg, field=field)
    else:
        comment = _get_countable_comment(summary, comment_id, field)
    row = queries.find_evidence(position.id, comment.id)
    if row is None:
        row = PositionComment(position_id=position.id, comment_id=comment.id, added_at=clock.now())
        session().add(row)
    row.quotation, row.comment_version = quotation, comment.version
    finish_change(summary, by)
    return row


def remove_comment(slug: str, position_id: int, comment_id: int, *, by: Actor) -> None:
    """Take a comment and its quotation out of a position."""
    summary = begin_change(slug, by)
    position = queries.get_position(summary, position_id)
    row = queries.find_evidence(position.id, comment_id)
    if row is not None:
        session().delete(row)
        finish_change(summary, by)


def erase_quotations(before: datetime) -> int:
    """Delete quotations of comments that are erased. Return how many there were."""
    rows = queries.list_quotations_of_erased(before)
    for row in rows:
        row.quotation = ""
    return len(rows)


def withhold_quotations(before: datetime) -> int:
    """Take redacted words out of the quotations of drafts. Return how many quotations have changed.

    The editors see which, and cannot publish the record before they quote the comment again.
    """
    rows = queries.list_quotations_of_redacted(before)
    for row in rows:
        row.quotation = policy.WITHHELD_QUOTATION
    return len(rows)


# --- Parts, also for the sibling packages


def begin_change(slug: str, by: Actor) -> Summary:
    """Lock and return the record of a letter, for an editor of all of its letters."""
    letter = letter_queries.get_any_letter(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    summary = summary_queries.get_summary_for_update(letter.id)
    require_writer(summary, by)
    return summary


def finish_change(summary: Summary, by: Actor) -> None:
    """Record the change. Saves of one editor that follow each other are one entry of the log."""
    now = clock.now()
    is_continued = summary.changed_by == by.name and now - summary.changed_at < EDITING_PAUSE
    summary.changed_at, summary.changed_by = now, by.name
    session().flush()
    if not is_continued:
        record_event(by.label, "summary.edited", f"letter:{summary.letter_id}")


def _finish_choice(summary: Summary, by: Actor) -> Summary:
    summary.revision += 1
    finish_change(summary, by)
    return summary


def check_revision(current: int, revision: int) -> None:
    """Raise Conflict if a text was saved after the revision that an editor's page is based on."""
    if current != revision:
        msg = "Another editor saved this after you opened it. Nothing is lost: both texts are still here."
        raise Conflict(msg)


def _check_letter(letter: Letter) -> None:
    """Raise Conflict if a letter cannot become part of a record."""
    if letter.state not in PUBLIC_STATES:
        msg = "A record of positions is written about comments, so the letter has to be published first."
        raise Conflict(msg)
    if summary_queries.find_records_with(letter.id):
        msg = "This letter is part of a record of positions already."
        raise Conflict(msg)


def _find_further_letter(text: str, summary: Summary) -> Letter:
    """Return the letter with this slug, or with this address on the site."""
    slug = clean_single_line(text).rstrip("/").rpartition("/")[2]
    letter = letter_queries.find_by_any_slug(slug)
    if letter is None or letter.id == summary.letter_id:
        msg = "Enter the address of another letter of this site, as “/letters/its-name”."
        raise Invalid(msg, field="letters")
    return letter


def _get_countable_comment(summary: Summary, comment_id: int, field: str) -> Comment:
    """Return a comment that a position may rest on."""
    comment = get_comment(comment_id)
    if comment.letter_id not in summary_queries.list_letter_ids(summary):
        msg = "This comment is about another letter."
        raise Invalid(msg, field=field)
    if comment.state != CommentState.PUBLISHED:
        msg = "This comment is not published, so it cannot be part of the record."
        raise Invalid(msg, field=field)
    if comment.is_staff_reply:
        msg = "This is a reply by the staff. It is no comment of a stakeholder group."
        raise Invalid(msg, field=field)
    if comment.is_late:
        msg = "This comment was sent after the closing time. The record lists late comments apart."
        raise Invalid(msg, field=field)
    return comment


def get_quotable_comment(summary: Summary, comment_id: int, field: str) -> Comment:
    """Return a comment that a record may quote."""
    comment = _get_countable_comment(summary, comment_id, field)
    if comment.quote_as == QuoteConsent.COUNT:
        msg = "The author of this comment asked only to be counted, so it cannot be quoted."
        raise Invalid(msg, field=field)
    return comment


def _take_name(comment: Comment, kind: HolderKind, field: str) -> str:
    """Return the name of a comment's author or organisation. Raises Invalid if it may not be printed."""
    if comment.quote_as != QuoteConsent.NAME:
        msg = "The author of this comment did not agree to be named. Add the group as the holder instead."
        raise Invalid(msg, field=field)
    if not (name := find_printable_name(comment, kind)):
        msg = "The author of this comment named no organisation."
        raise Invalid(msg, field=field)
    return name


def _clean_text(text: str, field: str) -> str:
    text = clean_multiline(text).strip()
    if len(text) > MAX_TEXT_LENGTH:
        msg = "This text is too long. Shorten it to 100,000 characters."
        raise Invalid(msg, field=field)
    return text


def _clean_question(text: str) -> str:
    text = clean_single_line(text)
    if not text:
        msg = "Enter the question."
        raise Invalid(msg, field="question")
    if len(text) > MAX_QUESTION_LENGTH:
        msg = "Shorten the question to 500 characters."
        raise Invalid(msg, field="question")
    return text


def _clean_title(title: str, field: str) -> str:
    title = clean_single_line(title)
    if not title:
        msg = "Enter a title for the position."
        raise Invalid(msg, field=field)
    if len(title) > MAX_TITLE_LENGTH:
        msg = "Shorten the title to 200 characters."
        raise Invalid(msg, field=field)
    return title
