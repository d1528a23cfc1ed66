"""Count the comments of a consultation: the consensus map, and the totals.

A person is an email address. A comment without one is a person of its own. For each paragraph, the
last position that a person published counts, with the stakeholder group of that comment. A comment
whose address is not confirmed replaces none whose address is: anyone can type it. A position
on a paragraph whose meaning was changed later is outdated: it is reported and not counted. Late
comments are counted apart, staff replies are not counted, and comments that are not published are
in no count but `by_state`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import NamedTuple

from commentsite.comments.states import CommentState, Stance
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

WHOLE_LETTER = ""  # the paragraph id of comments that name no paragraph
EXCERPT_LENGTH = 96  # characters
MIN_CAMPAIGN_PEOPLE = 2

#: A paragraph with another wording: a position on the old one does not speak about the new one.
_REWORDED = frozenset({ParagraphRelation.EDITED, ParagraphRelation.MERGED, ParagraphRelation.SPLIT})
Paragraph = tuple[int, str]  # letter id and paragraph id
#: Stakeholder group, stance, campaign, and whether the comment may be listed. There are few of them, and
#: each has a number, because the garbage collector would look at fifty thousand tuples again and again.
Choice = tuple[str, str, int | None, bool]


class Place(NamedTuple):
    """The paragraph of the current version that a comment is about."""

    pid: str
    is_outdated: bool


@dataclass
class _Discussion:
    """All that was said about one paragraph, by person."""

    choices: dict[str, int] = field(default_factory=dict)  # numbers of the current positions
    numbers: dict[str, int] = field(
        default_factory=dict
    )  # of their comments, as places in `_Tally`
    # The groups of people whose last comment took no current position.
    undecided: dict[str, str] = field(default_factory=dict)
    outdated: set[str] = field(default_factory=set)  # people
    confirmed: set[str] = field(default_factory=set)  # people whose position was confirmed by email


@dataclass
class _CellCounts:
    """The people of one group on one paragraph."""

    by_stance: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    texts: set[str] = field(default_factory=set)
    campaign_people: int = 0
    comment_ids: list[int] = field(default_factory=list)  # that may be listed
    without_position: int = 0


@dataclass
class _Tally:
    """Counts of published comments, fed in the order of posting."""

    people: dict[str, str] = field(default_factory=dict)  # their groups
    confirmed: set[str] = field(default_factory=set)  # people with a comment confirmed by email
    comments_by_group: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    # One entry for each comment. Similar comments have the same text.
    comment_ids: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    choices: dict[Choice, int] = field(default_factory=dict)  # their numbers
    organisations: set[str] = field(default_factory=set)
    campaign_people: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(
        self, comment_id: int, text: str, person: str, group: str, *, is_confirmed: bool
    ) -> None:
        """Count a comment with its text. Its group becomes that of the person, unless only an earlier one is confirmed."""
        self.comment_ids.append(comment_id)
        self.texts.append(text)
        self.comments_by_group[group] += 1
        if is_confirmed:
            self.confirmed.add(person)
        if is_confirmed or person not in self.confirmed:
            self.people[person] = group

    def add_organisation(self, organisation: str) -> None:
        self.organisations.add(" ".join(organisation.casefold().split()))

    @cached_property
    def campaigns(self) -> frozenset[int]:
        """The campaigns of which several people published the text, when all comments are counted."""
        return frozenset(
            campaign_id
            for campaign_id, people in self.campaign_people.items()
            if len(people) >= MIN_CAMPAIGN_PEOPLE
        )

    def build_totals(self, letter_ids: Sequence[int], cut_off: datetime | None) -> Totals:
        published = len(self.texts)
        if cut_off is None:
            by_state = consensus_queries.count_by_state(letter_ids)
            late = by_state.get(CommentState.PUBLISHED, 0) - published
        else:
            by_state, late = consensus_queries.count_sent_by(letter_ids, cut_off)
        return Totals(
            by_state={state.value: count for state, count in by_state.items()},
            published=published,
            late=late,
            people=len(self.people),
            organisations=len(self.organisations),
            distinct_texts=len(set(self.texts)),
            campaigns=len(self.campaigns),
            people_in_campaigns=len(
                set().union(*(self.campaign_people[campaign_id] for campaign_id in self.campaigns))
            ),
            people_by_group=dict(Counter(self.people.values())),
            comments_by_group=dict(self.comments_by_group),
        )


def build_map_and_totals(
    letter_ids: Sequence[int], groups: Sequence[str], cut_off: datetime | None = None
) -> tuple[tuple[MapRow, ...], Totals]:
    """Return the rows of the map, and the totals of all letters.

    There is a row for each letter as a whole, followed by one for each of its paragraphs. `groups`
    are the codes of the site in its order. Each row has a cell for each of them, and after these
    for further codes that comments carry. Comments published after `cut_off` are not counted.

    In the totals, `by_state` has every comment that was sent by `cut_off` once, late ones included.
    A person who commented for several groups counts for that of the last comment, so that the
    people of all groups are all people.
    """
    discussions: defaultdict[Paragraph, _Discussion] = defaultdict(_Discussion)
    find_place, tally = _make_place_finder(letter_ids), _Tally()
    # By letter, version and paragraph: the discussion that a comment on it belongs to, which is that of the
    # paragraph as it is now, and whether its meaning was changed since. None if the paragraph is gone.
    spots: dict[tuple[int, int, str | None], tuple[_Discussion | None, bool]] = {}
    no_stance = Stance.NONE.value  # compares faster
    last_id, person, number = 0, "", -1
    for (
        comment_id, letter_id, version, email_hash, group, body_hash, campaign_id, is_listed,
        organisation, is_confirmed, pid, stance,
    ) in consensus_queries.iterate_stances(letter_ids, cut_off):  # fmt: skip
        if comment_id != last_id:  # one on several paragraphs comes several times
            last_id, person = comment_id, email_hash or f"comment {comment_id}"
            number += 1
            text = body_hash if campaign_id is None else f"campaign {campaign_id}"
            tally.add(comment_id, text, person, group, is_confirmed=is_confirmed)
            if organisation:
                tally.add_organisation(organisation)
            if campaign_id is not None:
                tally.campaign_people[campaign_id].add(person)
        spot = spots.get((letter_id, version, pid))
        if spot is None:
            place = find_place(letter_id, version, pid or WHOLE_LETTER)
            spot = (
                (discussions[letter_id, place.pid], place.is_outdated) if place else (None, False)
            )
            spots[letter_id, version, pid] = spot
        discussion, is_outdated = spot
        if discussion is None or (not is_confirmed and person in discussion.confirmed):
            continue
        if stance == no_stance or is_outdated:
            discussion.undecided[person] = group
            if stance != no_stance:
                discussion.outdated.add(person)
            continue
        discussion.undecided.pop(person, None)
        choice = (group, stance, campaign_id, is_listed)
        discussion.choices[person] = tally.choices.setdefault(choice, len(tally.choices))
        discussion.numbers[person] = number
        if is_confirmed:
            discussion.confirmed.add(person)
    codes = (*groups, *_list_other_groups(groups, list(tally.choices), discussions.values()))
    objections = _count_objections(letter_ids, find_place)
    rows = tuple(
        _build_row(
            paragraph, discussions[paragraph.letter_id, paragraph.pid], codes, tally,
            objections[paragraph.letter_id, paragraph.pid],
        )
        for paragraph in _list_rows(letter_ids)
    )  # fmt: skip
    return rows, tally.build_totals(letter_ids, cut_off)


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
    groups: Sequence[str], choices: Sequence[Choice], discussions: Iterable[_Discussion]
) -> tuple[str, ...]:
    """Return the codes that comments carry and the site does not have, in alphabetical order."""
    used: set[str] = set()
    for discussion in discussions:
        used.update(discussion.undecided.values())
        used.update(choices[number][0] for number in set(discussion.choices.values()))
    return tuple(sorted(used - set(groups)))


def _build_row(
    paragraph: consensus_queries.ParagraphRow,
    discussion: _Discussion,
    groups: Sequence[str],
    tally: _Tally,
    open_objections: int,
) -> MapRow:
    counts: defaultdict[str, _CellCounts] = defaultdict(_CellCounts)
    by_choice: defaultdict[int, list[int]] = defaultdict(list)
    # Both have the same people in the same order.
    for choice, number in zip(
        discussion.choices.values(), discussion.numbers.values(), strict=True
    ):
        by_choice[choice].append(number)
    choices = list(tally.choices)
    for choice, numbers in by_choice.items():
        group, stance, campaign_id, is_listed = choices[choice]
        count = counts[group]
        count.by_stance[stance] += len(numbers)
        count.texts.update(map(tally.texts.__getitem__, numbers))
        if campaign_id in tally.campaigns:
            count.campaign_people += len(numbers)
        if is_listed:
            count.comment_ids += map(tally.comment_ids.__getitem__, numbers)
    for person in discussion.undecided.keys() - discussion.choices.keys():
        counts[discussion.undecided[person]].without_position += 1
    cells = tuple(_build_cell(group, counts[group]) for group in groups)
    positions = {cell.stakeholder_group: cell.position for cell in cells}
    return MapRow(
        letter_id=paragraph.letter_id,
        pid=paragraph.pid,
        label=paragraph.label,
        state=derive_paragraph_state(
            positions,
            has_stances=bool(discussion.choices),
            has_open_objection=open_objections > 0,
        ),
        cells=cells,
        groups_not_heard=list_groups_not_heard(positions),
        groups_too_few=list_groups_too_few(positions),
        open_objections=open_objections,
        outdated_stances=len(discussion.outdated - discussion.choices.keys()),
        excerpt=cut_excerpt(paragraph.text),
    )


def _build_cell(group: str, counts: _CellCounts) -> Cell:
    by_stance = counts.by_stance
    is_heard = bool(by_stance) or counts.without_position > 0
    support = by_stance[Stance.SUPPORT] + by_stance[Stance.SUPPORT_WITH_CHANGES]
    sides = support + by_stance[Stance.OPPOSE]
    return Cell(
        stakeholder_group=group,
        support=by_stance[Stance.SUPPORT],
        support_with_changes=by_stance[Stance.SUPPORT_WITH_CHANGES],
        oppose=by_stance[Stance.OPPOSE],
        neutral=by_stance[Stance.NEUTRAL],
        texts=len(counts.texts),
        campaign_people=counts.campaign_people,
        position=derive_group_position(
            support,
            by_stance[Stance.OPPOSE],
            is_heard=is_heard,
        ),
        interval=wilson_interval(support, sides) if sides >= MIN_PEOPLE else None,
        comment_ids=tuple(sorted(counts.comment_ids)[:MAX_COMMENTS_PER_CELL]),
        without_position=counts.without_position,
    )


def cut_excerpt(text: str, length: int = EXCERPT_LENGTH) -> str:
    """Return the first words of a text on one line, with an ellipsis if there are more."""
    words = " ".join(text.split())
    if len(words) <= length:
        return words
    cut = words[:length]
    # A script without spaces is cut after a letter.
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut[length // 2 :] else cut}…"
