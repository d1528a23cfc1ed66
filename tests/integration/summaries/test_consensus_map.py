"""The consensus map and the totals of comments, counted on both databases."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commentsite import clock
from commentsite.comments.states import CommentState
from commentsite.db.session import session, transaction
from commentsite.letters.models import Letter, LetterVersion, ParagraphLink
from commentsite.summaries.compilation.queries import stream_published_comments
from commentsite.summaries.consensus.builder import build_map_and_totals, cut_excerpt
from commentsite.summaries.models import Objection
from tests.support.comment_positions import (
    START,
    delete_comments,
    list_pids,
    store_position,
    store_positions,
)

GROUPS = ("GOV", "BUS", "CIV", "TEC", "ACA", "IND", "UND")


def build_rows(**arguments):
    """Return the rows of the only letter by paragraph id."""
    return {row.pid: row for row in build_map_and_totals([1], GROUPS, **arguments)[0]}


def cell_of(row, group):
    return next(cell for cell in row.cells if cell.stakeholder_group == group)


def counts_of(row, group):
    cell = cell_of(row, group)
    return cell.support, cell.support_with_changes, cell.oppose, cell.neutral


def test_each_paragraph_has_its_state_and_names_the_groups_that_were_not_heard(any_app):
    first, second, third = list_pids()
    store_positions(("GOV", 0, 5), ("BUS", 6, 0), ("CIV", 9, 3), pid=first)
    store_positions(("CIV", 40, 0), ("GOV", 1, 0), pid=second)
    store_positions(("GOV", 5, 0), ("BUS", 4, 0), ("CIV", 6, 0))
    rows = build_rows()
    assert list(rows) == ["", first, second, third]
    states = [row.state.value for row in rows.values()]
    assert states == ["convergence", "divergence", "single_group", "not_discussed"]
    assert [cell.stakeholder_group for cell in rows[first].cells] == list(GROUPS)
    assert rows[first].groups_not_heard == ("TEC", "ACA")
    assert rows[second].groups_not_heard == ("BUS", "TEC", "ACA")
    assert rows[second].groups_too_few == ("GOV",)
    assert counts_of(rows[first], "CIV") == (9, 0, 3, 0)
    assert cell_of(rows[first], "CIV").position == "uncertain"
    assert cell_of(rows[first], "CIV").interval == pytest.approx((0.4677, 0.9111), abs=5e-5)
    assert cell_of(rows[second], "GOV").interval is None
    assert rows[first].label == "1"
    assert rows[first].excerpt == "The first paragraph says what happened."


def test_the_last_position_of_a_person_counts(any_app):
    first, second, third = list_pids()
    with transaction():
        store_position("CIV", "support", first, person="ada")
        store_position("GOV", "oppose", f"{first}:support_with_changes", second, person="ada")
        # It takes no position, so the earlier one stays. Another paragraph has one of its own.
        store_position("GOV", "none", first, f"{third}:neutral", person="ada")
        store_position("TEC", "support", first, email_hash=None)
        store_position("TEC", "support", first, email_hash=None)
        store_position("TEC", "none", second)
        # Anyone can type an address that its owner confirmed.
        store_position("IND", "support", third, person="bea", email_confirmed_at=START)
        store_position("ACA", "oppose", third, person="bea")
    rows = build_rows()
    assert (counts_of(rows[third], "IND"), counts_of(rows[third], "ACA")) == (
        (1, 0, 0, 0),
        (0, 0, 0, 0),
    )
    assert counts_of(rows[first], "CIV") == (0, 0, 0, 0)
    assert counts_of(rows[first], "GOV") == (0, 1, 0, 0)
    assert counts_of(rows[second], "GOV") == (0, 0, 1, 0)
    assert counts_of(rows[third], "GOV") == (0, 0, 0, 1)
    assert counts_of(rows[first], "TEC") == (2, 0, 0, 0)
    heard = cell_of(rows[second], "TEC")
    assert (heard.without_position, heard.position.value) == (1, "too_few")
    assert "TEC" not in rows[second].groups_not_heard
    assert cell_of(rows[first], "CIV").position == "not_heard"


def test_late_unpublished_and_later_comments_and_staff_replies_do_not_count(any_app):
    (first, *_) = list_pids()
    with transaction():
        counted = store_position("CIV", "support", first)
        staff = {"author_role": "staff", "email_confirmed_at": START}
        reply = store_position("CIV", "oppose", first, parent_id=counted, **staff)
        store_position("CIV", "oppose", first, is_late=True)
        store_position("CIV", "oppose", first, state=CommentState.WITHDRAWN)
        store_position("CIV", "oppose", first, state=CommentState.RESTRICTED)
        store_position("CIV", "oppose", first, state=CommentState.PENDING, published_at=None)
        for state in (CommentState.PENDING, CommentState.RESTRICTED, CommentState.REFUSED):
            at = {} if state == CommentState.RESTRICTED else {"published_at": None}
            store_position("CIV", "oppose", first, state=state, parent_id=counted, **staff, **at)
        secret = store_position("CIV", "support", first, quote_as="count")
        later = store_position("CIV", "oppose", first, published_at=clock.now())
    row = build_rows(cut_off=START.replace(month=12, year=2025))[first]
    assert counts_of(row, "CIV") == (0, 0, 0, 0)
    assert counts_of(build_rows()[first], "CIV") == (2, 0, 1, 0)
    listed = cell_of(build_rows()[first], "CIV").comment_ids
    assert listed == (counted, later)
    assert secret not in listed
    named = [row.id for row in stream_published_comments([1], clock.now())]
    assert len(named) == 4
    assert reply not in named  # what the staff answers is said by no group
    totals = build_map_and_totals([1], GROUPS)[1]
    assert totals.by_state == {"published": 4, "withdrawn": 1, "restricted": 1, "pending": 1}
    assert (totals.published, totals.late, totals.people) == (3, 1, 3)
    until_now = build_map_and_totals([1], GROUPS, clock.now())[1]
    assert until_now == totals


def correct_letter(change, links):
    """Publish a second version with the fates of the first one's paragraphs."""
    letter = session().get(Letter, 1)
    version = LetterVersion(
        letter_id=1, number=2, title="Hello", source_text="", change=change, created_at=START,
        published_at=START,
    )  # fmt: skip
    session().add(version)
    session().flush()
    session().execute(
        LetterVersion.__table__.metadata.tables["letter_block"]
        .update()
        .values(version_id=version.id)
    )
    for pid, (relation, target) in links.items():
        session().add(
            ParagraphLink(
                version_id=version.id, pid=pid, relation=relation, target_pid=target, score=0.8
            )
        )
    letter.version_number = 2


@pytest.mark.parametrize(("change", "counted"), [("substantive", False), ("editorial", True)])
def test_positions_on_a_wording_that_was_changed_in_meaning_are_outdated(any_app, change, counted):
    first, second, third = list_pids()
    with transaction():
        for pid in (first, second, "gone", "joined"):
            store_position("CIV", "support", pid)
        store_position("CIV", "support")
        correct_letter(
            change,
            {
                first: ("edited", first),
                second: ("moved", second),
                third: ("same", third),
                "gone": ("deleted", None),
                "joined": ("merged", third),
            },
        )
        store_position("GOV", "oppose", first, letter_version=2)
    rows = build_rows()
    assert counts_of(rows[first], "GOV") == (0, 0, 1, 0)
    assert counts_of(rows[second], "CIV") == (1, 0, 0, 0)
    for pid in (first, third, ""):
        assert counts_of(rows[pid], "CIV")[0] == counted
        assert rows[pid].outdated_stances == (not counted)
        assert cell_of(rows[pid], "CIV").position == "too_few"  # heard, on either wording


def test_campaigns_and_texts_are_counted_apart_from_people(any_app):
    (first, *_) = list_pids()
    with transaction():
        one = store_position("CIV", "support", first)
        for _ in range(3):
            store_position("CIV", "support", first, campaign_id=one, organisation="Open  Net")
        store_position("CIV", "support", first, person="ada", body_hash="same")
        store_position(
            "BUS", "support", person="ada", body_hash="same", repetition=1, organisation="open net"
        )
        store_position("CIV", "support", first, campaign_id=99)  # no one else sent it
    cell = cell_of(build_rows()[first], "CIV")
    assert (cell.support, cell.texts, cell.campaign_people) == (6, 4, 3)
    totals = build_map_and_totals([1], GROUPS)[1]
    assert (totals.published, totals.people, totals.distinct_texts) == (7, 6, 4)
    assert (totals.campaigns, totals.people_in_campaigns, totals.organisations) == (1, 3, 1)
    assert totals.people_by_group == {"CIV": 5, "BUS": 1}
    assert totals.comments_by_group == {"CIV": 6, "BUS": 1}


def test_an_open_objection_is_counted_for_its_paragraphs_while_its_comment_is_published(any_app):
    first, second, _third = list_pids()
    store_positions(("GOV", 5, 0), ("BUS", 4, 0), pid=first)
    with transaction():
        for status, state, is_late in (
            ("open", CommentState.PUBLISHED, False),
            ("addressed", CommentState.PUBLISHED, False),
            ("open", CommentState.RESTRICTED, False),
            ("open", CommentState.PUBLISHED, True),  # it is answered, and keeps nothing open
        ):
            comment = store_position("CIV", "oppose", second, state=state, is_late=is_late)
            session().add(
                Objection(
                    letter_id=1, comment_id=comment, pids=[first], status=status, recorded_at=START
                )
            )
    rows = build_rows()
    assert (rows[first].open_objections, rows[second].open_objections) == (1, 0)
    assert rows[first].state == "convergence_open_objection"


comments = st.lists(
    st.tuples(
        st.sampled_from(["GOV", "CIV", "XYZ"]),
        st.sampled_from(["none", "support", "support_with_changes", "oppose", "neutral"]),
        st.lists(st.integers(0, 2), max_size=2, unique=True),
        st.sampled_from(["ada", "ben", "cem", ""]),
        st.sampled_from([CommentState.PUBLISHED, CommentState.WITHDRAWN]),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(comments)
def test_every_comment_is_counted_once_and_a_group_changes_no_other_cell(app, sent):
    with app.app_context():
        delete_comments()
        pids = list_pids()
        with transaction():
            for group, stance, targets, person, state, is_late in sent:
                store_position(
                    group, stance, *(pids[n] for n in targets),
                    person=person and f"{person} of {group}", state=state, is_late=is_late,
                )  # fmt: skip
        rows, totals = build_map_and_totals([1], GROUPS)
        published = [one for one in sent if one[4] == CommentState.PUBLISHED]
        assert sum(totals.by_state.values()) == len(sent)
        assert totals.published + totals.late == len(published)
        assert sum(totals.comments_by_group.values()) == totals.published
        assert sum(totals.people_by_group.values()) == totals.people <= totals.published
        assert totals.distinct_texts <= totals.published
        for row in rows:
            for cell in row.cells:
                people = cell.support + cell.support_with_changes + cell.oppose + cell.neutral
                assert len(cell.comment_ids) == people
                assert people + cell.without_position <= totals.people
        with transaction():
            for pid in ("", *pids):
                store_position("GOV", "oppose", *([pid] if pid else ()))
        for row, changed in zip(rows, build_map_and_totals([1], GROUPS)[0], strict=True):
            for before, after in zip(row.cells, changed.cells, strict=True):
                if before.stakeholder_group == "GOV":
                    assert after.oppose == before.oppose + 1
                else:
                    assert after == before


def test_an_excerpt_ends_with_a_whole_word_where_there_are_words():
    assert cut_excerpt("Short  text\n") == "Short text"
    assert cut_excerpt("one two three four", 12) == "one two…"
    assert cut_excerpt("文字" * 40, 12) == "文字文字文字文字文字文字…"
