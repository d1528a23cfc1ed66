"""Show the audit log at the desk in words, filter it, and sign a checkpoint over it on request."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import staff_names_by_label
from commentsite.audit.queries import find_latest_tree_head, get_last_entry
from commentsite.audit.tree_heads import sign_tree_head
from commentsite.db.session import db, transaction
from commentsite.errors import ConfigurationError, Invalid
from commentsite.letters.queries import find_by_current_slug, list_newest_letters
from commentsite.moderation.audit_entries.queries import EntryFilters, EntryPage, find_entries
from commentsite.text.collation import collation_key
from commentsite.text.csv_cells import escape_csv_cell
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.admin.audit_sentences import (
    EVENT_KIND_LABELS,
    EntryRow,
    EventKind,
    describe_entries,
    list_actions,
)
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.time_zones import get_zone

ENTRIES_PER_PAGE = 100
ENTRIES_PER_BATCH = 500  # of a download
MAX_LETTERS_OFFERED = 200
MAX_FIELD_LENGTH = 200
#: Labels of actors that are no member of staff.
READERS, THE_SITE = "reader", "system"
FILTER_NAMES = ("actor", "kind", "letter", "comment", "since", "until")
bp = Blueprint("desk_audit_log", __name__)
bp.before_request(require_staff(Permission.SEE_AUDIT))


@dataclass(frozen=True)
class FilterForm:
    """The filters as typed, with the error of a field."""

    typed: dict[str, str]
    problem: str = ""
    wrong: str | None = None

    @property
    def query_args(self) -> dict[str, str]:
        return {name: value for name, value in self.typed.items() if value}


@bp.get("/desk/audit/")
def index() -> Response:
    """Show the newest entries that meet the filters, or those before the entry number in `?before=`."""
    actor, typed = current_actor(), _read_typed()
    before = parse_id(request.args.get("before", ""))
    try:
        filters = _parse_filters(typed, actor)
    except Invalid as error:
        form = FilterForm(typed, translate_error(error), error.field)
        return _render_page(actor, form, EntryPage([], None), get_status(error))
    page = _find_page(filters, actor, before, ENTRIES_PER_PAGE)
    return _render_page(actor, FilterForm(typed), page)


@bp.get("/desk/audit/entries.csv")
def download() -> Response:
    """Send every entry that meets the filters, as it is read. Times are in UTC."""
    actor, filters = current_actor(), _parse_filters(_read_typed(), current_actor())
    response = Response(
        stream_with_context(_write_csv(filters, actor)), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
    return response


@bp.post("/desk/audit/heads")
def sign() -> AnyResponse:
    """Sign a checkpoint (a tree head) over all entries of the log."""
    actor = current_actor()
    actor.require(Permission.SIGN_LOG)
    try:
        with transaction():
            checkpoint = sign_tree_head(actor.label, runtime().settings.log_key_path)
    except ConfigurationError as error:
        # The file of the signing key is missing or unsafe. The operator of the server can repair it.
        flash(str(error), "error")
    else:
        flash(
            ngettext(
                "Signed a checkpoint over %(num)d entry.",
                "Signed a checkpoint over %(num)d entries.",
                checkpoint.size,
            )
            if checkpoint
            else _("The latest checkpoint covers every entry already.")
        )
    return redirect(url_for("desk_audit_log.index"), 303)


def _render_page(actor: Actor, form: FilterForm, page: EntryPage, status: int = 200) -> Response:
    entry_count = get_last_entry()[0]
    checkpoint = find_latest_tree_head()
    signed_count = checkpoint.size if checkpoint else 0
    names = sorted(staff_names_by_label().items(), key=lambda item: collation_key(item[1]))
    html = render_template(
        "desk/admin/audit_log.html",
        actor=actor,
        form=form,
        entries=describe_entries(page.entries, actor),
        next_before=page.next_before,
        is_cut_short=page.is_cut_short,
        is_filtered=bool(form.query_args),
        actors=[(THE_SITE, _("The site")), (READERS, _("Authors and readers")), *names],
        kinds=EVENT_KIND_LABELS,
        letters=list_newest_letters(
            MAX_LETTERS_OFFERED, include_slug=form.typed["letter"], letter_ids=actor.letter_ids
        ),
        entry_count=entry_count,
        checkpoint=checkpoint,
        can_sign=actor.can(Permission.SIGN_LOG) and entry_count > signed_count,
    )
    return make_response(html, status)


def _find_page(filters: EntryFilters, actor: Actor, before: int | None, limit: int) -> EntryPage:
    can_see_private = actor.can(Permission.MANAGE_PEOPLE)
    return find_entries(filters, before=before, limit=limit, can_see_private=can_see_private)


def _write_csv(filters: EntryFilters, actor: Actor) -> Iterator[str]:
    yield _format_csv_row("entry", "time", "actor", "action", "object", "state", "text", "hash")
    before = None
    while True:
        page = _find_page(filters, actor, before, ENTRIES_PER_BATCH)
        yield "".join(_format_entry(row) for row in describe_entries(page.entries, actor))
        db.session.remove()  # a slow client must not hold a connection of the pool
        if page.next_before is None:
            return
        before = page.next_before


def _format_entry(row: EntryRow) -> str:
    moment = row.at.astimezone(UTC).isoformat(timespec="seconds")
    return _format_csv_row(
        row.seq, moment, row.actor, row.action, row.object, row.state, row.plain_sentence, row.hash
    )


def _format_csv_row(*values: object) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([escape_csv_cell(value) for value in values])
    return text.getvalue()


# --- The filters


def _read_typed() -> dict[str, str]:
    return {
        name: clean_single_line(request.args.get(name, ""))[:MAX_FIELD_LENGTH]
        for name in FILTER_NAMES
    }


def _parse_filters(typed: dict[str, str], actor: Actor) -> EntryFilters:
    """Return the filters that were typed. Raises Invalid with the field to correct."""
    since, until = _parse_day(typed, "since"), _parse_day(typed, "until")
    if since and until and since > until:
        msg = "The last day is before the first day."
        raise Invalid(msg, field="until")
    return EntryFilters(
        actor=_parse_actor(typed["actor"]),
        actions=_parse_kind(typed["kind"]),
        letter_id=_find_letter(typed["letter"], actor) if typed["letter"] else None,
        comment_id=_parse_comment(typed["comment"]) if typed["comment"] else None,
        since=_start_of(since) if since else None,
        until=_start_of(until + timedelta(days=1)) if until else None,
    )


def _parse_actor(label: str) -> str:
    is_staff = label.startswith("user:") and parse_id(label.removeprefix("user:")) is not None
    if label in {"", READERS, THE_SITE} or is_staff:
        return label
    msg = "Choose a person from the list."
    raise Invalid(msg, field="actor")


def _parse_kind(text: str) -> frozenset[str]:
    if not text:
        return frozenset()
    if text not in set(EventKind):
        msg = "Choose a kind of event from the list."
        raise Invalid(msg, field="kind")
    return list_actions(EventKind(text))


def _parse_comment(text: str) -> int:
    number = parse_id(text.removeprefix("#"))
    if number is None:
        msg = "Enter the number of a comment, for example 143."
        raise Invalid(msg, field="comment")
    return number


def _find_letter(slug: str, actor: Actor) -> int:
    letter = find_by_current_slug(slug)
    may_write = letter is not None and actor.can(Permission.WRITE_LETTERS, letter.id)
    may_read = letter is not None and actor.can(Permission.SEE_AUDIT, letter.id)
    if letter is None or not may_read or not (may_write or letter.published_at):
        msg = "There is no letter with this address. Choose one from the list."
        raise Invalid(msg, field="letter")
    return letter.id


def _parse_day(typed: dict[str, str], field: str) -> date | None:
    text = typed[field]
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        msg = "Enter the date as year, month and day, for example 2018-01-31."
        raise Invalid(msg, field=field) from None
    if day is not None and not date(1970, 1, 1) <= day <= clock.now().date() + timedelta(days=366):
        msg = "Enter a date since 1970 and not in the far future."
        raise Invalid(msg, field=field)
    return day


def _start_of(day: date) -> datetime:
    """Return the first moment of a day in the zone of the page."""
    return datetime.combine(day, time(), tzinfo=get_zone()).astimezone(UTC)
