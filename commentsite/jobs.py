"""What time brings: messages to send, letters to publish, addresses to forget."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask, render_template

from commentsite import clock, retention
from commentsite.accounts import invitations, sessions
from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import messages_due
from commentsite.audit.heads import is_due, prepare, sign_head
from commentsite.comments import confirming, following, mailing, walks
from commentsite.comments.afterwards import forget_addresses, forget_unconfirmed
from commentsite.comments.akismet import NoAnswer, Question, is_spam
from commentsite.comments.letting_in import let_in_after
from commentsite.comments.outside import ask_what_is_due
from commentsite.comments.walks import latest_erasure
from commentsite.config import Settings
from commentsite.db import db, transaction
from commentsite.journal import empty_journal
from commentsite.letters.afterwards import close_due
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
from commentsite.moderation.reviews import draw_due
from commentsite.notifications.delivery import deliver
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
PAUSE = 2.0  # seconds between passes


def run_once(app: Flask) -> int:
    """Do one pass and return how many things were done; one kind of work that fails stops no other."""
    runtime: Runtime = app.extensions["commentsite"]
    send, render = sender(runtime.settings), _render(runtime.settings)
    vault, now = runtime.vault, clock.now
    work: tuple[Callable[[], int], ...] = (
        lambda: _one_by_one(walks.to_ask(now()), lambda n: mailing.ask_again(n, vault)),
        lambda: _confirm_due(vault),
        lambda: _one_by_one(walks.mailboxes_due(now()), lambda h: following.tell_due(h, vault)),
        lambda: _one_by_one(
            walks.to_tell_of_closing(now(), now() + following.SOON),
            lambda n: following.tell_closing(n, vault),
        ),
        lambda: _one_by_one(ties.waiting_for_somebody(), lambda n: waiting.look_again(n, vault)),
        lambda: _one_by_one(appeal_cases.unjudged(), lambda n: judges.look_again(n, vault)),
        lambda: _one_by_one(messages_due(now()), lambda n: digests.tell_due(n, vault)),
        lambda: deliver(vault=runtime.vault, render=render, send=send),
        lambda: _publish_due(app),
        _in_transaction(lambda: close_due(clock.now())),
        _in_transaction(lambda: forget_unconfirmed(clock.now() - retention.UNCONFIRMED, by=SYSTEM)),
        _in_transaction(lambda: forget_addresses(clock.now() - retention.ADDRESSES)),
        _in_transaction(lambda: sessions.forget(clock.now())),
        _in_transaction(lambda: invitations.forget(clock.now())),
        _in_transaction(lambda: claims.forget(clock.now())),
        _in_transaction(lambda: batches.forget(clock.now() - retention.BATCHES)),
        _in_transaction(lambda: sanctions.forget(clock.now() - retention.SANCTIONS)),
        _in_transaction(lambda: forget_messages(clock.now() - retention.MESSAGES)),
        lambda: forget_kept(
            runtime.settings.instance / "mail", now() - retention.MESSAGES, walks.without_address
        ),
        _tidy,
        _in_transaction(lambda: draw_due(by=SYSTEM, vault=runtime.vault)),
        lambda: _sign_log(runtime.settings.log_key),
        lambda: _ask_outside(app, runtime.settings),  # last: it waits for others
    )
    done, failed = 0, None
    with app.app_context():
        for step in work:
            try:
                done += step()
            except Exception as problem:  # noqa: BLE001  # told below, once the others are done
                failed = problem
            finally:
                db.session.remove()
    if failed is not None:
        raise failed
    return done


def _in_transaction(step: Callable[[], int]) -> Callable[[], int]:
    def inside() -> int:
        with transaction():
            return step()

    return inside


def _tidy() -> int:
    """Drop what was erased from the index and the journal too; again at the next pass when a reader is in the way."""
    with transaction():
        row, erased = settings_row(), latest_erasure()
        if row is None or erased is None or (row.tidied_at and row.tidied_at > erased):
            return 0
        now = clock.now()
        drop_traces()
    if not empty_journal():
        return 0
    with transaction():
        row.tidied_at = now
    return 1


def _one_by_one(items: Iterable[Item], act: Callable[[Item], int]) -> int:
    """Do something in a transaction of its own for each: one mailbox, one comment."""
    done = 0
    for item in items:
        with transaction():
            done += act(item)
    return done


def _confirm_due(vault: Vault) -> int:
    """Let what its owners have confirmed take effect, one by one, and come in where it may."""
    done = 0
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


def _sign_log(kept: Path) -> int:
    """Sign the log once a day when it has grown; no work that anybody waits for, so it counts as none."""
    if is_due(clock.now()):
        while _in_transaction(prepare)():
            pass
        with transaction():
            sign_head(SYSTEM.label, kept)
    return 0


def _publish_due(app: Flask) -> int:
    """Publish each letter by itself; one that cannot be goes back to its editors and holds up nobody."""
    now, published = clock.now(), 0
    for slug in scheduled_until(now):
        try:
            with transaction():
                published += publish_when_due(slug, now)
        except Exception:
            app.logger.exception("a scheduled letter could not be published")
            with transaction():
                unschedule(slug)
    return published


def _ask_outside(app: Flask, settings: Settings) -> int:
    service = settings.akismet
    if service is None:
        return 0

    def ask(question: Question) -> bool:
        try:
            return is_spam(service, question)
        except NoAnswer as silence:
            app.logger.warning("the service asked about words gave no answer: %s", silence)
            raise

    vault = app.extensions["commentsite"].vault
    return ask_what_is_due(
        ask,
        base_url=settings.base_url,
        by=SYSTEM,
        then=lambda comment_id: _let_in(comment_id, vault),
    )


def run_forever(app: Flask, stop: threading.Event) -> None:
    """Do pass after pass until told to stop; what fails is logged and tried again."""
    while not stop.is_set():
        try:
            run_once(app)
        except Exception:  # the worker outlives a database that is away
            app.logger.exception("a pass of the worker failed")
        stop.wait(PAUSE)


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
