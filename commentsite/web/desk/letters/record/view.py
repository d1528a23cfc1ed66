"""Work out what the workbench of a record of positions shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from flask import url_for

from commentsite.comments.campaigns.queries import DuplicateCount, count_duplicates
from commentsite.comments.states import (
    CommentKind,
    CommentState,
    QuoteConsent,
    Stance,
)
from commentsite.db.pagination import MAX_COUNT
from commentsite.letters.models import Letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.site.queries import Site
from commentsite.summaries.alternatives.queries import list_alternatives
from commentsite.summaries.alternatives.services import CHOSEN_STATUSES
from commentsite.summaries.holders.policy import hash_position_text
from commentsite.summaries.models import (
    Alternative,
    CommentUseRecord,
    Position,
    Question,
    Summary,
)
from commentsite.summaries.positions import policy, queries
from commentsite.summaries.positions.queries import (
    OMISSIONS,
    UNUSED,
    WHOLE_LETTER,
    CommentChoice,
    EvidenceFacts,
    EvidenceRow,
    WorkbenchComment,
)
from commentsite.summaries.positions.services import TEXT_FIELDS, get_text_revision
from commentsite.summaries.states import AlternativeStatus, OrderRule, Outcome
from commentsite.web.desk.letters.language_choices import (
    LanguageChoice,
    build_language_choices,
)
from commentsite.web.desk.letters.record.holders import HolderRow, build_holder_row
from commentsite.web.desk.letters.record.uses import UseForm, build_use_form
from commentsite.web.public.records.words import show_wording
from commentsite.web.rendering.filters import get_group_label, join_list
from commentsite.web.rendering.i18n import format_number, ngettext
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import (
    ALTERNATIVE_STATUS_LABELS,
    COMMENT_KIND_LABELS,
    COMMENT_USE_LABELS,
    ORDER_RULE_LABELS,
    OUTCOME_LABELS,
    STANCE_LABELS,
)

MAX_KEYS = 9  # positions with a number key
MAX_SHOWN_COMMENTS = 20  # of a position, without a quotation
LONG_HTML = 900  # characters of a comment that the list folds
NAMED_KINDS = frozenset(
    {CommentKind.OMISSION, CommentKind.QUESTION}
)  # the others are seen by their paragraphs


@dataclass(frozen=True)
class Option:
    """A choice of a list, with whether it is the present one."""

    value: str
    label: str
    is_selected: bool
    section: str = ""  # the title of the letter that a paragraph belongs to, if there are several


@dataclass(frozen=True)
class PositionRef:
    """A position as the list of comments names it."""

    id: int
    key: str  # the number key that adds a comment to it, or ""
    letter: str  # "A" for the first of its question, in the order in which they were added
    title: str

    @property
    def name(self) -> str:
        return str(_("%(letter)s. %(title)s", letter=self.letter, title=self.title))


@dataclass(frozen=True)
class CommentView:
    """A comment in the list, with the uses that the record makes of it."""

    comment: WorkbenchComment
    group: str
    kind: str  # in words, of an omission or a question, or ""
    stance: str  # a sentence part, or ""
    paragraphs: tuple[tuple[str, str], ...]  # label and stance of each paragraph
    letter_title: str  # if there are several letters
    people: int  # who sent this text
    groups: str  # of the further people, in words
    positions: tuple[PositionRef, ...]
    mark: CommentUseRecord | None
    is_quotable: bool
    can_add: bool
    use_form: UseForm

    @property
    def use(self) -> str:
        """Return the mark of the editor in words, or an empty string."""
        return str(COMMENT_USE_LABELS[self.mark.use]) if self.mark else ""

    @property
    def is_used(self) -> bool:
        return bool(self.positions or self.mark)

    @property
    def is_long(self) -> bool:
        """Return whether the list shows only the beginning of the text at first."""
        return len(self.comment.body_html) > LONG_HTML


@dataclass(frozen=True)
class EvidenceView:
    """A comment that a position rests on."""

    comment_id: int
    author: str
    quotation: str
    address: str
    problem: str  # why it cannot be printed as it is, or ""


@dataclass(frozen=True)
class PositionView:
    position: Position
    ref: PositionRef
    words: int
    share: int  # of the length of the longest position of the question, in percent
    holders: tuple[HolderRow, ...]
    quotations: tuple[EvidenceView, ...]
    others: tuple[EvidenceView, ...]  # without a quotation, at most MAX_SHOWN_COMMENTS
    more: int  # further ones without a quotation
    facts: EvidenceFacts


@dataclass(frozen=True)
class QuestionView:
    question: Question
    number: int
    paragraphs: str  # in words
    options: tuple[Option, ...]  # the paragraphs that it can be about
    positions: tuple[PositionView, ...]
    ratio: float | None
    balance: str  # a sentence, or "" for fewer than two positions
    is_balanced: bool
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class TextView:
    """One of the texts of the record itself."""

    name: str
    label: str
    hint: str
    text: str
    revision: int
    rows: int


@dataclass(frozen=True)
class AlternativeView:
    alternative: Alternative
    paragraph: str
    proposer: str
    shown: str  # with the square brackets of text that is not agreed
    can_change: bool
    statuses: tuple[Option, ...]


@dataclass(frozen=True)
class CommentList:
    """One page of the comments, with the filters over it."""

    comments: tuple[CommentView, ...]
    chosen: CommentChoice
    next_url: str
    first_url: str  # empty on the first page
    total: str  # in words
    unused: str  # in words
    unused_url: str
    paragraphs: tuple[Option, ...]
    groups: tuple[Option, ...]
    stances: tuple[Option, ...]
    uses: tuple[Option, ...]
    address: str  # of this page with its filters


@dataclass(frozen=True)
class _Loaded:
    """The parts of a record that several parts of the page need."""

    summary: Summary
    letters: tuple[Letter, ...]
    labels: Mapping[str, "ParagraphLabel"]
    refs: tuple[PositionRef, ...]


@dataclass(frozen=True)
class RecordView:
    summary: Summary
    letters: tuple[Letter, ...]
    list: CommentList
    questions: tuple[QuestionView, ...]
    positions: tuple[PositionRef, ...]
    alternatives: tuple[AlternativeView, ...]
    paragraphs: tuple[Option, ...]
    outcomes: tuple[Option, ...]
    orders: tuple[Option, ...]
    texts: tuple[TextView, ...]
    outcome_note: TextView
    groups: tuple[Option, ...]  # for forms
    further_letters: str  # their addresses, one on each line
    languages: tuple[LanguageChoice, ...]


def build_record_view(
    summary: Summary, chosen: CommentChoice, after: int | None, site: Site
) -> RecordView:
    """Build the whole page, with one page of the comments that are chosen."""
    letters = queries.list_letters(summary)
    labels = _map_paragraphs(letters)
    questions = _build_questions(summary, labels)
    refs = tuple(view.ref for question in questions for view in question.positions)
    return RecordView(
        summary=summary,
        letters=tuple(letters),
        list=_build_list(_Loaded(summary, tuple(letters), labels, refs), chosen, after, site),
        questions=questions,
        positions=refs,
        alternatives=_build_alternatives(summary, labels),
        paragraphs=_offer_paragraphs(labels, ()),
        outcomes=tuple(
            Option(outcome, str(OUTCOME_LABELS[outcome]), summary.outcome == outcome)
            for outcome in Outcome
        ),
        orders=_offer_orders(summary),
        texts=tuple(_build_text(summary, name) for name in TEXT_FIELDS if name != "outcome_note"),
        outcome_note=_build_text(summary, "outcome_note"),
        groups=tuple(
            Option(code, label, is_selected=False) for code, label in site.offered_groups.items()
        ),
        further_letters="\n".join(f"/letters/{one.slug}" for one in letters[1:]),
        languages=build_language_choices(summary.language),
    )


def build_comment_view(
    summary: Summary, comment_id: int
) -> tuple[CommentView | None, tuple[PositionRef, ...]]:
    """Build one comment of the list anew, after a change of its uses, and the positions to choose from."""
    letters = queries.list_letters(summary)
    labels = _map_paragraphs(letters)
    questions = _build_questions(summary, labels)
    refs = tuple(view.ref for question in questions for view in question.positions)
    comments = queries.load_comments([comment_id])
    views = _build_comments(_Loaded(summary, tuple(letters), labels, refs), comments)
    return (views[0] if views else None), refs


def build_position_view(summary: Summary, position_id: int) -> PositionView | None:
    """Build one position anew, after a change of its comments."""
    labels = _map_paragraphs(queries.list_letters(summary))
    for question in _build_questions(summary, labels):
        for view in question.positions:
            if view.position.id == position_id:
                return view
    return None


def describe_unused(summary: Summary, letter_ids: Sequence[int]) -> str:
    """Say how many texts are not used yet."""
    count = queries.count_comments(summary, letter_ids, CommentChoice(use=UNUSED))
    if count > MAX_COUNT:
        return str(_("More than %(n)s not yet used", n=format_number(MAX_COUNT)))
    if not count:
        return str(_("All are used"))
    return str(ngettext("%(num)d not yet used", "%(num)d not yet used", count))


# --- Paragraphs


@dataclass(frozen=True)
class ParagraphLabel:
    letter_id: int
    label: str  # the number that readers see
    title: str  # of the letter, if there are several


def _map_paragraphs(letters: Sequence[Letter]) -> dict[str, ParagraphLabel]:
    return {
        block.pid: ParagraphLabel(
            letter.id, block.label or "", letter.title if len(letters) > 1 else ""
        )
        for letter in letters
        for block in list_current_blocks(letter)
        if block.pid
    }


def _name_paragraph(labels: Mapping[str, ParagraphLabel], pid: str) -> str:
    if pid not in labels:
        return str(_("a paragraph of an earlier version"))
    return str(_("paragraph %(label)s", label=labels[pid].label))


def _offer_paragraphs(
    labels: Mapping[str, ParagraphLabel], chosen: Sequence[str]
) -> tuple[Option, ...]:
    return tuple(
        Option(pid, label.label, pid in chosen, label.title) for pid, label in labels.items()
    )


# --- The list of comments


def _build_list(
    loaded: _Loaded, chosen: CommentChoice, after: int | None, site: Site
) -> CommentList:
    summary, labels = loaded.summary, loaded.labels
    ids = [one.id for one in loaded.letters]
    slug = loaded.letters[0].slug
    page = queries.load_comment_page(summary, ids, chosen, after=after)
    counts = queries.count_by_paragraph(ids)
    by_group = queries.count_by_group(ids)

    def address(**changes: object) -> str:
        values = {**chosen.__dict__, **changes}
        kept = {name: value for name, value in values.items() if value}
        return url_for("desk_record.show", slug=slug, **kept)

    total = queries.count_comments(summary, ids, chosen)
    return CommentList(
        comments=_build_comments(loaded, page.comments),
        chosen=chosen,
        next_url=address(after=page.next_after) if page.next_after else "",
        first_url=address() if after else "",
        total=str(_("More than 1,000 texts"))
        if total > MAX_COUNT
        else str(ngettext("%(num)d text", "%(num)d texts", total)),
        unused=describe_unused(summary, ids),
        unused_url=url_for("desk_record.show", slug=slug, use=UNUSED, _anchor="comments"),
        paragraphs=_offer_places(labels, counts, chosen.paragraph),
        groups=tuple(
            Option(code, _with_count(label, by_group.get(code, 0)), chosen.group == code)
            for code, label in site.groups.items()
            if code in site.offered_groups or by_group.get(code)
        ),
        stances=tuple(
            Option(code, str(label), chosen.stance == code) for code, label in STANCE_LABELS.items()
        ),
        uses=(
            Option(UNUSED, str(_("not yet used")), chosen.use == UNUSED),
            *(
                Option(use, str(label), chosen.use == use)
                for use, label in COMMENT_USE_LABELS.items()
            ),
        ),
        address=address(after=after),
    )


def _offer_places(
    labels: Mapping[str, ParagraphLabel], counts: Mapping[str, int], chosen: str
) -> tuple[Option, ...]:
    special = (
        Option(WHOLE_LETTER, str(_("the letter as a whole")), chosen == WHOLE_LETTER),
        Option(OMISSIONS, str(_("what the letter leaves out")), chosen == OMISSIONS),
    )
    places = tuple(
        Option(
            pid,
            _with_count(_name_paragraph(labels, pid), counts.get(pid, 0)),
            chosen == pid,
            label.title,
        )
        for pid, label in labels.items()
    )
    return special + places


def _with_count(label: str, count: int) -> str:
    return str(_("%(label)s (%(count)s)", label=label, count=format_number(count)))


def _build_comments(
    loaded: _Loaded, comments: Sequence[WorkbenchComment]
) -> tuple[CommentView, ...]:
    labels, letters = loaded.labels, loaded.letters
    ids = [comment.id for comment in comments]
    uses, duplicates = queries.load_uses(loaded.summary, ids), count_duplicates(ids)
    by_id = {ref.id: ref for ref in loaded.refs}
    titles = {letter.id: letter.title for letter in letters} if len(letters) > 1 else {}
    return tuple(
        CommentView(
            comment=comment,
            group=get_group_label(comment.stakeholder_group),
            kind=str(COMMENT_KIND_LABELS[comment.kind]) if comment.kind in NAMED_KINDS else "",
            stance="" if comment.stance == Stance.NONE else str(STANCE_LABELS[comment.stance]),
            paragraphs=tuple(
                (
                    labels[target.pid].label if target.pid in labels else "",
                    "" if target.stance == Stance.NONE else str(STANCE_LABELS[target.stance]),
                )
                for target in comment.targets
            ),
            letter_title=titles.get(comment.letter_id, ""),
            people=1 + (duplicates[comment.id].senders if comment.id in duplicates else 0),
            groups=_describe_groups(duplicates.get(comment.id)),
            positions=tuple(
                by_id[position_id]
                for position_id in uses.positions.get(comment.id, ())
                if position_id in by_id
            ),
            mark=uses.marks.get(comment.id),
            is_quotable=comment.quote_as != QuoteConsent.COUNT and not comment.is_late,
            can_add=not comment.is_late,
            use_form=_build_use_form(
                loaded.letters[0].slug, comment.id, uses.marks.get(comment.id)
            ),
        )
        for comment in comments
    )


def _build_use_form(slug: str, comment_id: int, mark: CommentUseRecord | None) -> UseForm:
    return build_use_form(slug, comment_id, mark.use if mark else "", mark.reason if mark else "")


def _describe_groups(duplicates: DuplicateCount | None) -> str:
    if duplicates is None:
        return ""
    parts = [
        _("%(group)s %(number)s", group=get_group_label(group), number=format_number(count))
        for group, count in duplicates.by_group.items()
    ]
    return join_list(parts)


# --- Questions and positions


def _build_questions(
    summary: Summary, labels: Mapping[str, ParagraphLabel]
) -> tuple[QuestionView, ...]:
    questions = queries.list_questions(summary)
    evidence = _load_evidence(summary)
    views, keys = [], 0
    for number, question in enumerate(questions, 1):
        ratio = policy.length_ratio([position.body for position in question.positions])
        views.append(
            QuestionView(
                question=question,
                number=number,
                paragraphs=join_list(_name_paragraph(labels, pid) for pid in question.pids),
                options=_offer_paragraphs(labels, question.pids),
                positions=_build_positions(question, evidence, keys),
                ratio=ratio,
                balance=describe_balance(ratio),
                is_balanced=policy.has_equal_space(ratio),
                is_first=number == 1,
                is_last=number == len(questions),
            )
        )
        keys += len(question.positions)
    return tuple(views)


@dataclass(frozen=True)
class _Evidence:
    """The comments of all positions."""

    rows: Mapping[int, Sequence[EvidenceRow]]  # by position
    facts: Mapping[int, EvidenceFacts]  # by position
    slugs: Mapping[int, str]  # of the letters, by id


def _load_evidence(summary: Summary) -> _Evidence:
    rows: dict[int, list[EvidenceRow]] = {}
    for row in queries.list_evidence(summary):
        rows.setdefault(row.position_id, []).append(row)
    slugs = {letter.id: letter.slug for letter in queries.list_letters(summary)}
    return _Evidence(rows, queries.load_evidence_facts(summary.id), slugs)


def _build_positions(
    question: Question, evidence: _Evidence, earlier: int
) -> tuple[PositionView, ...]:
    """Build the positions of a question. `earlier` positions of other questions stand before them."""
    words = {position.id: policy.count_words(position.body) for position in question.positions}
    longest = max(words.values(), default=0) or 1
    views = []
    for place, position in enumerate(question.positions):
        key = earlier + place + 1
        rows = evidence.rows.get(position.id, ())
        others = [row for row in rows if not row.quotation]
        text_hash = hash_position_text(position.title, position.body)
        views.append(
            PositionView(
                position=position,
                ref=PositionRef(
                    position.id,
                    str(key) if key <= MAX_KEYS else "",
                    ascii_uppercase[place],
                    position.title,
                ),
                words=words[position.id],
                share=round(100 * words[position.id] / longest),
                holders=tuple(build_holder_row(holder, text_hash) for holder in position.holders),
                quotations=tuple(
                    _build_evidence(row, evidence.slugs) for row in rows if row.quotation
                ),
                others=tuple(
                    _build_evidence(row, evidence.slugs) for row in others[:MAX_SHOWN_COMMENTS]
                ),
                more=max(0, len(others) - MAX_SHOWN_COMMENTS),
                facts=evidence.facts.get(position.id, queries.NO_EVIDENCE),
            )
        )
    return tuple(views)


def describe_balance(ratio: float | None) -> str:
    """Return a sentence on the space of the positions of a question, empty for fewer than two."""
    if ratio is None:
        return ""
    # Rounded down, so that 0.8999 is not called 90%.
    percent = int(ratio * 100)
    if policy.has_equal_space(ratio):
        return str(_("Balanced: the shortest has %(percent)d%% of the longest.", percent=percent))
    return str(
        _(
            "Not balanced: the shortest has %(percent)d%% of the longest. It needs %(needed)d%%.",
            percent=percent,
            needed=int(policy.MIN_LENGTH_RATIO * 100),
        )
    )


def _build_evidence(row: EvidenceRow, slugs: Mapping[int, str]) -> EvidenceView:
    problem = ""
    if row.state != CommentState.PUBLISHED:
        problem = str(_("The comment is no longer published. The record leaves it out."))
    elif row.quotation and row.quote_as == QuoteConsent.COUNT:
        problem = str(_("Its author now asks only to be counted. The record leaves it out."))
    elif row.quotation == policy.WITHHELD_QUOTATION:
        problem = str(_("A moderator has hidden words of this quotation. Quote the comment again."))
    elif row.quotation and row.current_version != row.comment_version:
        problem = str(_("The comment has changed since. Compare the words."))
    group = get_group_label(row.stakeholder_group)
    author = group
    if row.quote_as == QuoteConsent.NAME:
        author = str(_("%(name)s, %(group)s", name=row.name, group=group))
    return EvidenceView(
        row.comment_id,
        author,
        row.quotation,
        url_for("comments.permalink", slug=slugs.get(row.letter_id, ""), comment_id=row.comment_id),
        problem,
    )


# --- Alternatives, outcome and texts


def _build_alternatives(
    summary: Summary, labels: Mapping[str, ParagraphLabel]
) -> tuple[AlternativeView, ...]:
    return tuple(
        AlternativeView(
            alternative,
            paragraph=_name_paragraph(labels, alternative.pid),
            proposer=_name_proposer(alternative),
            shown=show_wording(alternative.text, alternative.status),
            can_change=alternative.status != AlternativeStatus.PROMOTED,
            statuses=tuple(
                Option(status, str(ALTERNATIVE_STATUS_LABELS[status]), alternative.status == status)
                for status in CHOSEN_STATUSES
            ),
        )
        for alternative in list_alternatives(summary)
    )


def _name_proposer(alternative: Alternative) -> str:
    group = get_group_label(alternative.proposer_group)
    if not alternative.proposer_name:
        return group or str(_("Not disclosed"))
    return str(_("%(name)s, %(group)s", name=alternative.proposer_name, group=group))


def _offer_orders(summary: Summary) -> tuple[Option, ...]:
    return tuple(
        Option(rule, str(ORDER_RULE_LABELS[rule]), summary.order_rule == rule) for rule in OrderRule
    )


def _build_text(summary: Summary, name: str) -> TextView:
    label, hint, rows = {
        "overview": (
            _("Overview and next steps"),
            _("The subject of the consultation, and the next steps."),
            6,
        ),
        "comments_summary": (
            _("Summary of the comments"),
            _("The views of each group, in neutral words."),
            8,
        ),
        "analysis": (
            _("Analysis"),
            _("How you read the comments. Readers see that these words are the editor’s."),
            8,
        ),
        "omissions": (
            _("What the letter leaves out"),
            _("An introduction to the comments about what is missing. The record lists them."),
            4,
        ),
        "limits": (
            _("Limits"),
            _("The limits of this record: groups that were not heard, and who chose to comment."),
            4,
        ),
        "outcome_note": (
            _("Note on the outcome"),
            _("One or two sentences that say why."),
            3,
        ),
    }[name]
    return TextView(
        name,
        str(label),
        str(hint),
        getattr(summary, name),
        get_text_revision(summary, name),
        rows,
    )
