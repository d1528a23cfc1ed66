"""Count the comments of a consultation: the consensus map, and the totals.

A person is an email address. A comment without one is a person of its own. For each paragraph, the
last position that a person published counts, with the stakeholder group of that comment. A position
on a paragraph whose meaning was changed later is outdated: it is reported and not counted. Late
comments are counted apart, and those that are not published are in no count but `by_state`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import NamedTuple

from commentsite.comments.states import CommentState, QuoteConsent
from commentsite.letters.states import ChangeKind
from commentsite.letters.text.paragraph_ids import ParagraphRelation
from commentsite.moderation.quality.agreement import wilson_interval
from commentsite.summaries.consensus import queries as consensus_queries
from commentsite.summaries.consensus.policy import (
    MIN_PEOPLE,
    derive_group_position,
    derive_paragraph_state,
    list_groups_not_heard,
    list_groups_too_few,
)
from commentsite.summaries.objections import queries as objection_queries
from commentsite.summaries.report.content import MAX_COMMENTS_PER_CELL, Cell, MapRow, Totals

NO_STANCE = "none"
WHOLE_LETTER = ""  # the paragraph id of comments that name no paragraph
EXCERPT_LENGTH = 64  # characters
MIN_CAMPAIGN_PEOPLE = 2

#: A paragraph with another wording: a position on the old one does not speak about the new one.
_REWORDED = frozenset({ParagraphRelation.EDITED, ParagraphRelation.MERGED, ParagraphRelation.SPLIT})
Paragraph = tuple[int, str]  # letter id and paragraph id


class Stance(NamedTuple):
    """The current position of one person on one paragraph."""

    group: str
    stance: str
    text: str
    campaign_id: int | None
    comment_id: int
    is_listed: bool  # False if its author asked only to be counted


class Place(NamedTuple):
    """The paragraph of the current version that a comment is about."""

    pid: str
    is_outdated: bool


@dataclass
class _Discussion:
    """All that was said about one paragraph, by person."""

    stances: dict[str, Stance] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)  # their groups, whatever they said
    outdated: set[str] = field(default_factory=set)  # people


def build_consensus_map(
    letter_ids: Sequence[int], groups: Sequence[str], cut_off: datetime | None = None
) -> tuple[MapRow, ...]:
    """Return a row for each letter as a whole, followed by one for each of its paragraphs.

    `groups` are the codes of the site in its order. Each row has a cell for each of them, and
    after these for further codes that comments carry. Comments published after `cut_off` are not
    counted.
    """
    discussions: defaultdict[Paragraph, _Discussion] = defaultdict(_Discussion)
    find_place = _make_place_finder(letter_ids)
    campaign_people: defaultdict[int, set[str]] = defaultdict(set)
    for row in consensus_queries.iterate_stances(letter_ids, cut_off):
        place = find_place(row.letter_id, row.letter_version, row.pid or WHOLE_LETTER)
        person = row.email_hash or f"comment {row.comment_id}"
        if row.campaign_id is not None:
            campaign_people[row.campaign_id].add(person)
        if place is None:
            continue
        discussion = discussions[row.letter_id, place.pid]
        discussion.people[person] = row.stakeholder_group
        own_stance = row.target_stance or NO_STANCE
        stance = row.stance if own_stance == NO_STANCE else own_stance
        if stance == NO_STANCE:
            continue
        if place.is_outdated:
            discussion.outdated.add(person)
            continue
        discussion.stances[person] = Stance(
            row.stakeholder_group,
            stance,
            _text_key(row.campaign_id, row.body_hash),
            row.campaign_id,
            row.comment_id,
            row.quote_as != QuoteConsent.COUNT,
        )
    campaigns = _list_campaigns(campaign_people)
    codes = (*groups, *_list_other_groups(groups, discussions.values()))
    objections = _count_objections(letter_ids, find_place)
    return tuple(
        _build_row(
            paragraph, discussions[paragraph.letter_id, paragraph.pid], codes, campaigns,
            objections[paragraph.letter_id, paragraph.pid],
        )
        for paragraph in _list_rows(letter_ids)
    )  # fmt: skip


def count_totals(letter_ids: Sequence[int], cut_off: datetime | None = None) -> Totals:
    """Count the comments of letters, with people, organisations, texts and campaigns apart.

    `by_state` has every comment that was sent by `cut_off` once, late ones included. A person who
    commented for several groups counts for that of the last comment, so that the people of all
    groups are all people.
    """
    by_state: defaultdict[str, int] = defaultdict(int)
    late = 0
    for (state, is_late), count in consensus_queries.count_by_state(letter_ids, cut_off).items():
        by_state[state.value] += count
        if is_late and state == CommentState.PUBLISHED:
            late += count
    people: dict[str, str] = {}
    comments_by_group: defaultdict[str, int] = defaultdict(int)
    organisations: set[str] = set()
    texts: set[str] = set()
    campaign_people: defaultdict[int, set[str]] = defaultdict(set)
    for row in consensus_queries.iterate_published(letter_ids, cut_off):
        person = row.email_hash or f"comment {row.comment_id}"
        people[person] = row.stakeholder_group
        comments_by_group[row.stakeholder_group] += 1
        if row.organisation:
            organisations.add(" ".join(row.organisation.casefold().split()))
        texts.add(_text_key(row.campaign_id, row.body_hash))
        if row.campaign_id is not None:
            campaign_people[row.campaign_id].add(person)
    people_by_group: defaultdict[str, int] = defaultdict(int)
    for group in people.values():
        people_by_group[group] += 1
    campaigns = _list_campaigns(campaign_people)
    return Totals(
        by_state=dict(by_state),
        published=by_state[CommentState.PUBLISHED.value] - late,
        late=late,
        people=len(people),
        organisations=len(organisations),
        distinct_texts=len(texts),
        campaigns=len(campaigns),
        people_in_campaigns=len(set().union(*(campaign_people[id_] for id_ in campaigns))),
        people_by_group=dict(people_by_group),
        comments_by_group=dict(comments_by_group),
    )


def _text_key(campaign_id: int | None, body_hash: str) -> str:
    """Return a key that nearly identical texts share."""
    return body_hash if campaign_id is None else f"campaign {campaign_id}"


def _list_campaigns(people: dict[int, set[str]]) -> frozenset[int]:
    """Return the campaigns of which several people published the text."""
    return frozenset(id_ for id_, senders in people.items() if len(senders) >= MIN_CAMPAIGN_PEOPLE)


def _make_place_finder(
    letter_ids: Sequence[int],
) -> Callable[[int, int, str], Place | None]:
    """Return a function from letter, version and paragraph to the paragraph of the current version."""
    fates: dict[int, dict[int, dict[str, consensus_queries.ParagraphFate]]] = {}
    for fate in consensus_queries.list_paragraph_fates(letter_ids):
        fates.setdefault(fate.letter_id, {}).setdefault(fate.version, {})[fate.pid] = fate
    substantive: defaultdict[int, int] = defaultdict(int)
    for letter_id, number in consensus_queries.list_substantive_versions(letter_ids):
        substantive[letter_id] = max(substantive[letter_id], number)
    current = {(row.letter_id, row.pid) for row in consensus_queries.list_paragraphs(letter_ids)}

    @cache
    def find_place(letter_id: int, read_version: int, pid: str) -> Place | None:
        if pid == WHOLE_LETTER:
            return Place(pid, read_version < substantive[letter_id])
        is_outdated = False
        for version, links in sorted(fates.get(letter_id, {}).items()):
            fate = links.get(pid) if version > read_version else None
            if fate is None:
                continue
            if fate.target_pid is None:
                return None
            is_outdated = is_outdated or (
                fate.change == ChangeKind.SUBSTANTIVE and fate.relation in _REWORDED
            )
            pid = fate.target_pid
        return Place(pid, is_outdated) if (letter_id, pid) in current else None

    return find_place


def _count_objections(
    letter_ids: Sequence[int], find_place: Callable[[int, int, str], Place | None]
) -> Counter[Paragraph]:
    """Count the open objections to paragraphs. One to a deleted paragraph is to the letter."""
    counts: Counter[Paragraph] = Counter()
    for letter_id, version, pids in objection_queries.list_open(letter_ids):
        places = [find_place(letter_id, version, pid) for pid in pids or [WHOLE_LETTER]]
        found = {place.pid if place else WHOLE_LETTER for place in places}
        counts.update((letter_id, pid) for pid in found)
    return counts


def _list_rows(letter_ids: Sequence[int]) -> list[consensus_queries.ParagraphRow]:
    """Return each letter as a whole, and its paragraphs, in the order of `letter_ids`."""
    paragraphs: dict[int, list[consensus_queries.ParagraphRow]] = {id_: [] for id_ in letter_ids}
    for row in consensus_queries.list_paragraphs(letter_ids):
        paragraphs[row.letter_id].append(row)
    return [
        row
        for letter_id, rows in paragraphs.items()
        for row in (consensus_queries.ParagraphRow(letter_id, WHOLE_LETTER, "", ""), *rows)
    ]


def _list_other_groups(
    groups: Sequence[str], discussions: Iterable[_Discussion]
) -> tuple[str, ...]:
    """Return the codes that comments carry and the site does not have, in alphabetical order."""
    used = {group for discussion in discussions for group in discussion.people.values()}
    used |= {stance.group for discussion in discussions for stance in discussion.stances.values()}
    return tuple(sorted(used - set(groups)))


def _build_row(
    paragraph: consensus_queries.ParagraphRow,
    discussion: _Discussion,
    groups: Sequence[str],
    campaigns: frozenset[int],
    open_objections: int,
) -> MapRow:
    stances: defaultdict[str, list[Stance]] = defaultdict(list)
    for stance in discussion.stances.values():
        stances[stance.group].append(stance)
    without_position: defaultdict[str, int] = defaultdict(int)
    for person, group in discussion.people.items():
        if person not in discussion.stances:
            without_position[group] += 1
    cells = tuple(
        _build_cell(group, stances[group], without_position[group], campaigns) for group in groups
    )
    positions = {cell.stakeholder_group: cell.position for cell in cells}
    return MapRow(
        letter_id=paragraph.letter_id,
        pid=paragraph.pid,
        label=paragraph.label,
        state=derive_paragraph_state(
            positions,
            has_stances=bool(discussion.stances),
            has_open_objection=open_objections > 0,
        ),
        cells=cells,
        groups_not_heard=list_groups_not_heard(positions),
        groups_too_few=list_groups_too_few(positions),
        open_objections=open_objections,
        outdated_stances=len(discussion.outdated - discussion.stances.keys()),
        excerpt=cut_excerpt(paragraph.text),
    )


def _build_cell(
    group: str, stances: list[Stance], without_position: int, campaigns: frozenset[int]
) -> Cell:
    counts = Counter(stance.stance for stance in stances)
    support = counts["support"] + counts["support_with_changes"]
    sides = support + counts["oppose"]
    listed = sorted(stance.comment_id for stance in stances if stance.is_listed)
    return Cell(
        stakeholder_group=group,
        support=counts["support"],
        support_with_changes=counts["support_with_changes"],
        oppose=counts["oppose"],
        neutral=counts["neutral"],
        texts=len({stance.text for stance in stances}),
        campaign_people=sum(stance.campaign_id in campaigns for stance in stances),
        position=derive_group_position(
            support, counts["oppose"], is_heard=bool(stances or without_position)
        ),
        interval=wilson_interval(support, sides) if sides >= MIN_PEOPLE else None,
        comment_ids=tuple(listed[:MAX_COMMENTS_PER_CELL]),
        without_position=without_position,
    )


def cut_excerpt(text: str, length: int = EXCERPT_LENGTH) -> str:
    """Return the first words of a text on one line, with an ellipsis if there are more."""
    words = " ".join(text.split())
    if len(words) <= length:
        return words
    cut = words[:length]
    # A script without spaces is cut after a letter.
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut[length // 2 :] else cut}…"
