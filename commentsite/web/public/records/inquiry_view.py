"""View model of the inquiries about a record of positions, for the register and for the page of the record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from commentsite import clock
from commentsite.letters.models import Letter
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.compilation.queries import count_pseudonymous_people
from commentsite.summaries.holders import queries as holder_queries
from commentsite.summaries.holders.policy import hash_position_text
from commentsite.summaries.holders.queries import HolderAnswer
from commentsite.summaries.inquiries import queries as inquiry_queries
from commentsite.summaries.inquiries.policy import (
    find_answer_deadline,
    is_open_for_inquiries,
    is_overdue,
)
from commentsite.summaries.models import Inquiry
from commentsite.summaries.queries import VersionFacts
from commentsite.summaries.report.authors import can_quote, describe_holder
from commentsite.summaries.states import InquiryState, SignOff
from commentsite.web.public.records.words import name_holder
from commentsite.web.rendering.filters import format_day, get_group_label, join_list
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import INQUIRY_RESULT_LABELS


@dataclass(frozen=True)
class InquiryRow:
    """An inquiry as readers see it, with its answer."""

    id: int
    name: str
    affiliation: str
    asked_at: datetime
    version: str  # in words, the one that it is about
    body: str
    state: str  # in words
    look: str  # a CSS class
    answer: str
    answered_by: str
    answered_at: datetime | None
    changed_version: int | None  # that has the correction
    changed_url: str  # of that version, or ""


@dataclass(frozen=True)
class LateAnswerRow:
    """An answer that a holder gave after the version was published."""

    sentence: str
    note: str
    signed_at: datetime
    look: str


@dataclass(frozen=True)
class InquiryRegister:
    """The inquiries about a record, with what readers can do now. Addresses are those of pages."""

    record_url: str
    url: str  # of the register and its form
    is_open: bool
    period: str  # until when a correction can be asked for, or since when no longer
    rows: tuple[InquiryRow, ...]
    late_heading: str
    late_answers: tuple[LateAnswerRow, ...]


def build_register(letter: Letter) -> InquiryRegister | None:
    """Return the register of the record of a letter, or None if no version of it is published."""
    summary = summary_queries.find_summary(letter.id)
    version = summary_queries.find_latest_version(summary.id) if summary else None
    if summary is None or version is None:
        return None
    is_open = is_open_for_inquiries(version)
    day = format_day(version.inquiries_until)
    return InquiryRegister(
        record_url=url_for("records.show", slug=letter.slug),
        url=url_for("record_inquiries.show", slug=letter.slug),
        is_open=is_open,
        period=_("Anyone can ask for a correction until %(day)s.", day=day)
        if is_open
        else _("A correction of this record could be asked for until %(day)s.", day=day),
        rows=tuple(
            _build_row(inquiry, letter)
            for inquiry in inquiry_queries.list_public_inquiries(summary.id)
        ),
        late_heading=_("Answers of holders after version %(n)d", n=version.number),
        late_answers=_list_late_answers(
            summary.id, summary_queries.list_letter_ids(summary), version
        ),
    )


def _build_row(inquiry: Inquiry, letter: Letter) -> InquiryRow:
    state, look = _describe_state(inquiry)
    changed = inquiry.changed_in_version
    group = get_group_label(inquiry.stakeholder_group)
    return InquiryRow(
        id=inquiry.id,
        name=inquiry.name or _("Name deleted"),
        affiliation=join_list(part for part in (group, inquiry.organisation) if part),
        asked_at=inquiry.asked_at,
        version=_("About version %(n)d", n=inquiry.version_number),
        body=inquiry.body,
        state=state,
        look=look,
        answer=inquiry.answer,
        answered_by=inquiry.answered_by,
        answered_at=inquiry.closed_at,
        changed_version=changed,
        changed_url=url_for("records.show_version", slug=letter.slug, number=changed)
        if changed
        else "",
    )


def _describe_state(inquiry: Inquiry) -> tuple[str, str]:
    if inquiry.state == InquiryState.ANSWERED:
        return str(INQUIRY_RESULT_LABELS[inquiry.result]), "good"
    day = format_day(find_answer_deadline(inquiry))
    if is_overdue(inquiry):
        return _("The answer was due on %(day)s.", day=day), "wait"
    return _("The editors answer by %(day)s.", day=day), "quiet"


def _list_late_answers(
    summary_id: int, letter_ids: Collection[int], version: VersionFacts
) -> tuple[LateAnswerRow, ...]:
    """List the answers about the text of the published version. Those about a later draft wait for it."""
    answers = holder_queries.list_answers_since(summary_id, version.published_at)
    if not answers:
        return ()
    texts = holder_queries.load_version_texts(summary_id, version.number)
    people = count_pseudonymous_people(letter_ids, clock.now())
    return tuple(
        _build_late_answer(answer, people)
        for answer in answers
        if answer.holder.position_id in texts
        and answer.holder.signed_hash == hash_position_text(*texts[answer.holder.position_id])
    )


def _build_late_answer(answer: HolderAnswer, people: Mapping[str, int]) -> LateAnswerRow:
    holder = answer.holder
    author = describe_holder(holder, answer.comment, people)
    name = name_holder(holder.kind, author.name, author.stakeholder_group)
    values = {"holder": name, "position": answer.position_title}
    is_fair = holder.sign_off == SignOff.FAIR
    return LateAnswerRow(
        sentence=_("%(holder)s: “%(position)s” is stated fairly.", **values)
        if is_fair
        else _("%(holder)s: “%(position)s” is not stated fairly.", **values),
        note=holder.sign_off_note if answer.comment is None or can_quote(answer.comment) else "",
        signed_at=answer.signed_at,
        look="good" if is_fair else "stop",
    )
