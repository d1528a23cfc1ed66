"""The lifecycle of a letter in the hands of editors, on both databases."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, Actor, Permission, RoleName
from commentsite.accounts.services import add_staff
from commentsite.comments.models import Comment
from commentsite.comments.search import search_published
from commentsite.db.session import db, session, transaction
from commentsite.errors import Conflict, Invalid, NotAllowed, NotFound
from commentsite.letters import deletion, editing, permissions
from commentsite.letters import queries as letter_queries
from commentsite.letters import slugs as letters_slugs
from commentsite.letters.citations import queries as citation_queries
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.importing.services import import_letter
from commentsite.letters.publication import corrections
from commentsite.letters.publication import services as publication
from commentsite.letters.states import TRANSITIONS, ChangeKind, LetterState
from commentsite.letters.text import queries as text_queries
from commentsite.worker import tasks
from tests.support.audit import list_latest_entries
from tests.support.factories import make_word_file, publish_draft, store_comment
from tests.support.letter_editing import PARAGRAPHS, SOURCE

EDIT = frozenset({Permission.WRITE_LETTERS, Permission.PUBLISH_LETTERS})
ANA = Actor("user:1", EDIT, 1, "Ana")
BO = Actor("user:2", EDIT, 2, "Bo")
STEWARD = Actor("user:3", frozenset(Permission), 3, "Sada")


def import_draft(source=SOURCE, slug="record", **more):
    complete = {
        "authors": (AuthorDraft("The author"),),
        "language": "en",
        "date_received": date(2026, 1, 31),
    }
    draft = LetterDraft(
        title="A record",
        slug=slug,
        source_text=source,
        original=source.encode(),
        **(complete | more),
    )
    with transaction():
        return import_letter(draft, by=ANA)


def record_permission(slug="record", **more):
    fields = {
        "scopes": ("publish",),
        "given_by": "The author",
        "method": "email",
        "given_on": None,
        "statement": "",
    }
    with transaction():
        return permissions.add_permission(
            slug, by=ANA, encryption=more.pop("encryption"), **(fields | more)
        )


def save_text(slug, revision, text, by=ANA, title="A record"):
    with transaction():
        return editing.save_working_copy(
            slug, revision, editing.LetterContent(title, "", "", text), by=by
        )


def paragraph_ids(slug="record"):
    session().rollback()
    letter = letter_queries.get_any_letter(slug)
    return [b.pid for b in text_queries.list_current_blocks(letter) if b.pid]


def publish(slug="record", by=ANA, **more):
    with transaction():
        return publication.publish_letter(slug, by=by, **more)


def test_no_letter_becomes_public_without_permission(any_app, encryption):
    import_draft()
    with pytest.raises(Invalid, match="permission"):
        publish()
    with pytest.raises(Invalid), transaction():
        publication.schedule_letter("record", clock.now() + timedelta(hours=1), by=ANA)
    record_permission(encryption=encryption, scopes=("translate",))
    with pytest.raises(Invalid):
        publish()
    record_permission(encryption=encryption)
    assert publish().state == LetterState.PUBLISHED


def test_revoking_the_permission_withdraws_the_letter(any_app, encryption):
    import_draft()
    permission = record_permission(encryption=encryption)
    publish()
    with transaction():
        permissions.revoke_permission("record", permission.id, by=ANA)
    letter = letter_queries.get_public_letter("record")
    assert letter.state == LetterState.WITHDRAWN
    assert "was withdrawn" in letter.withdrawal_reason
    assert not letter.comments_open


def test_evidence_of_a_permission_is_encrypted_and_restricted(any_app, encryption):
    import_draft()
    proof = b"From: the author\r\n\r\nYes, print it. \xff"
    permission = record_permission(encryption=encryption, evidence=proof, evidence_name="yes.eml")
    assert b"print it" not in permission.evidence_sealed
    assert permissions.decrypt_evidence(permission, by=SYSTEM, encryption=encryption) == proof
    with pytest.raises(NotAllowed):
        permissions.decrypt_evidence(permission, by=ANA, encryption=encryption)
    bare = record_permission(encryption=encryption)
    with pytest.raises(NotFound):
        permissions.decrypt_evidence(bare, by=SYSTEM, encryption=encryption)
    assert "The author" not in str(list_latest_entries(1)[0].details)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scopes": ()}, "scopes"),
        ({"scopes": ("everything",)}, "scopes"),
        ({"given_by": " "}, "given_by"),
        ({"method": "telepathy"}, "how"),
        ({"given_on": date(2999, 1, 1)}, "given_on"),
        ({"statement": "x" * 501}, "statement"),
        ({"evidence": b"x" * 5_000_001}, "evidence"),
    ],
)
def test_an_incomplete_permission_is_rejected(any_app, encryption, changes, field):
    import_draft()
    with pytest.raises(Invalid) as caught:
        record_permission(encryption=encryption, **changes)
    assert caught.value.field == field


def test_a_correction_keeps_ids_and_links_each_earlier_paragraph(any_app, encryption):
    import_draft()
    record_permission(encryption=encryption)
    publish()
    before = paragraph_ids()
    first, second, third, _fourth, fifth = PARAGRAPHS
    head, tail = third.split(" We asked ")
    new = [
        fifth,
        first.replace("rain", "storm"),
        second,
        head,
        "We asked " + tail,
        "This paragraph is new, about the interpreters, whom nobody had thanked so far.",
    ]
    save_text("record", 0, "\n\n".join(new))
    with transaction():
        version = corrections.publish_correction(
            "record", ChangeKind.SUBSTANTIVE, "The author sent corrections.", by=ANA
        )
    after = paragraph_ids()
    assert version.number == 2
    assert after[:3] == [before[4], before[0], before[1]]
    assert before[2] in after[3:5]
    assert len(set(after)) == 6
    assert len(set(after) - set(before)) == 2
    letter = letter_queries.get_public_letter("record")
    links = text_queries.get_paragraph_links(text_queries.get_version(letter, 2))
    assert {pid: link.relation for pid, link in links.items()} == dict(
        zip(before, ["edited", "same", "split", "deleted", "moved"], strict=True)
    )
    old = text_queries.get_version(letter, 1)
    assert [b.text for b in old.blocks] == PARAGRAPHS
    assert (old.change, version.change_note) == ("first", "The author sent corrections.")
    assert text_queries.get_earlier_paragraph_labels(letter, {before[3]}) == {(1, before[3]): "4"}


def test_ids_are_never_reused_over_many_corrections(any_app, encryption):
    import_draft()
    record_permission(encryption=encryption)
    publish()
    seen, gone = set(paragraph_ids()), set()
    for n in range(6):
        texts = [p.replace("the", f"the {n}") for p in PARAGRAPHS[n % 3 :]] + [
            f"Wholly new words, number {n} " * 4
        ]
        save_text("record", n, "\n\n".join(texts))
        with transaction():
            corrections.publish_correction("record", ChangeKind.EDITORIAL, "Because.", by=ANA)
        now = set(paragraph_ids())
        gone |= seen - now
        assert not gone & now
        seen |= now


def test_a_correction_needs_a_change_a_kind_and_a_reason(any_app, encryption):
    import_draft()
    record_permission(encryption=encryption)
    with pytest.raises(Conflict), transaction():
        corrections.publish_correction("record", ChangeKind.EDITORIAL, "Because.", by=ANA)
    publish()
    for change, note in ((ChangeKind.FIRST, "Because."), (ChangeKind.EDITORIAL, " ")):
        with pytest.raises(Invalid), transaction():
            corrections.publish_correction("record", change, note, by=ANA)
    save_text("record", 0, SOURCE)
    with pytest.raises(Invalid, match="Nothing was changed"), transaction():
        corrections.publish_correction("record", ChangeKind.EDITORIAL, "Because.", by=ANA)


def test_two_editors_do_not_overwrite_each_other(any_app):
    import_draft()
    seen = save_text("record", 0, SOURCE + "Ana was here, and wrote this.\n").revision
    with pytest.raises(Conflict, match="has been editing this letter since"):
        save_text("record", seen, "Bo overwrites.", by=BO)
    with transaction():
        editing.take_over_editing("record", by=BO)
    save_text("record", seen, SOURCE + "Bo goes on.\n", by=BO)
    with pytest.raises(Conflict):
        save_text("record", seen, SOURCE + "Ana again.\n")
    with (
        clock.freeze_at(clock.now() + timedelta(seconds=200)),
        pytest.raises(Conflict, match="saved this"),
    ):
        save_text("record", seen, SOURCE + "Ana after a while.\n")
    session().rollback()
    copy = letter_queries.find_working_copy(letter_queries.get_any_letter("record"))
    assert copy.source_text.endswith("Bo goes on.\n")


def test_a_second_person_publishes_where_the_site_requires_two(any_app, encryption):
    import_draft()
    record_permission(encryption=encryption)
    with pytest.raises(NotAllowed):
        publish(needs_second_person=True)
    with transaction():
        publication.send_to_review("record", by=ANA)
    with pytest.raises(NotAllowed):
        publish(needs_second_person=True)
    assert publish(by=BO, needs_second_person=True).state == LetterState.PUBLISHED


def test_a_scheduled_letter_is_published_on_time(any_app, encryption):
    import_draft()
    record_permission(encryption=encryption)
    at = clock.now() + timedelta(hours=3)
    for wrong in (clock.now() - timedelta(minutes=1), clock.now() + timedelta(days=400)):
        with pytest.raises(Invalid), transaction():
            publication.schedule_letter("record", wrong, by=ANA)
    save_text(
        "record", 0, SOURCE + "\n\nAdded before its minute came, and long enough to stand alone.\n"
    )
    with transaction():
        publication.schedule_letter("record", at, by=ANA)
    with transaction():
        assert not publication.publish_if_due("record", clock.now())
    assert letter_queries.list_slugs_due_for_publication(at) == ["record"]
    with transaction():
        assert publication.publish_if_due("record", at)
    letter = letter_queries.get_public_letter("record")
    assert letter.state == LetterState.PUBLISHED
    assert len(paragraph_ids()) == 6


def test_a_scheduled_letter_without_permission_becomes_a_draft(any_app, encryption):
    import_draft()
    permission = record_permission(encryption=encryption)
    at = clock.now() + timedelta(hours=3)
    with transaction():
        publication.schedule_letter("record", at, by=ANA)
    with transaction():
        permissions.revoke_permission("record", permission.id, by=ANA)
    with transaction():
        assert not publication.publish_if_due("record", at)
    assert letter_queries.get_any_letter("record").state == LetterState.DRAFT


def test_former_addresses_redirect_and_are_never_given_to_another_letter(any_app, encryption):
    import_draft()
    record_permission(encryption=encryption)
    publish()
    with transaction():
        letters_slugs.change_slug("record", "Second name", by=ANA)
    with transaction():
        letters_slugs.change_slug("second-name", "third-name", by=ANA)
    assert (
        letter_queries.find_current_slug("record")
        == letter_queries.find_current_slug("second-name")
        == "third-name"
    )
    with pytest.raises(Conflict):
        import_draft(slug="record")
    with pytest.raises(Conflict), transaction():
        letters_slugs.change_slug("third-name", "hello", by=ANA)
    with pytest.raises(Invalid), transaction():
        letters_slugs.change_slug("third-name", "共识", by=ANA)
    with transaction():
        letters_slugs.change_slug("third-name", "record", by=ANA)
    assert letter_queries.find_current_slug("third-name") == "record"
    assert letter_queries.find_current_slug("record") is None


def test_a_withdrawal_needs_a_reason_and_a_successor_must_be_published(any_app, encryption):
    import_draft()
    record_permission(encryption=encryption)
    publish()
    with pytest.raises(Invalid), transaction():
        corrections.supersede_letter("record", "nowhere", by=ANA)
    with transaction():
        corrections.supersede_letter("record", "hello", by=ANA)
    assert (
        letter_queries.get_public_letter("record").superseded_by_id
        == letter_queries.get_public_letter("hello").id
    )
    with pytest.raises(Invalid), transaction():
        corrections.withdraw_letter("record", " ", by=ANA)
    with transaction():
        corrections.withdraw_letter("record", "At the author’s wish.", by=ANA)
    with pytest.raises(Conflict):
        save_text("record", 0, "No more words.")


def test_a_translation_shares_the_ids_of_its_original(any_app):
    original = import_draft()
    shared = paragraph_ids()
    draft = LetterDraft(
        title="Un acte", slug="acte", language="fr", translation_of="record", translator="Zoé",
        source_text="\n\n".join(f"Paragraphe {n}, traduit par Zoé pour la postérité." for n in range(6)),
    )  # fmt: skip
    with transaction():
        letter = import_letter(draft, by=ANA)
    assert letter.translation_of_id == original.id
    assert paragraph_ids("acte")[:5] == shared
    assert paragraph_ids("acte")[5] not in shared


def test_citations_are_stored_as_data_and_follow_corrections(any_app, encryption):
    letter = import_draft()
    assert [
        (c.symbol, c.cited_paragraph, c.number) for c in citation_queries.list_citations(letter)
    ] == [("WSIS-05/TUNIS/DOC/6(Rev.1)-E", "60", 2)]
    record_permission(encryption=encryption)
    publish()
    save_text("record", 0, SOURCE.replace("Tunis Agenda, para 60", "A/RES/70/125 para 65"))
    with transaction():
        corrections.publish_correction("record", ChangeKind.EDITORIAL, "Wrong document.", by=ANA)
    session().expire_all()
    assert [c.symbol for c in citation_queries.list_citations(letter)] == ["A/RES/70/125"]


def test_each_state_allows_its_transitions_and_no_others(any_app, encryption):
    actions = {
        LetterState.REVIEW: lambda: publication.send_to_review("record", by=ANA),
        LetterState.DRAFT: lambda: publication.return_to_draft("record", by=ANA),
        LetterState.SCHEDULED: lambda: publication.schedule_letter(
            "record", clock.now() + timedelta(days=1), by=ANA
        ),
        LetterState.PUBLISHED: lambda: publication.publish_letter("record", by=ANA),
        LetterState.SUPERSEDED: lambda: corrections.supersede_letter("record", "hello", by=ANA),
        LetterState.WITHDRAWN: lambda: corrections.withdraw_letter("record", "Because.", by=ANA),
    }
    import_draft(permission=PermissionDraft("The author"))
    hello = letter_queries.get_public_letter("hello").id

    def restore():
        corrections.restore_letter("record", by=STEWARD)

    for start, targets in TRANSITIONS.items():
        for target, act in actions.items():
            is_restored = start == LetterState.WITHDRAWN and target in targets
            change_state = restore if is_restored else act
            with transaction():
                letter = letter_queries.get_letter_for_update("record")
                letter.state = start
                letter.superseded_by_id = hello if target == LetterState.SUPERSEDED else None
            if target in targets:
                with transaction():
                    change_state()
                assert letter_queries.get_any_letter("record").state == target
            else:
                with pytest.raises(Conflict), transaction():
                    change_state()


def test_plain_text_and_word_files_give_the_same_letter_and_a_correction_keeps_its_ids(
    any_app, encryption
):
    plain = read_letter_file("record.txt", ("A record\n\n" + SOURCE).encode())
    word = read_letter_file("record.docx", make_word_file(PARAGRAPHS))
    assert word.title == plain.title == "A record"
    with transaction():
        import_letter(
            replace(plain, authors=(AuthorDraft("Ana"),), date_received=date(2026, 1, 31)), by=ANA
        )
    before, first = paragraph_ids("a-record"), letter_queries.get_any_letter("a-record")
    texts = [b.text for b in text_queries.list_current_blocks(first)]
    record_permission("a-record", encryption=encryption)
    publish("a-record")
    new = [
        PARAGRAPHS[4],
        *[p.replace("e ", "e, ", 1) for p in PARAGRAPHS[:3]],
        *PARAGRAPHS[3].split(" and "),
    ]
    again = read_letter_file("record.docx", make_word_file(new))
    save_text("a-record", 0, word.source_text)
    with pytest.raises(Invalid, match="Nothing"), transaction():
        corrections.publish_correction("a-record", ChangeKind.EDITORIAL, "From Word.", by=ANA)
    assert [b.text for b in text_queries.get_current_version(first).blocks] == texts == PARAGRAPHS
    save_text("a-record", 1, again.source_text)
    with transaction():
        corrections.publish_correction("a-record", ChangeKind.EDITORIAL, "From Word.", by=ANA)
    after = paragraph_ids("a-record")
    assert after[:4] == [before[4], *before[:3]]
    assert before[3] in after[4:]


@pytest.mark.parametrize(
    ("lacking", "field"),
    [
        ({"authors": ()}, "authors"),
        ({"language": ""}, "language"),
        ({"date_received": None}, "date_written"),
        ({"permission": None}, "permission"),
    ],
)
def test_a_letter_that_lacks_something_is_neither_published_nor_scheduled(any_app, lacking, field):
    import_draft("A short text.\n", **({"permission": PermissionDraft("The author")} | lacking))
    at = clock.now() + timedelta(days=1)
    for publish_it in (publish, lambda: publication.schedule_letter("record", at, by=ANA)):
        with pytest.raises(Invalid) as refused, transaction():
            publish_it()
        assert refused.value.field == field


def test_a_scheduled_letter_that_lost_its_author_becomes_a_draft(any_app):
    import_draft(permission=PermissionDraft("The author"))
    at = clock.now() + timedelta(days=1)
    with transaction():
        publication.schedule_letter("record", at, by=ANA)
        letter_queries.get_letter_for_update("record").authors = []
    with transaction():
        assert not publication.publish_if_due("record", at)
    assert letter_queries.get_any_letter("record").state == LetterState.DRAFT


def test_a_steward_reverses_a_withdrawal_and_search_finds_the_letter_again(any_app, encryption):
    import_draft(permission=PermissionDraft("The author"))
    publish()
    with transaction():
        corrections.withdraw_letter("record", "By mistake.", by=ANA)
    assert search_published("windows").letters == []
    stamp = letter_queries.get_page_versions("record")
    with pytest.raises(NotAllowed), transaction():
        corrections.restore_letter("record", by=ANA)
    with transaction():
        permission = letter_queries.list_permissions(letter_queries.get_any_letter("record"))[0]
        permission.revoked_at = clock.now()
    with pytest.raises(Invalid, match="permission"), transaction():
        corrections.restore_letter("record", by=STEWARD)
    record_permission(encryption=encryption)
    with transaction():
        corrections.restore_letter("record", by=STEWARD)
    letter = letter_queries.get_public_letter("record")
    assert (letter.state, letter.withdrawal_reason) == (LetterState.PUBLISHED, "")
    assert letter_queries.get_page_versions("record") > stamp
    session().rollback()
    assert [hit.letter.slug for hit in search_published("windows").letters] == ["record"]
    assert list_latest_entries(1)[0].action == "letter.withdrawal_reversed"


def test_a_deleted_draft_leaves_nothing_but_a_line_in_the_log(any_app):
    original = import_draft(permission=PermissionDraft("The author"))
    import_draft(slug="acte", translation_of="record")
    save_text("record", 0, SOURCE + "\n\nOne more.\n")
    with pytest.raises(Conflict, match="is editing"), transaction():
        deletion.delete_letter("record", by=BO)
    with transaction():
        assert deletion.delete_letter("record", by=ANA) == "A record"
    with pytest.raises(NotFound):
        letter_queries.get_any_letter("record")
    assert letter_queries.get_any_letter("acte").translation_of_id is None
    entry = list_latest_entries(1)[0]
    assert (entry.action, entry.object) == ("letter.deleted", f"letter:{original.id}")


def test_a_letter_that_was_public_is_not_deleted(any_app):
    for state in (LetterState.PUBLISHED, LetterState.WITHDRAWN):
        with transaction():
            letter_queries.get_letter_for_update("hello").state = state
        with pytest.raises(Conflict, match="never published"), transaction():
            deletion.delete_letter("hello", by=STEWARD)


def test_a_draft_with_imported_comments_is_not_deleted(any_app):
    draft_id = import_draft().id
    store_comment(any_app)
    with transaction():
        session().execute(update(Comment).values(letter_id=draft_id))
    with pytest.raises(Conflict, match="has comments"), transaction():
        deletion.delete_letter("record", by=ANA)
    assert letter_queries.get_any_letter("record").id == draft_id


def test_a_letter_to_which_an_account_is_limited_is_not_deleted(any_app):
    import_draft()
    letter = letter_queries.get_any_letter("record")
    with transaction():
        add_staff(
            by=SYSTEM, email="limited@staff.example", name="Lena Limited", role=RoleName.EDITOR,
            password_hash="x", group="CIV", letters=frozenset({letter.id}),
        )  # fmt: skip
    with pytest.raises(Conflict) as refused, transaction():
        deletion.delete_letter("record", by=ANA)
    assert refused.value.details["names"] == "Lena Limited"


def test_an_edit_after_the_review_makes_the_letter_a_draft_again(any_app, encryption):
    import_draft()
    record_permission(encryption=encryption)
    with transaction():
        publication.send_to_review("record", by=ANA)
    save_text(
        "record", 0, SOURCE + "\n\nSlipped in after the letter had been sent to review.\n", by=BO
    )
    assert letter_queries.get_any_letter("record").state == LetterState.DRAFT
    with pytest.raises(NotAllowed):
        publish(by=BO, needs_second_person=True)
    with transaction():
        publication.send_to_review("record", by=BO)
    with transaction():
        publication.schedule_letter(
            "record", clock.now() + timedelta(days=1), by=ANA, needs_second_person=True
        )
    with clock.freeze_at(clock.now() + timedelta(minutes=5)):
        save_text("record", 1, SOURCE)
    assert letter_queries.get_any_letter("record").state == LetterState.DRAFT


def test_a_correction_needs_a_second_person_where_letters_do(any_app, encryption):
    import_draft()
    record_permission(encryption=encryption)
    publish()
    save_text("record", 0, SOURCE.replace("rain", "snow"))
    with pytest.raises(NotAllowed), transaction():
        corrections.publish_correction(
            "record", ChangeKind.EDITORIAL, "Because.", by=ANA, needs_second_person=True
        )
    with transaction():
        corrections.publish_correction(
            "record", ChangeKind.EDITORIAL, "Because.", by=BO, needs_second_person=True
        )


def test_an_editor_does_not_publish_text_saved_since_the_page_was_opened(any_app, encryption):
    import_draft()
    record_permission(encryption=encryption)
    publish()
    save_text("record", 0, SOURCE.replace("rain", "snow"))
    with pytest.raises(Conflict, match="after you opened this page"), transaction():
        corrections.publish_correction(
            "record", ChangeKind.EDITORIAL, "Because.", by=BO, revision=0
        )


def test_a_page_opened_before_a_publication_overwrites_nothing(any_app, encryption):
    import_draft()
    record_permission(encryption=encryption)
    publish()
    save_text("record", 0, SOURCE.replace("rain", "snow"))
    with transaction():
        corrections.publish_correction("record", ChangeKind.EDITORIAL, "Because.", by=BO)
    save_text("record", 1, SOURCE + "\n\nBo goes on writing after the correction.\n", by=BO)
    with clock.freeze_at(clock.now() + timedelta(seconds=200)), pytest.raises(Conflict):
        save_text("record", 1, "Ana’s old page.")
    with transaction():
        editing.discard_working_copy("record", by=BO)
    with clock.freeze_at(clock.now() + timedelta(seconds=200)), pytest.raises(Conflict):
        save_text("record", 1, "Ana’s old page.")


def test_a_letter_that_cannot_be_published_does_not_delay_others(any_app, encryption):
    for slug in ("first", "second"):
        import_draft(slug=slug)
        record_permission(slug, encryption=encryption)
    at = clock.now() + timedelta(hours=1)
    save_text("first", 0, "***")
    for slug in ("first", "second"):
        with transaction():
            publication.schedule_letter(slug, at, by=ANA)
    with clock.freeze_at(at):
        assert tasks.run_pass(any_app) >= 1
    with any_app.app_context():
        states = [str(letter_queries.get_any_letter(s).state) for s in ("first", "second")]
    assert states == ["draft", "published"]


def test_a_letter_of_many_different_words_can_be_published_and_found(any_app, encryption):
    words = [f"w{n:x}" + "abcdefgh" for n in range(90_000)]
    paragraphs = [" ".join(words[n : n + 3000]) for n in range(0, len(words), 3000)]
    import_draft(source="\n\n".join(paragraphs), slug="vast")
    record_permission("vast", encryption=encryption)
    assert publish("vast").state == LetterState.PUBLISHED
    assert [hit.letter.slug for hit in search_published("w1abcdefgh").letters] == ["vast"]


def test_concurrent_withdrawals_wait_for_each_other(any_app, encryption):
    slugs = [f"letter-{n}" for n in range(4)]
    for slug in slugs:
        import_draft(slug=slug)
        record_permission(slug, encryption=encryption)
        publish(slug)
    session().rollback()
    barrier, failed = threading.Barrier(len(slugs)), []

    def withdraw(slug):
        with any_app.app_context():
            barrier.wait()
            try:
                with transaction():
                    corrections.withdraw_letter(slug, "Because.", by=ANA)
            except Exception as problem:  # noqa: BLE001
                failed.append(problem)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=withdraw, args=(slug,)) for slug in slugs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []


def test_concurrent_imports_with_the_same_title_get_different_addresses(any_app):
    barrier, failed = threading.Barrier(4), []

    def import_concurrently():
        with any_app.app_context():
            barrier.wait()
            try:
                with transaction():
                    import_letter(LetterDraft(title="Same title", source_text=SOURCE), by=ANA)
            except Exception as problem:  # noqa: BLE001
                failed.append(problem)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=import_concurrently) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []


def test_every_topic_of_a_letter_finds_it(any_app):
    topics = tuple(f"موضوع طويل رقم {n}" for n in range(6))
    draft = LetterDraft(
        title="Topics", slug="topics", source_text=SOURCE, topics=topics,
        permission=PermissionDraft("The author"),
    )  # fmt: skip
    with transaction():
        publish_draft(draft)
    for topic in topics:
        assert [x.slug for x in letter_queries.list_published_letters(topic=topic).letters] == [
            "topics"
        ]


def test_changed_metadata_is_searchable_and_invalidates_every_page(any_app, encryption):
    import_draft()
    record_permission(encryption=encryption)
    publish()
    before = letter_queries.get_page_versions("hello")
    text_fields = dict.fromkeys(
        (
            "occasion",
            "addressee",
            "body_concerned",
            "source",
            "licence",
            "translator",
            "translation_of",
        ),
        "",
    )
    metadata = editing.LetterMetadata(
        **text_fields, language="en", topics=(), date_written=None, date_received=None,
        authors=(AuthorDraft("Newly Named"),),
    )  # fmt: skip
    with transaction():
        editing.change_metadata("record", 1, metadata, by=ANA)
    assert letter_queries.get_page_versions("hello") != before
    assert [hit.letter.slug for hit in search_published("newly named").letters] == ["record"]
