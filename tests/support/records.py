"""Records of positions, written into the tables directly: that of a whole consultation, or bare ones.

`seed_consultation` stores a record with all its parts, which `publish_record` publishes as an editor
does. `store_record` stores a bare one, and `store_version` a version of it without the checks.
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from unittest import mock

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.sanitizer import SANITIZER_VERSION, render_comment_html
from commentsite.comments.states import CommentState, QuoteConsent
from commentsite.db.session import session, transaction
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_any_letter, get_public_letter
from commentsite.summaries.compilation.builder import SiteGroups, build_report
from commentsite.summaries.compilation.contributors import stream_contributors
from commentsite.summaries.holders.policy import hash_position_text
from commentsite.summaries.inquiries.policy import INQUIRY_WINDOW
from commentsite.summaries.models import (
    Alternative,
    CommentUseRecord,
    Objection,
    Position,
    PositionComment,
    PositionHolder,
    Question,
    Summary,
    SummaryVersion,
)
from commentsite.summaries.publication.services import publish_version
from commentsite.summaries.report.serialisation import (
    convert_report,
    hash_document,
    pack_contributors,
)
from commentsite.summaries.states import (
    AlternativeStatus,
    CommentUse,
    HolderKind,
    OrderRule,
    Outcome,
    SignOff,
)
from tests.support.clients import fetch_page
from tests.support.comment_positions import list_pids
from tests.support.factories import publish_sample_letter

GROUPS = ("GOV", "BUS", "CIV", "TEC", "ACA", "IGO", "MED", "IND", "UND")
START = datetime(2026, 2, 1, 9, tzinfo=UTC)
WITHHELD = "Never Named"  # the name of each author who did not agree to be named
WITHHELD_ORGANISATION = "Office of the Unnamed"
ONLY_COUNTED = "These words may only be counted."
INQUIRIES = "/letters/hello/summary/inquiries"
BARE_TITLES = ("The library pays", "The users pay")
BARE_TEXTS = (
    "The room stays free, and the library pays for it out of its budget.",
    "The room is kept by those who use it, and each pays a small fee.",
)


@dataclass(frozen=True)
class Words:
    """The texts of a record in one language."""

    language: str
    overview: str
    question: str
    titles: tuple[str, str]
    bodies: tuple[str, str]
    comment: str
    quotation: str
    limits: str


ENGLISH = Words(
    "en",
    "Forty people wrote. **Two** positions remained, and both are printed here.",
    "Should the annex list every proposal?",
    ("List every proposal", "List agreed proposals only"),
    (
        "The annex should list every proposal, with its author and its reasons, so that readers can judge.",
        "The annex should list agreed proposals only, because a list of everything hides what was agreed upon.",
    ),
    "I read the draft twice and I would keep the whole list in it.",
    "I would keep the whole list",
    "People chose themselves whether to comment.",
)
ARABIC = Words(
    "ar",
    "كتب أربعون شخصا وبقي موقفان وهما مطبوعان هنا.",
    "هل يذكر الملحق كل مقترح؟",
    ("ذكر كل مقترح", "ذكر المقترحات المتفق عليها"),
    (
        "ينبغي أن يذكر الملحق كل مقترح مع صاحبه وأسبابه حتى يحكم القراء.",
        "ينبغي أن يذكر الملحق المتفق عليه وحده لأن القائمة الطويلة تخفي الاتفاق.",
    ),
    "قرأت المسودة مرتين وأود أن تبقى القائمة كاملة.",
    "أن تبقى القائمة كاملة",
    "اختار الناس بأنفسهم أن يعلقوا.",
)
CHINESE = Words(
    "zh",
    "四十人来信。仍有两种立场，均印于此。",
    "附件应否列出每项建议？",
    ("列出每项建议", "只列出商定建议"),
    (
        "附件应列出每项建议及其作者和理由，以便读者自行判断。",
        "附件应只列出商定的建议，因为冗长的清单会掩盖共识。",
    ),
    "我读了两遍草案，我会保留整个清单。",
    "我会保留整个清单",
    "人们自行选择是否评论。",
)


def seed_consultation(
    words: Words = ENGLISH,
    *,
    slug: str = "annex",
    comments: int = 40,
    outcome: Outcome = Outcome.NO_REPORT,
) -> int:
    """Publish a letter with comments of every consent, and return the id of its unpublished record.

    Comment 1 of each ten may only be counted, comments 2 to 5 only with the group. Every eighth
    comment is late. Three people sent one text.
    """
    publish_sample_letter(slug, language=words.language)
    with transaction():
        letter = get_public_letter(slug)
        pids = list_pids(slug)
        written = [_write_comment(letter, number, words) for number in range(comments)]
        session().add_all(written)
        session().flush()
        for number, comment in enumerate(written):
            session().add(CommentTarget(comment_id=comment.id, position=0, pid=pids[number % 3]))
        campaign = [comment for comment in written if comment.body_hash == _hash("one text")]
        for comment in campaign:
            comment.campaign_id = campaign[0].id
        letter.published_comment_count = len(written)
        summary = _write_record(letter, words, written, pids, outcome)
        session().add(summary)
        session().flush()
        _write_register(summary, letter, written, pids)
        return summary.id


def publish_record(summary_id: int, note: str = "") -> None:
    with transaction():
        publish_version(summary_id, by=SYSTEM, groups=SiteGroups(GROUPS, GROUPS), change_note=note)


def store_record(slug: str = "hello") -> Summary:
    """Store a record with a question and two positions on it, without holders."""
    now = clock.now()
    with transaction():
        summary = Summary(letter_id=get_any_letter(slug).id, created_at=now, changed_at=now)
        summary.questions = [
            Question(
                position=0,
                text="Who pays for the quiet room?",
                positions=[
                    Position(title=title, body=text, created_at=now, changed_at=now)
                    for title, text in zip(BARE_TITLES, BARE_TEXTS, strict=True)
                ],
            )
        ]
        session().add(summary)
    return summary


def store_holder(position: Position, kind: HolderKind = HolderKind.ORGANISATION, **fields) -> int:
    """Store a holder of a position and return its id."""
    given = {"name": "Open Networks", "stakeholder_group": "CIV"} | fields
    with transaction():
        holder = PositionHolder(position_id=position.id, kind=kind, **given)
        session().add(holder)
        session().flush()
        return holder.id


def store_version(summary_id: int) -> int:
    """Store the next version of a record, without the conditions for publishing. Return its number."""
    now = clock.now()
    with transaction():
        summary = session().get_one(Summary, summary_id)
        summary.outcome = Outcome.NO_REPORT
        number = (summary.published_version or 0) + 1
        session().flush()
        built = build_report(
            summary_id, groups=SiteGroups(GROUPS, GROUPS), cut_off=now, version=number
        )
        content = convert_report(built.report)
        contributors = pack_contributors(stream_contributors(built.contributors))
        session().add(
            SummaryVersion(
                summary_id=summary_id,
                number=number,
                outcome=built.report.outcome,
                language=built.report.language,
                content=content,
                contributors=contributors,
                sha256=hash_document(content, contributors),
                published_by="Edda Editor",
                published_at=now,
                inquiries_until=now + INQUIRY_WINDOW,
            )
        )
        summary.published_version = number
        bump_page_version(session().get_one(Letter, summary.letter_id))
    return number


def ask_for_correction(client, *, age: float = 30, headers=None, **changes):
    """Send the form of an inquiry, which was served some seconds ago, and return the response."""
    now = time.time

    def earlier():
        return now() - age

    with mock.patch.object(time, "time", earlier):
        page = fetch_page(client, INQUIRIES)
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    fields = {
        "name": "Ines Inquirer",
        "email": "ines@example.org",
        "stakeholder_group": "ACA",
        "organisation": "",
        "body": "The second sentence is not what paragraph 3 says.",
        "form_token": token[1] if token else "",
        "nickname": "",
    }
    return client.post(INQUIRIES, data=fields | changes, headers=headers)


def _write_comment(letter: Letter, number: int, words: Words) -> Comment:
    consent = QuoteConsent.NAME
    if number % 10 == 1:
        consent = QuoteConsent.COUNT
    elif number % 10 in {2, 3, 4, 5}:
        consent = QuoteConsent.GROUP
    is_named = consent == QuoteConsent.NAME
    is_campaign = number in {6, 16, 26}
    body = f"{words.comment} {number}"
    if consent == QuoteConsent.COUNT:
        body = f"{ONLY_COUNTED} {number}"
    if is_campaign:
        body = "A text that several people sent."
    moment = START + timedelta(hours=number)
    return Comment(
        letter_id=letter.id,
        letter_version=1,
        state=CommentState.PUBLISHED,
        name=f"Reader {number}" if is_named else WITHHELD,
        stakeholder_group=GROUPS[number % 5],
        organisation=("=Open Net" if is_named else WITHHELD_ORGANISATION)
        if number % 7 == 0
        else "",
        capacity="on_behalf_of" if number % 7 == 0 else "personal",
        quote_as=consent,
        kind="omission" if number % 6 == 0 else "paragraph",
        stance=("support", "oppose", "support_with_changes")[number % 3],
        is_late=number % 8 == 7,
        body=body,
        body_html=render_comment_html(body),
        body_hash=_hash("one text" if is_campaign else f"text {number}"),
        sanitizer_version=SANITIZER_VERSION,
        rules_version=1,
        email_hash=_hash(f"person {number}"),
        submitted_at=moment,
        changed_at=moment,
        published_at=moment,
        receipt_hash=_hash(f"receipt {letter.id} {number}"),
        receipt_sealed=b"",
    )


def _write_record(
    letter: Letter, words: Words, comments: list[Comment], pids: list[str], outcome: Outcome
) -> Summary:
    question = Question(
        position=0,
        text=words.question,
        pids=pids[:1],
        positions=[
            _write_position(words, 0, [comments[0], comments[2]]),
            _write_position(words, 1, [comments[8], comments[12]]),
        ],
    )
    return Summary(
        letter_id=letter.id,
        language=words.language,
        outcome=outcome,
        outcome_note="The positions stand side by side.",
        overview=words.overview,
        comments_summary="Most comments speak about the annex.",
        analysis="Both positions can be served by a second annex.",
        omissions="Several comments miss a list of sources.",
        limits=words.limits,
        order_rule=OrderRule.FIRST_STATED,
        created_at=START,
        changed_at=START,
        questions=[question],
    )


def _write_position(words: Words, index: int, comments: list[Comment]) -> Position:
    title, body = words.titles[index], words.bodies[index]
    has_signed = index == 0
    return Position(
        title=title,
        body=body,
        created_at=START,
        changed_at=START,
        holders=[
            PositionHolder(
                kind=HolderKind.GROUP,
                stakeholder_group=("CIV", "GOV")[index],
                asked_at=START,
                sign_off=SignOff.FAIR if has_signed else SignOff.NONE,
                signed_hash=hash_position_text(title, body) if has_signed else "",
            ),
            PositionHolder(
                kind=HolderKind.PERSON,
                stakeholder_group="CIV",
                name=comments[1].name,
                comment_id=comments[1].id,
            ),
        ],
        comments=[
            PositionComment(
                comment_id=comment.id,
                comment_version=1,
                quotation=words.quotation if words.quotation in comment.body else "",
                added_at=START,
            )
            for comment in comments
        ],
    )


def _write_register(
    summary: Summary, letter: Letter, comments: list[Comment], pids: list[str]
) -> None:
    session().add_all(
        [
            Objection(letter_id=letter.id, comment_id=comments[9].id, pids=pids[:1], recorded_at=START),
            Objection(letter_id=letter.id, comment_id=comments[21].id, recorded_at=START),
            CommentUseRecord(
                summary_id=summary.id, comment_id=comments[10].id, use=CommentUse.NOT_USED,
                reason="-It speaks about another letter.", decided_by="Edda", decided_at=START,
            ),
            Alternative(
                summary_id=summary.id, letter_id=letter.id, pid=pids[1], label="Alt 1",
                text="The second paragraph in other words.", proposer_group="BUS",
                status=AlternativeStatus.BRACKETED, created_at=START,
            ),
        ]
    )  # fmt: skip


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
