"""Edit the rules of the site: see word by word what would change, then publish it as a new version."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Conflict, Invalid, SiteError
from commentsite.site.queries import get_current_rulebook, list_rules_versions
from commentsite.site.rule_editing import publish_rules
from commentsite.site.rulebook import (
    MAX_CLAUSE_NUMBER,
    MAX_CLAUSES,
    ClauseInput,
    Rulebook,
    apply_edits,
)
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_actor, require_staff
from commentsite.web.errors import sentence, status_of
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.rule_diff import Change
from commentsite.web.rendering.rule_diff import changes as rule_diff_changes

bp = Blueprint("desk_rules", __name__, url_prefix="/desk/rules")
bp.before_request(require_staff(Permission.EDIT_RULES))
COLUMNS = ("code", "number", "title", "text")


@dataclass(frozen=True)
class Editing:
    """The form as somebody filled it."""

    rows: Sequence[ClauseInput]
    summary: str = ""
    changes: Sequence[Change] | None = None  # none is known where what was typed cannot be taken


@bp.get("/")
def index() -> Response:
    """Show the rules in force, to be changed."""
    current_actor().require_everywhere(Permission.EDIT_RULES)
    rules = get_current_rulebook()
    return _page(rules, Editing(_rows(rules)))


@bp.post("/")
def edit() -> AnyResponse:
    """Show what would change, or put it in force as a new version."""
    by = current_actor()
    by.require_everywhere(Permission.EDIT_RULES)
    rows, summary = _typed(), clean_single_line(request.form.get("summary", ""))
    if request.form.get("act") != "publish":
        return _compared(get_current_rulebook(), rows, summary)
    try:
        with transaction():
            version = publish_rules(
                parse_id(request.form.get("version", "")) or 0, rows, summary, by=by
            )
    except Conflict as error:
        rules = get_current_rulebook()
        return _compared(rules, _with_missing(rows, rules), summary, error)
    except SiteError as error:
        return _compared(get_current_rulebook(), rows, summary, error)
    flash(_("Version %(n)d of the rules is in force.", n=version))
    return redirect(url_for("desk_rules.index"), 303)


def _compared(
    rules: Rulebook, rows: list[ClauseInput], summary: str, error: SiteError | None = None
) -> Response:
    try:
        found = rule_diff_changes(rules, apply_edits(rules, rows))
    except Invalid as wrong:
        return _page(rules, Editing(rows, summary), error or wrong)
    return _page(rules, Editing(rows, summary, found), error)


def _typed() -> list[ClauseInput]:
    """Return the rows of the form; a new one in which nothing is written is none."""
    columns = [request.form.getlist(name)[: MAX_CLAUSES + 2] for name in COLUMNS]
    if len({len(column) for column in columns}) > 1:
        msg = "The page was damaged on its way. Load it again and repeat."
        raise Invalid(msg)
    retired = set(request.form.getlist("retired"))
    rows = [
        ClauseInput(
            code[:4],
            parse_id(number) or 0,
            clean_single_line(title),
            clean_single_line(text),
            code in retired,
        )
        for code, number, title, text in zip(*columns, strict=True)
    ]
    return [row for row in rows if row.code or row.title or row.text]


def _rows(rules: Rulebook) -> list[ClauseInput]:
    return [ClauseInput(c.code, c.number, c.title, c.text, c.is_retired) for c in rules.all_clauses]


def _with_missing(rows: list[ClauseInput], rules: Rulebook) -> list[ClauseInput]:
    """Return what was typed, and besides what came in since the page was opened."""
    there = {row.code for row in rows}
    return [*rows, *(row for row in _rows(rules) if row.code not in there)]


def _page(rules: Rulebook, editing: Editing, error: SiteError | None = None) -> Response:
    taken = {row.number for row in editing.rows}
    page = render_template(
        "desk/admin/rules.html",
        actor=current_actor(),
        rules=rules,
        editing=editing,
        free=next((n for n in range(1, MAX_CLAUSE_NUMBER + 1) if n not in taken), ""),
        history=list_rules_versions(),
        problem=sentence(error) if error else "",
        wrong=(error.field or "") if error else "",
    )
    return make_response(page, status_of(error) if error else 200)
