"""The page of the workbench, and the parts that its forms share.

A form that is refused leads back to the page with its message, and with everything that was typed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.accounts.queries import load_shortcuts
from commentsite.accounts.shortcuts import ShortcutAction
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.models import Summary
from commentsite.summaries.positions import queries
from commentsite.summaries.positions.policy import MIN_LENGTH_RATIO
from commentsite.summaries.positions.queries import CommentChoice
from commentsite.text.scripts import UNSPACED
from commentsite.web.context import current_actor, current_site
from commentsite.web.desk.letters.record.view import build_record_view
from commentsite.web.errors import add_retry_after, get_status, translate_error
from commentsite.web.http.parameters import parse_id

MAX_QUERY_LENGTH = 200


@dataclass(frozen=True)
class TypedForm:
    """The form that was refused, so that the page shows it with what was typed."""

    id: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def get(self, form_id: str, name: str, stored: str = "") -> str:
        """Return what was typed into a field of the refused form, or the stored text."""
        return self.values.get(name, stored) if form_id == self.id else stored

    def is_open(self, form_id: str) -> bool:
        return form_id == self.id


NOTHING_TYPED = TypedForm()


def run_action(
    slug: str, form_id: str, action: Callable[[], object], notice: str, *, anchor: str = ""
) -> AnyResponse:
    """Run an action in a transaction, and lead back to its place on the page."""
    try:
        with transaction():
            action()
    except SiteError as error:
        return render_page(slug, error, keep_typed(form_id))
    if notice:
        flash(notice)
    return redirect_to_place(slug, anchor or form_id)


def redirect_to_place(slug: str, anchor: str) -> AnyResponse:
    """Lead back to the page as the editor had filtered it."""
    chosen = _read_choice(request.form, prefix="f-")
    values = {name: value for name, value in chosen.__dict__.items() if value}
    after = parse_id(request.form.get("f-after", ""))
    return redirect(
        url_for("desk_record.show", slug=slug, after=after, _anchor=anchor, **values), 303
    )


def load_record(slug: str) -> tuple[Letter, Summary | None]:
    """Return the letter and its record, if the actor may work on all of its letters."""
    letter, actor = letter_queries.get_any_letter(slug), current_actor()
    summary = summary_queries.find_summary(letter.id)
    if summary is not None and actor.letter_ids is not None:
        for letter_id in summary_queries.list_letter_ids(summary):
            actor.require(Permission.WRITE_LETTERS, letter_id)
    return letter, summary


def render_page(
    slug: str, error: SiteError | None = None, typed: TypedForm = NOTHING_TYPED
) -> Response:
    letter, summary = load_record(slug)
    common = {
        "actor": current_actor(),
        "letter": letter,
        "problem": translate_error(error) if error else "",
        "wrong": (error.field or "") if error else "",
        "typed": typed,
    }
    if summary is None:
        other = next(iter(summary_queries.find_records_with(letter.id)), None)
        page = render_template(
            "desk/letters/record/start.html",
            other=letter_queries.get_letter(other.letter_id) if other else None,
            comments=sum(queries.count_by_group([letter.id]).values()),
            **common,
        )
    else:
        source: Mapping[str, str] = request.args if request.method == "GET" else request.form
        prefix = "" if request.method == "GET" else "f-"
        page = render_template(
            "desk/letters/record/workbench.html",
            record=build_record_view(
                summary,
                _read_choice(source, prefix),
                parse_id(source.get(f"{prefix}after", "")),
                current_site(),
            ),
            unspaced=UNSPACED,
            min_length_ratio=MIN_LENGTH_RATIO,
            keys=_load_keys(),
            **common,
        )
    return add_retry_after(make_response(page, get_status(error) if error else 200), error)


@dataclass(frozen=True)
class MovingKeys:
    """The keys that choose a comment, as this member of staff set them for the queue."""

    next: str
    previous: str
    are_off: bool


def _load_keys() -> MovingKeys:
    shortcuts = load_shortcuts(current_actor().user_id)
    keys = shortcuts.by_action
    return MovingKeys(keys[ShortcutAction.NEXT], keys[ShortcutAction.PREVIOUS], shortcuts.is_off)


def _read_choice(source: Mapping[str, str], prefix: str = "") -> CommentChoice:
    return CommentChoice(
        **{
            name: source.get(f"{prefix}{name}", "")[:MAX_QUERY_LENGTH].strip()
            for name in ("paragraph", "group", "stance", "use", "q")
        }
    )


def keep_typed(form_id: str) -> TypedForm:
    return TypedForm(form_id, request.form.to_dict())


def read_revision() -> int:
    return parse_id(request.form.get("revision", "")) or 0


def read_position() -> int:
    return parse_id(request.form.get("position", "")) or 0


def read_comment() -> int | None:
    return parse_id(request.form.get("comment", ""))


def read_group() -> str:
    """Return the chosen stakeholder group, or an empty string if the site has no such group."""
    code = request.form.get("group", "")
    return code if code in current_site().groups else ""


def wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
