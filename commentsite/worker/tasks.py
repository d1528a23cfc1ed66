"""The periodic tasks of the worker: send emails, publish letters, update cases, delete old data.

`TASKS` is the whole list, in the order in which a pass runs them. Tasks for which a person waits run in every pass,
two seconds after the last one. Together they ask the database at most ten questions if nothing is due. Other tasks
run every minute, rechecks of waiting cases and figures of the dashboard every five minutes, and purges, unused
pictures and quality reviews once an hour. All of them run right after the start. A task finds its work by a query, so
nothing is lost while the worker is down, and two workers on one database do no harm: each task checks again, inside
its transaction, that the work is still to be done. The process holds no state that another could miss.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy.exc import OperationalError

from commentsite import clock, retention
from commentsite.accounts import api_tokens, invitations, password_resets, sessions
from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import (
    list_expired_invitations,
    list_reset_requests,
    list_sessions_before,
    list_staff_due_for_digest,
    list_tokens_expired_before,
)
from commentsite.audit.queries import has_pending_entries
from commentsite.audit.services import number_pending_entries
from commentsite.audit.tree_heads import is_signing_due, sign_tree_head, store_pending_hashes
from commentsite.comments import languages as comment_languages
from commentsite.comments import queries as comment_queries
from commentsite.comments import rerendering
from commentsite.comments.auto_publish import (
    auto_publish_after_confirmation,
    get_premoderation_policy,
)
from commentsite.comments.emails import confirmation, subscriptions
from commentsite.comments.emails import queries as email_queries
from commentsite.comments.examination import examine_comments, queue_without_examination
from commentsite.comments.privacy import erase_unconfirmed_comments, purge_network_addresses
from commentsite.comments.queries import has_unpurged_erasure
from commentsite.comments.reports.queries import list_reports_with_network_address
from commentsite.comments.sanctions.queries import list_sanctions_ended_before
from commentsite.comments.sanitizer import SANITIZER_VERSION
from commentsite.comments.screening import queries as screening_queries
from commentsite.comments.screening.external_checks import run_due_checks
from commentsite.comments.screening.wordlists import has_language_sections
from commentsite.comments.subscribers import announcements
from commentsite.comments.subscribers.queries import (
    filter_missing,
    list_due_letter_subscriptions,
    list_letters_with_news,
    list_unconfirmed_before,
    list_without_subscription,
)
from commentsite.comments.subscribers.services import (
    purge_unconfirmed_subscriptions,
    purge_unused_addresses,
)
from commentsite.db.session import db, is_postgresql, transaction
from commentsite.db.wal import is_wal_long, truncate_wal
from commentsite.db.writer_lock import MAX_GIVING_WAY
from commentsite.encryption import Encryption
from commentsite.integrations.akismet import AkismetUnavailable, CheckRequest, is_spam
from commentsite.integrations.smtp import build_sender, purge_stored_emails
from commentsite.letters.comment_window import apply_due_window_changes, is_window_change_due
from commentsite.letters.media.services import delete_unused_files
from commentsite.letters.publication.services import publish_if_due, unschedule_letter
from commentsite.letters.queries import (
    filter_readable_letters,
    get_letter,
    list_public_page_versions,
    list_slugs_due_for_publication,
)
from commentsite.moderation import claims, sanctions, staff_digest
from commentsite.moderation.activity.services import refresh_activity
from commentsite.moderation.appeals import eligibility
from commentsite.moderation.bulk import services as bulk
from commentsite.moderation.bulk.queries import list_batches_before
from commentsite.moderation.decisions import queries as decision_queries
from commentsite.moderation.decisions import quorum
from commentsite.moderation.quality.services import draw_due_sample, is_draw_due
from commentsite.moderation.queries import list_expired_claims
from commentsite.moderation.transparency.months.services import refresh_stored_months
from commentsite.notifications.delivery import deliver_due_messages
from commentsite.notifications.outbox import purge_messages
from commentsite.notifications.queries import list_finished_messages
from commentsite.search.index import purge_removed_text
from commentsite.site.premoderation import PremoderationPolicy
from commentsite.site.queries import get_settings_for_update, load_site
from commentsite.summaries.alternatives import queries as alternative_queries
from commentsite.summaries.alternatives import services as alternatives
from commentsite.summaries.answers import queries as answer_queries
from commentsite.summaries.answers import services as answers
from commentsite.summaries.holders import queries as holder_queries
from commentsite.summaries.holders import services as holders
from commentsite.summaries.inquiries import queries as inquiry_queries
from commentsite.summaries.inquiries import services as inquiries
from commentsite.summaries.positions import queries as position_queries
from commentsite.summaries.positions import services as positions
from commentsite.summaries.publication import queries as publication_queries
from commentsite.summaries.publication.withholding import withhold_words
from commentsite.summaries.search.services import continue_rebuild, is_index_outdated
from commentsite.web.account.password_reset import make_reset_token
from commentsite.web.cards.drawing import CardFolder
from commentsite.web.context import Runtime, current_site
from commentsite.web.paper.drawing import PdfFolder
from commentsite.web.rendering.emails import build_email_renderer
from commentsite.webhooks.delivery import LOG_TTL, purge_log
from commentsite.webhooks.queries import list_old_events
from commentsite.worker.exports import delete_exports, start_waiting_export
from commentsite.worker.imports import start_waiting_import
from commentsite.worker.webhooks import send_webhooks

Item = TypeVar("Item")
Find = Callable[[datetime], Iterable[Item]]
REBUILD_TRANSACTIONS = 20  # of the search index in one pass, so that other tasks do not wait long
MAX_EXAMINED = 500  # comments that one query lists
MAX_EXAMINATION_TIME = 2.0  # seconds in one pass, so that other tasks do not wait long
EXAMINED_AT_ONCE = 16  # comments in a transaction of SQLite, during which no request can write
EXAMINED_AT_ONCE_ON_POSTGRESQL = 64  # where requests write meanwhile
EXAMINED_BEFORE_PAUSE = 64  # comments on PostgreSQL, after which the worker gives way to requests
LONG_EXAMINATION = (
    0.2  # seconds of a transaction, after which the next one of the letter examines half as many
)
EVERY_PASS, EVERY_MINUTE = timedelta(0), timedelta(minutes=1)
EVERY_FIVE_MINUTES, EVERY_HOUR = timedelta(minutes=5), timedelta(hours=1)


@dataclass(frozen=True)
class Job:
    """The application that a task works for."""

    app: Flask

    @property
    def runtime(self) -> Runtime:
        """Return the settings and the encryption of the application."""
        runtime: Runtime = self.app.extensions["commentsite"]
        return runtime


@dataclass(frozen=True)
class Task:
    """One kind of periodic work.

    `run` opens its own transactions and returns the number of items it handled. It must read first, and open
    no transaction if nothing is due, because a transaction takes the only write lock of SQLite. A run that handled
    at least `repeat_threshold` items may have left some, so the next pass runs the task again, whatever `every` says.
    """

    name: str
    run: Callable[[Job], int]
    every: timedelta = EVERY_PASS
    repeat_threshold: int = 1


def _each(
    name: str,
    find: Find[Item],
    act: Callable[[Item, Encryption], int],
    every: timedelta = EVERY_PASS,
) -> Task:
    """Build a task that handles each item in its own transaction."""

    def run(job: Job) -> int:
        return _run_for_each(find(clock.now()), job.runtime.encryption, act)

    return Task(name, run, every)


def _purge(
    name: str,
    find: Find[Any],
    delete: Callable[[datetime], int],
    *,
    older_than: timedelta = timedelta(0),
    every: timedelta = EVERY_HOUR,
) -> Task:
    """Build a task that calls `delete` in a transaction as long as `find` returns anything old enough.

    `delete` may handle a batch and leave the rest for the next transaction.
    """

    def run(_job: Job) -> int:
        before, count = clock.now() - older_than, 0
        while list(find(before)):
            with transaction(gives_way=True):
                deleted = delete(before)
            count += deleted
            if not deleted:  # another worker has locked the rows
                break
        return count

    return Task(name, run, every)


def run_pass(app: Flask, advance: Callable[[int], None] = lambda _: None) -> int:
    """Run every task once and return the number of items handled. Raises the first failure, after all have run.

    `advance` is called with 1 after each task.
    """
    count, failed = run_tasks(app, TASKS, advance)
    for problem in failed.values():
        raise problem
    return count


def run_tasks(
    app: Flask, tasks: Iterable[Task], advance: Callable[[int], None] = lambda _: None
) -> tuple[int, dict[str, Exception]]:
    """Run some tasks. Return the number of items handled, and the exceptions by the name of the task.

    A failed task does not stop the others.
    """
    count, failed, job = 0, {}, Job(app)
    with app.app_context():
        for task in tasks:
            try:
                count += task.run(job)
            except Exception as problem:
                app.logger.exception("task %s failed", task.name)
                failed[task.name] = problem
            finally:
                db.session.remove()
            advance(1)
    return count, failed


def _run_for_each(
    items: Iterable[Item], encryption: Encryption, act: Callable[[Item, Encryption], int]
) -> int:
    count = 0
    for item in items:
        with transaction(gives_way=True):
            count += act(item, encryption)
    return count


def _examine_comments(job: Job) -> int:
    """Examine the comments that were received, as many as a pass has time for. Return their number."""
    count, started = 0, time.monotonic()
    while examined := _examine_oldest(job):
        count += examined
        if examined < MAX_EXAMINED or time.monotonic() - started > MAX_EXAMINATION_TIME:
            break
    return count


def _examine_oldest(job: Job) -> int:
    """Examine the oldest comments that were received, at most MAX_EXAMINED. Return their number.

    It ends after MAX_EXAMINATION_TIME, unless the languages of all of them were detected before.

    A transaction examines a batch of comments on one letter. If it fails, its comments are examined one by one. A
    comment that cannot be examined goes to the moderators unexamined.
    """
    count, since_pause = 0, 0
    received = screening_queries.list_received(MAX_EXAMINED)
    newest = received[-1][0] if received else 0
    languages: Mapping[int, str] = {}
    # Without words for a language, a comment waits less: the task `detect_languages` follows within a minute.
    if received and has_language_sections(current_site().banned_words):
        languages = comment_languages.detect_comment_languages(
            [number for number, _ in received], job.runtime.detection_pauses
        )
    started = time.monotonic()
    for letter_id, pairs in groupby(received, key=itemgetter(1)):
        waiting, size = [comment_id for comment_id, _ in pairs], MAX_EXAMINED
        while waiting:
            size = min(size, _find_batch_size(letter_id))  # the policy may change meanwhile
            batch, waiting = waiting[:size], waiting[size:]
            try:
                examined, seconds = _examine_batch(job, letter_id, batch, languages)
                count += examined
                # For example copies of a text that thousands have sent.
                if seconds > LONG_EXAMINATION:
                    size = max(1, size // 2)
            except OperationalError:
                raise  # the database is not ready, and the comments are examined later
            except Exception:
                job.app.logger.exception("comments could not be examined together")
                count += _examine_one_by_one(job, letter_id, batch, languages)
            since_pause += len(batch)
            if is_postgresql() and since_pause >= EXAMINED_BEFORE_PAUSE:
                since_pause, newest = 0, _give_way(newest)
            if not languages and time.monotonic() - started > MAX_EXAMINATION_TIME:
                return count
    return count


def _give_way(newest: int) -> int:
    """Pause if a comment with a higher id than `newest` waits, so that the requests that send comments run first.

    Return the id of the newest comment. On SQLite `transaction` gives way.
    """
    latest = screening_queries.find_newest_received_id()
    if latest <= newest:
        return newest
    time.sleep(MAX_GIVING_WAY)
    return latest


def _find_batch_size(letter_id: int) -> int:
    """Return how many comments of a letter are examined in one transaction.

    A comment that is published locks rows after the audit log. Several of them in a transaction of PostgreSQL
    could deadlock with other transactions.
    """
    if not is_postgresql():
        return EXAMINED_AT_ONCE
    policy = get_premoderation_policy(get_letter(letter_id), current_site())
    return EXAMINED_AT_ONCE_ON_POSTGRESQL if policy is PremoderationPolicy.HOLD_ALL else 1


def _examine_batch(
    job: Job, letter_id: int, comment_ids: Sequence[int], languages: Mapping[int, str]
) -> tuple[int, float]:
    """Examine comments in one transaction. Return how many there were, and its seconds without the wait for the lock."""
    with transaction(gives_way=True):
        started = time.monotonic()
        count = examine_comments(
            comment_ids,
            get_letter(letter_id),
            site=current_site(),
            encryption=job.runtime.encryption,
            has_external_check=job.runtime.settings.akismet is not None,
            languages=languages,
        )
    return count, time.monotonic() - started


def _examine_one_by_one(
    job: Job, letter_id: int, comment_ids: Sequence[int], languages: Mapping[int, str]
) -> int:
    count = 0
    for comment_id in comment_ids:
        try:
            count += _examine_batch(job, letter_id, [comment_id], languages)[0]
        except OperationalError:
            raise
        except Exception:
            job.app.logger.exception("comment %s could not be examined", comment_id)
            with transaction():
                queue_without_examination(comment_id)
    return count


def _split(items: list[Item], size: int) -> list[list[Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _number_audit_entries(_job: Job) -> int:
    """Give a number to entries of the audit log that wait, which a crash can leave. An examination does it too.

    They are no items of their own, so it returns 0.
    """
    if has_pending_entries():
        with transaction():
            number_pending_entries()
    return 0


def _apply_confirmations(job: Job) -> int:
    """Apply confirmed email addresses to their comments, and publish those that may appear at once."""
    count, encryption = 0, job.runtime.encryption
    for comment_id in email_queries.list_due_confirmations(clock.now()):
        with transaction():
            confirmed = confirmation.apply_due_confirmation(comment_id, encryption)
        if confirmed:
            _auto_publish(comment_id, encryption)
        count += confirmed
    return count


def _auto_publish(comment_id: int, encryption: Encryption) -> None:
    with transaction():
        auto_publish_after_confirmation(comment_id, load_site(), encryption)


def _find_due_closing_notifications(now: datetime) -> list[int]:
    return email_queries.list_due_closing_notifications(
        now, now + subscriptions.CLOSING_NOTICE_WINDOW
    )


def _update_waiting_comments(job: Job) -> int:
    """Check again who may still vote on a comment, after staff joined, left or declared a conflict."""
    encryption = job.runtime.encryption
    comment_ids = decision_queries.list_comment_ids_awaiting_vote()
    stale = [n for n in comment_ids if quorum.is_stale(n, encryption)]
    return _run_for_each(stale, encryption, quorum.recheck_quorum)


def _update_waiting_appeals(job: Job) -> int:
    """Check again who may review an appeal, after staff joined, left or declared a conflict."""
    encryption = job.runtime.encryption
    stale = eligibility.list_stale_appeals(encryption)
    return _run_for_each(stale, encryption, eligibility.recheck_reviewers)


def _send_messages(job: Job) -> int:
    settings = job.runtime.settings
    send = build_sender(
        settings.mail_server,
        settings.instance / "mail",
        sender_address=settings.mail_sender,
        base_url=settings.base_url,
    )
    return deliver_due_messages(
        encryption=job.runtime.encryption, render=build_email_renderer(settings), send=send
    )


def _announce_letters(job: Job) -> int:
    """Fill the outbox with emails about new letters, a few in each transaction."""
    encryption = job.runtime.encryption
    return _fill_outbox(
        lambda now: list_due_letter_subscriptions(now, limit=1),
        lambda _first, limit: announcements.announce_letters(limit, encryption),
    )


def _announce_comments(job: Job) -> int:
    """Fill the outbox with emails about new comments, letter by letter."""
    encryption = job.runtime.encryption
    return _fill_outbox(
        lambda now: list_letters_with_news(now, now - announcements.SETTLING_TIME),
        lambda letter_id, limit: announcements.announce_comments(letter_id, limit, encryption),
    )


def _fill_outbox(find: Find[Item], announce: Callable[[Item, int], int]) -> int:
    """Announce the first item found again and again, as long as the outbox has room."""
    count = 0
    while first := next(iter(find(clock.now())), None):
        free_places = announcements.count_free_places()
        if not free_places:
            break
        with transaction(gives_way=True):
            handled = announce(first, free_places)
        count += handled
        if not handled:  # another worker has locked the rows
            break
    return count


def _send_password_resets(job: Job) -> int:
    """Send a link for each request that names an account. Making the link is slow, so no transaction is open."""
    count, encryption = 0, job.runtime.encryption
    for request in list_reset_requests():
        user = password_resets.find_account_to_reset(request, encryption)
        token = make_reset_token(user) if user else ""
        with transaction():
            count += password_resets.complete_request(
                request.id, user, token, encryption=encryption
            )
    return count


def _open_and_close_letters(_job: Job) -> int:
    now = clock.now()
    if not is_window_change_due(now):
        return 0
    with transaction():
        return apply_due_window_changes(now)


def _find_network_addresses(before: datetime) -> list[Any]:
    return [
        *comment_queries.list_with_network_address_before(before),
        *list_reports_with_network_address(before),
    ]


def _purge_mail_files(job: Job) -> int:
    before = clock.now() - retention.MESSAGE_TTL
    return purge_stored_emails(
        job.runtime.settings.instance / "mail",
        before,
        {
            "comment": comment_queries.filter_without_email,
            "subscriber": filter_missing,
            "holder": holder_queries.filter_without_email,
            "inquiry": inquiry_queries.filter_without_email,
        },
    )


def _derive_uses_of_comments(_job: Job) -> int:
    if not answer_queries.has_uses_to_derive():
        return 0
    with transaction(gives_way=True):
        return answers.derive_uses()


def _delete_unused_pictures(job: Job) -> int:
    return delete_unused_files(job.runtime.settings.media_path, clock.now())


def _delete_outdated_pdfs(job: Job) -> int:
    """Delete PDFs of earlier versions of a page: they can hold comments that were removed since."""
    folder = PdfFolder(job.runtime.settings.instance)
    letter_ids = {int(name.partition("-")[0]) for name in folder.list_names()}
    if not letter_ids:
        return 0
    versions = list_public_page_versions(letter_ids)
    current = {f"{letter}-{version}" for letter, version in versions.items()}
    return folder.delete_outdated(lambda name: name.rpartition("-")[0] in current)


def _delete_outdated_cards(job: Job) -> int:
    """Delete the cards of letters that are not public any more."""
    folder = CardFolder(job.runtime.settings.instance)
    letter_ids = {int(subject) for subject in folder.list_subjects() if subject.isdecimal()}
    if not letter_ids:
        return 0
    public = {str(letter_id) for letter_id in filter_readable_letters(letter_ids)}
    return folder.delete_subjects(lambda subject: subject in public or not subject.isdecimal())


def _erase_traces(_job: Job) -> int:
    """Remove erased text from the search index and from SQLite's write-ahead log.

    The index is merged in small transactions. If a reader prevents the second step, the task does everything again
    the next time.
    """
    if not has_unpurged_erasure():
        return 0
    now, has_more = clock.now(), True
    while has_more:
        with transaction(gives_way=True):
            has_more = purge_removed_text()
    if not truncate_wal():
        return 0
    with transaction():
        get_settings_for_update().erased_text_purged_at = now
    return 1


def _truncate_long_wal(_job: Job) -> int:
    """Truncate the write-ahead log after many writes. It handles no items, so it returns 0."""
    if is_wal_long():
        truncate_wal()
    return 0


def _render_comments_again(job: Job) -> int:
    """Bring the HTML of comments up to the present rules of the sanitiser, after an upgrade."""
    comment_ids = comment_queries.list_rendered_before_version(
        SANITIZER_VERSION, rerendering.MAX_COMMENTS_AT_ONCE
    )
    size = rerendering.BATCH_SIZE
    batches = [comment_ids[n : n + size] for n in range(0, len(comment_ids), size)]
    return _run_for_each(batches, job.runtime.encryption, rerendering.render_comments_again)


def _detect_languages(job: Job) -> int:
    """Detect the languages of comments that were imported, changed, or sent before there was a detection."""
    comment_ids = comment_queries.list_undetected(comment_languages.MAX_COMMENTS_AT_ONCE)
    if not comment_ids:
        return 0
    found = comment_languages.detect_comment_languages(comment_ids, job.runtime.detection_pauses)
    count = 0
    for batch in _split(list(found.items()), comment_languages.BATCH_SIZE):
        with transaction(gives_way=True):
            count += comment_languages.store_detected_languages(dict(batch))
    return count


def _rebuild_search_index(_job: Job) -> int:
    """Index a part of the texts again after an upgrade. Return their number."""
    total = 0
    if is_index_outdated():
        for _ in range(REBUILD_TRANSACTIONS):
            with transaction(gives_way=True):
                count = continue_rebuild()
            if not count:
                break
            total += count
    return total


def _draw_reviews(job: Job) -> int:
    if not is_draw_due():
        return 0
    with transaction():
        return draw_due_sample(by=SYSTEM, encryption=job.runtime.encryption)


def _sign_tree_head_if_due(job: Job) -> int:
    """Sign a tree head once a day if the log has grown. It handles no items, so it returns 0."""
    if is_signing_due(clock.now()):
        has_more = True
        while has_more:
            with transaction():
                has_more = store_pending_hashes()
        with transaction():
            sign_tree_head(SYSTEM.label, job.runtime.settings.log_key_path)
    return 0


def _publish_letters(job: Job) -> int:
    """Publish each scheduled letter in its own transaction. One that fails is unscheduled for its editors."""
    now, published = clock.now(), 0
    for slug in list_slugs_due_for_publication(now):
        try:
            with transaction():
                published += publish_if_due(slug, now)
        except Exception:
            job.app.logger.exception("a scheduled letter could not be published")
            with transaction():
                unschedule_letter(slug)
    return published


def _run_external_checks(job: Job) -> int:
    settings, encryption = job.runtime.settings, job.runtime.encryption
    service = settings.akismet
    if service is None:
        return 0

    def check(request: CheckRequest) -> bool:
        try:
            return is_spam(service, request)
        except AkismetUnavailable as problem:
            job.app.logger.warning("the external check gave no answer: %s", problem)
            raise

    return run_due_checks(
        check,
        base_url=settings.base_url,
        by=SYSTEM,
        on_cleared=lambda comment_id: _auto_publish(comment_id, encryption),
    )


# Webhooks and external checks come last, because they wait for other services.
TASKS = (
    Task("start_imports", lambda job: start_waiting_import(job.app, job.runtime)),
    Task("start_exports", lambda job: start_waiting_export(job.app)),
    Task("delete_exports", lambda job: delete_exports(job.runtime), EVERY_FIVE_MINUTES),
    Task("examine_comments", _examine_comments),
    Task("number_audit_entries", _number_audit_entries, EVERY_MINUTE),
    _each(
        "request_confirmations",
        email_queries.list_due_confirmation_requests,
        confirmation.retry_confirmation_request,
    ),
    Task("apply_confirmations", _apply_confirmations),
    _each(
        "send_notices",
        email_queries.list_mailboxes_with_due_notifications,
        subscriptions.send_due_notifications,
    ),
    _each(
        "announce_closing",
        _find_due_closing_notifications,
        subscriptions.send_closing_notification,
        EVERY_FIVE_MINUTES,
    ),
    Task("delete_outdated_pdfs", _delete_outdated_pdfs),
    Task("delete_outdated_cards", _delete_outdated_cards, EVERY_MINUTE),
    Task("update_waiting_comments", _update_waiting_comments, EVERY_FIVE_MINUTES),
    Task("update_waiting_appeals", _update_waiting_appeals, EVERY_FIVE_MINUTES),
    _each(
        "send_staff_digests",
        list_staff_due_for_digest,
        staff_digest.enqueue_due_digest,
        EVERY_MINUTE,
    ),
    Task("announce_letters", _announce_letters, EVERY_MINUTE),
    Task("announce_comments", _announce_comments, EVERY_FIVE_MINUTES),
    Task("derive_uses_of_comments", _derive_uses_of_comments, EVERY_MINUTE),
    _each(
        "notify_used_comments",
        answer_queries.list_mailboxes_to_notify,
        answers.notify_authors,
        EVERY_MINUTE,
    ),
    Task("send_password_resets", _send_password_resets),
    Task("send_messages", _send_messages),
    Task("publish_letters", _publish_letters),
    Task("open_and_close_letters", _open_and_close_letters, EVERY_MINUTE),
    _purge(
        "purge_unconfirmed_comments",
        comment_queries.list_unconfirmed_before,
        partial(erase_unconfirmed_comments, by=SYSTEM),
        older_than=retention.UNCONFIRMED_COMMENT_TTL,
    ),
    _purge(
        "purge_unconfirmed_subscriptions",
        list_unconfirmed_before,
        purge_unconfirmed_subscriptions,
        older_than=retention.UNCONFIRMED_SUBSCRIPTION_TTL,
    ),
    _purge(
        "purge_unused_addresses",
        lambda _now: list_without_subscription(),
        purge_unused_addresses,
    ),
    _purge("erase_reasons_of_uses", answer_queries.list_reasons_of_erased, answers.erase_reasons),
    _purge(
        "erase_quotations", position_queries.list_quotations_of_erased, positions.erase_quotations
    ),
    _purge(
        "withhold_quotations",
        position_queries.list_quotations_of_redacted,
        positions.withhold_quotations,
        every=EVERY_FIVE_MINUTES,
    ),
    _each(
        "withhold_words_of_record_versions",
        publication_queries.list_versions_to_withhold,
        withhold_words,
        EVERY_FIVE_MINUTES,
    ),
    _purge(
        "erase_proposers",
        alternative_queries.list_alternatives_of_erased,
        alternatives.erase_proposers,
    ),
    _purge("erase_holder_names", holder_queries.list_holders_of_erased, holders.erase_names),
    _purge(
        "purge_holder_addresses",
        holder_queries.list_addresses_asked_before,
        holders.purge_addresses,
        older_than=retention.HOLDER_ADDRESS_TTL,
    ),
    _purge(
        "purge_inquiry_addresses",
        inquiry_queries.list_addresses_closed_before,
        inquiries.purge_addresses,
        older_than=retention.INQUIRY_ADDRESS_TTL,
    ),
    _purge(
        "purge_spam_inquiries",
        inquiry_queries.list_spam_before,
        inquiries.purge_spam,
        older_than=retention.INQUIRY_ADDRESS_TTL,
    ),
    Task("delete_unused_pictures", _delete_unused_pictures, EVERY_HOUR),
    _purge(
        "purge_network_addresses",
        _find_network_addresses,
        purge_network_addresses,
        older_than=retention.NETWORK_ADDRESS_TTL,
    ),
    _purge(
        "purge_staff_sessions",
        lambda now: list_sessions_before(now - retention.SESSION_TTL),
        sessions.purge_expired_sessions,
    ),
    _purge(
        "purge_api_tokens",
        lambda now: list_tokens_expired_before(now - retention.EXPIRED_TOKEN_TTL),
        api_tokens.purge_expired_tokens,
    ),
    _purge("purge_invitations", list_expired_invitations, invitations.purge_expired_invitations),
    _purge("purge_claims", list_expired_claims, claims.purge_expired_claims),
    _purge(
        "purge_batches", list_batches_before, bulk.purge_batches, older_than=retention.BATCH_TTL
    ),
    _purge(
        "purge_sanctions",
        list_sanctions_ended_before,
        sanctions.purge_ended_sanctions,
        older_than=retention.ENDED_SANCTION_TTL,
    ),
    _purge(
        "purge_messages", list_finished_messages, purge_messages, older_than=retention.MESSAGE_TTL
    ),
    Task("purge_mail_files", _purge_mail_files, EVERY_MINUTE),
    Task("truncate_long_wal", _truncate_long_wal, timedelta(seconds=10)),
    Task("erase_traces", _erase_traces, EVERY_MINUTE),
    Task(
        "detect_languages",
        _detect_languages,
        EVERY_MINUTE,
        repeat_threshold=comment_languages.MAX_COMMENTS_AT_ONCE,
    ),
    Task("render_comments_again", _render_comments_again, EVERY_HOUR),
    Task("rebuild_search_index", _rebuild_search_index, EVERY_MINUTE),
    Task("draw_reviews", _draw_reviews, EVERY_HOUR),
    Task("sign_log", _sign_tree_head_if_due, EVERY_MINUTE),
    Task("count_months", lambda _job: refresh_stored_months(), EVERY_MINUTE),
    Task("count_activity", lambda _job: refresh_activity(), EVERY_FIVE_MINUTES),
    _purge("purge_webhook_log", list_old_events, purge_log, older_than=LOG_TTL),
    Task("send_webhooks", lambda job: send_webhooks(job.runtime)),
    Task("run_external_checks", _run_external_checks),
)
