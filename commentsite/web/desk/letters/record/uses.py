"""Mark comments as quoted, merged, answered or not used in the record of positions, one or many at once."""

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
from commentsite.errors import NotFound, SiteError
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.answers import queries as answer_queries
from commentsite.summaries.answers.queries import CommentRow
from commentsite.summaries.answers.services import MAX_REASON_LENGTH, NOT_MARKED, mark_comments
from commentsite.summaries.models import Summary
from commentsite.summaries.states import CommentUse
from commentsite.web.context import current_actor, require_staff
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.labels import COMMENT_USE_LABELS

bp = Blueprint("desk_record_uses", __name__, url_prefix="/desk/letters/<slug>/positions/uses")
bp.before_request(require_staff(Permission.WRITE_LETTERS))

CLEAR = "none"  # in the form: take the mark away


@dataclass(frozen=True)
class UseForm:
    """The form that marks comments, as it was sent or as it stands at first.

    `comment_id` is the one comment that it is about, or 0 for those that are ticked in a list.
    """

    address: str
    comment_id: int
    use: str
    reason: str
    max_length: int = MAX_REASON_LENGTH
    clear: str = CLEAR  # the value of `use` that takes the mark away
    ticked: frozenset[int] = frozenset()
    problem: str = ""
    wrong: str = ""  # the field with the problem


@dataclass(frozen=True)
class UseView:
    """A list of comments with the same use. `use` is a CommentUse, or "" for none."""

    label: str
    count: int
    url: str
    is_current: bool


@dataclass(frozen=True)
class UsePage:
    form: UseForm
    views: tuple[UseView, ...]
    rows: tuple[CommentRow, ...]
    use: str
    next_url: str


def build_use_form(slug: str, comment_id: int, use: str = "", reason: str = "") -> UseForm:
    """Return the form about one comment, for a page of the record that shows the comment."""
    return UseForm(url_for("desk_record_uses.mark", slug=slug), comment_id, use, reason)


@bp.get("")
def index(slug: str) -> Response:
    """List the comments by the use made of them, those that nothing is made of first."""
    return _render_page(slug, UseForm(url_for("desk_record_uses.mark", slug=slug), 0, "", ""))


@bp.post("")
def mark(slug: str) -> AnyResponse:
    ids = frozenset(filter(None, map(parse_id, request.form.getlist("comment"))))
    use, reason = request.form.get("use", ""), request.form.get("reason", "")
    letter = letter_queries.get_any_letter(slug)
    try:
        with transaction():
            summary = summary_queries.get_summary_for_update(letter.id)
            changed = mark_comments(
                summary,
                ids,
                NOT_MARKED if use == CLEAR else use or "?",
                reason,
                by=current_actor(),
            )
    except NotFound:
        raise
    except SiteError as error:
        form = UseForm(
            request.path,
            0,
            use,
            reason,
            ticked=ids,
            problem=translate_error(error),
            wrong=error.field or "",
        )
        return _render_page(slug, form, status=get_status(error))
    flash(ngettext("%(num)d comment is marked.", "%(num)d comments are marked.", changed))
    if request.form.get("back") == "record" and ids:
        return redirect(url_for("desk_record.show", slug=slug, _anchor=f"comment-{min(ids)}"), 303)
    return redirect(url_for("desk_record_uses.index", slug=slug, use=_read_use()), 303)


def _render_page(slug: str, form: UseForm, *, status: int = 200) -> Response:
    letter = letter_queries.get_any_letter(slug)
    summary = summary_queries.find_summary(letter.id)
    page = render_template(
        "desk/letters/record/uses.html",
        actor=current_actor(),
        letter=letter,
        page=_build_page(letter, summary, form) if summary else None,
        uses=list(CommentUse),
    )
    return make_response(page, status)


def _build_page(letter: Letter, summary: Summary, form: UseForm) -> UsePage:
    letter_ids, use = summary_queries.list_letter_ids(summary), _read_use() or ""
    after = parse_id(request.args.get("after", "")) or 0
    rows, next_after = answer_queries.load_comment_rows(summary.id, letter_ids, use, after=after)
    counts = answer_queries.count_by_use(summary.id, letter_ids)
    labels = {"": _("nothing yet")}
    labels |= {code.value: str(COMMENT_USE_LABELS[code.value]) for code in CommentUse}
    return UsePage(
        form=form,
        views=tuple(
            UseView(
                label=label,
                count=counts.get(code, 0),
                url=url_for("desk_record_uses.index", slug=letter.slug, use=code or None),
                is_current=code == use,
            )
            for code, label in labels.items()
        ),
        rows=tuple(rows),
        use=use,
        next_url=url_for(
            "desk_record_uses.index", slug=letter.slug, use=use or None, after=next_after
        )
        if next_after
        else "",
    )


def _read_use() -> str | None:
    use = request.args.get("use", "")
    return use if use in set(CommentUse) else None
