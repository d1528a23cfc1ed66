"""The periodic tasks of the worker: messages to send, letters to publish, old data to delete."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from flask import Flask, render_template

from commentsite import clock, retention
from commentsite.accounts import invitations, sessions
from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import invitations_before, messages_due, sessions_before
from commentsite.audit.heads import is_due, prepare, sign_head
from commentsite.comments import confirming, following, mailing, walks
from commentsite.comments.afterwards import forget_addresses, forget_unconfirmed
from commentsite.comments.akismet import NoAnswer, Question, is_spam
from commentsite.comments.letting_in import let_in_after
from commentsite.comments.outside import ask_what_is_due
from commentsite.comments.reported import addresses_before
from commentsite.comments.sanctioned import over_since
from commentsite.comments.walks import latest_erasure
from commentsite.config import Settings
from commentsite.db import db, transaction
from commentsite.journal import empty_journal
from commentsite.letters.afterwards import close_due, is_window_due
from commentsite.letters.publishing import publish_when_due, unschedule
from commentsite.letters.queries import scheduled_until
from commentsite.moderation import (
    appeal_cases,
    batches,
    claims,
    digests,
    judges,
    sanctions,
    ties,
    waiting,
)
from commentsite.moderation.chosen import batches_before
from commentsite.moderation.claimed import lapsed
from commentsite.moderation.reviews import draw_due, is_draw_due
from commentsite.notifications.delivery import deliver
from commentsite.notifications.queries import settled_before
from commentsite.notifications.services import forget_messages
from commentsite.plain import one_line, without_links
from commentsite.postman import forget_kept, sender
from commentsite.search.services import drop_traces
from commentsite.site.queries import current_site, settings_row
from commentsite.vault import Vault
from commentsite.web.identity import Runtime

# Of what a message is made of, this alone is no words of people.
OURS = frozenset(
    {"receipt_token", "code", "slug", "answer_ids", "answer_id", "unsubscribe", "subject", "body"}
)
Item = TypeVar("Item")
Find = Callable[[datetime], Iterable[Item]]
PAUSE = 2.0  # seconds between passes
RETRY = timedelta(seconds=10)  # after a task failed, so that an outage does not fill the log
EVERY_PASS, EVERY_HOUR = timedelta(0), timedelta(hours=1)


@dataclass(frozen=True)
class Job:
    """The application that a task works for."""

    app: Flask

    @property
    def runtime(self) -> Runtime:
        """Return the settings and the vault of the application."""
        runtime: Runtime = self.app.extensions["commentsite"]
        return runtime


@dataclass(frozen=True)
class Task:
    """One kind of periodic work.

    `run` opens its own transactions and returns how many things it did. It reads first and opens
    none where nothing is due: a transaction takes SQLite's only write lock.
    """

    name: str
    run: Callable[[Job], int]
    every: timedelta = EVERY_PASS


def _each(name: str, find: Find[Item], act: Callable[[Item, Vault], int]) -> Task:
    """Return a task that handles each item found in a transaction of its own."""
    return Task(name, lambda job: _one_by_one(find(clock.now()), job.runtime.vault, act))


def _purge(
    name: str,
    find: Find[Any],
    delete: Callable[[datetime], int],
    *,
    older_than: timedelta = timedelta(0),
    every: timedelta = EVERY_HOUR,
) -> Task:
    """Return a task that deletes, in one transaction, what `find` says is old enough."""

    def run(_job: Job) -> int:
        before = clock.now() - older_than
        if not list(find(before)):
            return 0
        with transaction():
            return delete(before)

    return Task(name, run, every)


def run_once(app: Flask) -> int:
    """Run every task once and return how many things were done. Raises the last failure, once all have run."""
    done, failed = _run(app, TASKS)
    for problem in failed.values():
        raise problem
    return done


def run_forever(app: Flask, stop: threading.Event) -> None:
    """Run each task when it is due, until told to stop. A task that failed is run again after a pause."""
    due_at: dict[str, float] = {}
    while not stop.is_set():
        started = time.monotonic()
        due = [task for task in TASKS if due_at.get(task.name, started) <= started]
        _done, failed = _run(app, due)
        for task in due:
            pause = max(task.every, RETRY) if task.name in failed else task.every
            due_at[task.name] = started + pause.total_seconds()
        stop.wait(PAUSE)


def _run(app: Flask, tasks: Iterable[Task]) -> tuple[int, dict[str, Exception]]:
    """Run some tasks; return how many things were done, and what failed by name. One failure stops no other task."""
    done, failed, job = 0, {}, Job(app)
    with app.app_context():
        for task in tasks:
            try:
                done += task.run(job)
            except Exception as problem:
                app.logger.exception("task %s failed", task.name)
                failed[task.name] = problem
            finally:
                db.session.remove()
    return done, failed


def _one_by_one(items: Iterable[Item], vault: Vault, act: Callable[[Item, Vault], int]) -> int:
    done = 0
    for item in items:
        with transaction():
            done += act(item, vault)
    return done


def _apply_confirmations(job: Job) -> int:
    """Apply the confirmed addresses one by one, and publish what may be published then."""
    done, vault = 0, job.runtime.vault
    for comment_id in walks.to_confirm(clock.now()):
        with transaction():
            confirmed = confirming.confirm_due(comment_id, vault)
        if confirmed:
            _let_in(comment_id, vault)
        done += confirmed
    return done


def _let_in(comment_id: int, vault: Vault) -> None:
    with transaction():
        let_in_after(comment_id, current_site(), vault)


def _closing_soon(now: datetime) -> list[int]:
    return walks.to_tell_of_closing(now, now + following.SOON)


def _update_waiting_comments(job: Job) -> int:
    vault = job.runtime.vault
    stale = [n for n in ties.waiting_for_somebody() if waiting.is_stale(n, vault)]
    return _one_by_one(stale, vault, waiting.look_again)


def _update_waiting_appeals(job: Job) -> int:
    vault = job.runtime.vault
    stale = [n for n in appeal_cases.unjudged() if judges.is_stale(n, vault)]
    return _one_by_one(stale, vault, judges.look_again)


def _send_messages(job: Job) -> int:
    settings = job.runtime.settings
    return deliver(vault=job.runtime.vault, render=_render(settings), send=sender(settings))


def _open_and_close_letters(_job: Job) -> int:
    now = clock.now()
    if not is_window_due(now):
        return 0
    with transaction():
        return close_due(now)


def _with_network_address(before: datetime) -> list[Any]:
    return [*walks.with_address_before(before), *addresses_before(before)]


def _purge_mail_files(job: Job) -> int:
    before = clock.now() - retention.MESSAGES
    return forget_kept(job.runtime.settings.instance / "mail", before, walks.without_address)


def _erase_traces(_job: Job) -> int:
    """Remove erased text from the search index and SQLite's journal; a reader in the way delays it to the next pass."""
    row, erased = settings_row(), latest_erasure()
    if row is None or erased is None or (row.tidied_at and row.tidied_at > erased):
        return 0
    with transaction():
        now = clock.now()
        drop_traces()
    if not empty_journal():
        return 0
    with transaction():
        row.tidied_at = now
    return 1


def _draw_reviews(job: Job) -> int:
    if not is_draw_due():
        return 0
    with transaction():
        return draw_due(by=SYSTEM, vault=job.runtime.vault)


def _sign_log(job: Job) -> int:
    """Sign the log once a day when it has grown. Nothing waits for it, so it counts as nothing done."""
    if is_due(clock.now()):
        is_unfinished = True
        while is_unfinished:
            with transaction():
                is_unfinished = prepare()
        with transaction():
            sign_head(SYSTEM.label, job.runtime.settings.log_key)
    return 0


def _publish_letters(job: Job) -> int:
    """Publish each letter in a transaction of its own; one that cannot be published goes back to its editors."""
    now, published = clock.now(), 0
    for slug in scheduled_until(now):
        try:
            with transaction():
                published += publish_when_due(slug, now)
        except Exception:
            job.app.logger.exception("a scheduled letter could not be published")
            with transaction():
                unschedule(slug)
    return published


def _run_external_checks(job: Job) -> int:
    settings, vault = job.runtime.settings, job.runtime.vault
    service = settings.akismet
    if service is None:
        return 0

    def ask(question: Question) -> bool:
        try:
            return is_spam(service, question)
        except NoAnswer as silence:
            job.app.logger.warning("the service asked about words gave no answer: %s", silence)
            raise

    return ask_what_is_due(
        ask,
        base_url=settings.base_url,
        by=SYSTEM,
        then=lambda comment_id: _let_in(comment_id, vault),
    )


def _render(settings: Settings) -> Callable[[str, dict[str, Any]], tuple[str, str]]:
    def render(kind: str, context: dict[str, Any]) -> tuple[str, str]:
        words = {name: _inert(name, value) for name, value in context.items()}
        text = render_template(f"mail/{kind}.txt", base_url=settings.base_url, **words)
        subject, _, body = text.strip().partition("\n")
        return " ".join("".join(c if c.isprintable() else " " for c in subject).split())[
            :200
        ], body.strip() + "\n"

    return render


def _inert(name: str, value: Any) -> Any:
    """Return a value for a message without live links, but for those that are ours."""
    if isinstance(value, dict):
        return {key: _inert(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_inert(name, inner) for inner in value]
    if name in OURS:
        return value
    return without_links(value if name in {"note", "facts"} else one_line(value))


#: In the order of a pass. External checks come last, because they wait for a service of others.
TASKS = (
    _each("request_confirmations", walks.to_ask, mailing.ask_again),
    Task("apply_confirmations", _apply_confirmations),
    _each("send_notices", walks.mailboxes_due, following.tell_due),
    _each("announce_closing", _closing_soon, following.tell_closing),
    Task("update_waiting_comments", _update_waiting_comments),
    Task("update_waiting_appeals", _update_waiting_appeals),
    _each("send_staff_digests", messages_due, digests.tell_due),
    Task("send_messages", _send_messages),
    Task("publish_letters", _publish_letters),
    Task("open_and_close_letters", _open_and_close_letters),
    _purge(
        "purge_unconfirmed_comments",
        walks.unconfirmed_since,
        partial(forget_unconfirmed, by=SYSTEM),
        older_than=retention.UNCONFIRMED,
    ),
    _purge(
        "purge_network_addresses",
        _with_network_address,
        forget_addresses,
        older_than=retention.ADDRESSES,
    ),
    _purge(
        "purge_staff_sessions",
        lambda now: sessions_before(now - retention.SIGNED_IN),
        sessions.forget,
    ),
    _purge("purge_invitations", invitations_before, invitations.forget),
    _purge("purge_claims", lapsed, claims.forget),
    _purge("purge_batches", batches_before, batches.forget, older_than=retention.BATCHES),
    _purge("purge_sanctions", over_since, sanctions.forget, older_than=retention.SANCTIONS),
    _purge("purge_messages", settled_before, forget_messages, older_than=retention.MESSAGES),
    Task("purge_mail_files", _purge_mail_files),
    Task("erase_traces", _erase_traces),
    Task("draw_reviews", _draw_reviews, EVERY_HOUR),
    Task("sign_log", _sign_log),
    Task("run_external_checks", _run_external_checks),
)
