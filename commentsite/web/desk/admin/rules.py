"""Edit the moderation rules: preview the changes word by word, then publish them as a new version.

A version is never changed, because decisions cite the rule as it read at the time. A steward whose
form is based on an older version gets it back, together with the rules that were added meanwhile.
"""

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
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.rule_diff import ClauseDiff, diff_rulebooks

bp = Blueprint("desk_rules", __name__, url_prefix="/desk/rules")
bp.before_request(require_staff(Permission.EDIT_RULES))
COLUMNS = ("code", "number", "title", "text")  # of the form, each repeated for each rule
MAX_CODE_LENGTH = 4


@dataclass(frozen=True)
class RulesForm:
    """The rules as the form shows them, with the changes against the version in force."""

    rows: Sequence[ClauseInput]
    summary: str = ""
    changes: Sequence[ClauseDiff] | None = (
        None  # None before a preview, and when the input is invalid
    )


@bp.get("/")
def edit() -> Response:
    current_actor().require_everywhere(Permission.EDIT_RULES)
    rules = get_current_rulebook()
    return _render_page(rules, RulesForm(_build_rows(rules)))


@bp.get("/<action>")
def leave_action(action: str) -> AnyResponse:  # noqa: ARG001  # part of the address
    """Lead to the page. A browser gets here when a steward had to sign in again, or reloads an error."""
    return redirect(url_for("desk_rules.edit"), 303)


@bp.post("/preview")
def preview() -> AnyResponse:
    """Show what would change. Saves nothing."""
    current_actor().require_everywhere(Permission.EDIT_RULES)
    rows, summary = _read_form()
    return _render_changes(get_current_rulebook(), rows, summary)


@bp.post("/publish")
def publish() -> AnyResponse:
    by = current_actor()
    by.require_everywhere(Permission.EDIT_RULES)
    rows, summary = _read_form()
    based_on = parse_id(request.form.get("version", "")) or 0
    try:
        with transaction():
            version = publish_rules(based_on, rows, summary, by=by)
    except Conflict as error:
        rules = get_current_rulebook()
        return _render_changes(rules, _add_missing_rules(rows, rules), summary, error)
    except SiteError as error:
        return _render_changes(get_current_rulebook(), rows, summary, error)
    flash(_("Version %(n)d of the rules is in force.", n=version))
    return redirect(url_for("desk_rules.edit"), 303)


@bp.post("/")
def run_named_action() -> AnyResponse:
    """Publish if the field `act` says so, else preview. Scripts may still rely on this address."""
    return publish() if request.form.get("act") == "publish" else preview()


def _read_form() -> tuple[list[ClauseInput], str]:
    """Return the rules and the summary of the form. The row for a new rule is left out when it is empty.

    Raises Invalid when the columns of the form do not have the same length.
    """
    columns = [request.form.getlist(name)[: MAX_CLAUSES + 2] for name in COLUMNS]
    if len({len(column) for column in columns}) > 1:
        msg = "Part of the form is missing. Load the page again and repeat your changes."
        raise Invalid(msg)
    retired = set(request.form.getlist("retired"))
    rows = [
        ClauseInput(
            code[:MAX_CODE_LENGTH],
            parse_id(number) or 0,
            clean_single_line(title),
            clean_single_line(text),
            code in retired,
        )
        for code, number, title, text in zip(*columns, strict=True)
    ]
    summary = clean_single_line(request.form.get("summary", ""))
    return [row for row in rows if row.code or row.title or row.text], summary


def _build_rows(rules: Rulebook) -> list[ClauseInput]:
    return [
        ClauseInput(clause.code, clause.number, clause.title, clause.text, clause.is_retired)
        for clause in rules.all_clauses
    ]


def _add_missing_rules(rows: list[ClauseInput], rules: Rulebook) -> list[ClauseInput]:
    """Add to the input the rules that another steward added since the page was opened."""
    codes = {row.code for row in rows}
    return [*rows, *(row for row in _build_rows(rules) if row.code not in codes)]


def _render_changes(
    rules: Rulebook, rows: list[ClauseInput], summary: str, error: SiteError | None = None
) -> Response:
    try:
        changes = diff_rulebooks(rules, apply_edits(rules, rows))
    except Invalid as invalid:
        return _render_page(rules, RulesForm(rows, summary), error or invalid)
    return _render_page(rules, RulesForm(rows, summary, changes), error)


def _find_free_number(rows: Sequence[ClauseInput]) -> int | None:
    """Return the lowest number that no rule has, as a proposal for a new rule."""
    used = {row.number for row in rows}
    return next((n for n in range(1, MAX_CLAUSE_NUMBER + 1) if n not in used), None)


def _render_page(rules: Rulebook, form: RulesForm, error: SiteError | None = None) -> Response:
    page = render_template(
        "desk/admin/rules.html",
        actor=current_actor(),
        rules=rules,
        next_version=rules.version + 1,
        form=form,
        free_number=_find_free_number(form.rows),
        versions=list_rules_versions(),
        problem=translate_error(error) if error else "",
        wrong=(error.field or "") if error else "",
    )
    return make_response(page, get_status(error) if error else 200)
