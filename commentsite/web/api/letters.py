"""Letters: the list and each letter for readers, and with a token new drafts and changes to letters."""

from typing import Any

from flask import Response, abort, request, url_for

from commentsite.accounts.api_tokens import TokenScope
from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments.listing.queries import count_published_by_group
from commentsite.db.session import transaction
from commentsite.letters import changes
from commentsite.letters import queries as letter_queries
from commentsite.letters.changes import LetterChanges
from commentsite.letters.draft import AuthorDraft, PermissionDraft
from commentsite.letters.models import Letter
from commentsite.letters.states import LetterState, PermissionMethod
from commentsite.letters.text import queries as text_queries
from commentsite.web.api.access import TOKEN_LIMIT, has_token, require_scope
from commentsite.web.api.answers import answer_readers, cut_page
from commentsite.web.api.blueprint import bp, document_problem, respond
from commentsite.web.api.cursors import decode_position, encode_position
from commentsite.web.api.representations import (
    show_letter,
    show_letter_summary,
    show_letter_to_staff,
)
from commentsite.web.api.schemas import (
    LetterPageSchema,
    LetterPatchSchema,
    LetterQuerySchema,
    LetterSchema,
    NewLetterSchema,
)
from commentsite.web.context import current_site
from commentsite.web.http.extensions import limiter
from commentsite.web.http.problems import build_problem
from commentsite.web.public.letters.page import get_letter_or_redirect, letter_page_version
from commentsite.web.rendering.i18n import gettext as _

ETAG_DOC = {"ETag": {"schema": {"type": "string"}}}
WRITING = [{"token": [TokenScope.WRITE_LETTERS.value]}]
OPTIONAL_TOKEN: list[dict[str, list[str]]] = [{}, *WRITING]


@bp.get("/letters")
@bp.arguments(LetterQuerySchema, location="query")
@bp.response(200, LetterPageSchema, headers=ETAG_DOC)
@bp.alt_response(304, description="The answer is the one whose ETag the request has.")
@document_problem(422, "A parameter is not valid.")
@bp.doc(operationId="listLetters", tags=["Letters"])
def list_letters(query: dict[str, Any]) -> Response:
    """List the published letters, the newest first."""
    after = decode_position(query["cursor"])

    def build() -> dict[str, Any]:
        rows = letter_queries.list_published_letters_after(
            after, topic=query["topic"], language=query["language"], limit=query["limit"] + 1
        )
        letters, next_cursor = cut_page(rows, query["limit"], _build_cursor)
        counts = count_published_by_group([letter.id for letter in letters])
        items = [show_letter_summary(letter, counts[letter.id]) for letter in letters]
        return {"items": items, "next": next_cursor}

    return answer_readers(_get_list_stamp(), build, query)


@bp.post("/letters")
@limiter.limit(TOKEN_LIMIT)
@bp.arguments(NewLetterSchema)
@bp.response(201, LetterSchema, headers={**ETAG_DOC, "Location": {"schema": {"type": "string"}}})
@document_problem(401, "The token is missing or not valid.")
@document_problem(403, "The token or the role of its owner does not allow this.")
@document_problem(409, "Another letter has or had this slug.")
@document_problem(415, "The body is not JSON.")
@document_problem(422, "A member is missing or not valid.")
@bp.doc(operationId="createLetter", tags=["Letters"], security=WRITING)
def create_letter(data: dict[str, Any]) -> Response:
    """Store a letter as a draft.

    Its address in the API is in Location, its ETag is for the first change.
    """
    holder = require_scope(TokenScope.WRITE_LETTERS)
    with transaction():
        letter = changes.create_letter(
            _read_changes(data),
            slug=data.get("slug", ""),
            permission=_read_permission(data.get("permission")),
            by=holder.actor,
        )
        slug = letter.slug
    response = _answer_staff(slug, 201)
    response.headers["Location"] = url_for("api.get_letter", slug=slug, _external=True)
    return response


@bp.get("/letters/<slug>")
@limiter.limit(TOKEN_LIMIT, exempt_when=lambda: not has_token())
@bp.response(200, LetterSchema, headers=ETAG_DOC)
@bp.alt_response(301, description="The letter has another address now.")
@bp.alt_response(304, description="The answer is the one whose ETag the request has.")
@document_problem(404, "There is no letter at this address.")
@document_problem(410, "The letter was withdrawn. Its comments stay.")
@bp.doc(operationId="getLetter", tags=["Letters"], security=OPTIONAL_TOKEN)
def get_letter(slug: str) -> Response:
    """Return a letter with its text.

    With a token that has the scope `letters:write`, the answer also holds letters and changes that are not
    published, and its ETag is the one that a change needs.
    """
    if has_token():
        holder = require_scope(TokenScope.WRITE_LETTERS)
        _require_letter(slug, holder.actor)
        return _answer_staff(slug)
    stamp = letter_page_version(slug)
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("api.get_letter", slug=new_slug, _external=True)
    )
    if letter.state == LetterState.WITHDRAWN:
        return build_problem(
            410,
            _("This letter was withdrawn."),
            reason=letter.withdrawal_reason,
            withdrawn_at=letter.withdrawn_at.isoformat() if letter.withdrawn_at else None,
        )
    return answer_readers(stamp, lambda: _show(letter))


@bp.route("/letters/<slug>", methods=["PATCH"])
@limiter.limit(TOKEN_LIMIT)
@bp.arguments(LetterPatchSchema)
@bp.response(200, LetterSchema, headers=ETAG_DOC)
@document_problem(401, "The token is missing or not valid.")
@document_problem(403, "The token or the role of its owner does not allow this.")
@document_problem(404, "There is no letter at this address.")
@document_problem(409, "The state of the letter, or another editor at work, does not allow this.")
@document_problem(412, "The letter has changed since it was read.")
@document_problem(415, "The body is not JSON.")
@document_problem(422, "A member is not valid.")
@document_problem(428, "The header If-Match is missing.")
@bp.doc(
    operationId="changeLetter",
    tags=["Letters"],
    security=WRITING,
    parameters=[
        {
            "in": "header",
            "name": "If-Match",
            "required": True,
            "description": "The ETag of the answer to a request with a token.",
            "schema": {"type": "string"},
        }
    ],
)
def change_letter(data: dict[str, Any], slug: str) -> Response:
    """Change the members that are sent, and leave the others as they are.

    Changes of title, standfirst, editor's note and text of a published letter are not public before an editor
    publishes them as a correction at the desk.
    """
    holder = require_scope(TokenScope.WRITE_LETTERS)
    if data.get("state") == LetterState.PUBLISHED or "comments_open" in data:
        require_scope(TokenScope.PUBLISH_LETTERS)
    with transaction():
        letter = letter_queries.get_letter_for_update(slug)
        holder.actor.require(Permission.WRITE_LETTERS, letter.id)
        _check_precondition(letter)
        changes.change_letter(
            slug,
            _read_changes(data),
            state=LetterState(data["state"]) if "state" in data else None,
            comments_open=data.get("comments_open"),
            needs_second_person=current_site().letters_need_two,
            by=holder.actor,
        )
    return _answer_staff(slug)


def _check_precondition(letter: Letter) -> None:
    if not request.if_match and "If-Match" not in request.headers:
        sentence = _("Read the letter with your token, and send its ETag in the header If-Match.")
        abort(build_problem(428, sentence))
    if not request.if_match.contains(changes.get_edit_version(letter)):
        sentence = _(
            "This letter has changed since you read it. Read it again before you change it."
        )
        abort(build_problem(412, sentence))


def _require_letter(slug: str, by: Actor) -> None:
    by.require(Permission.WRITE_LETTERS)
    by.require(Permission.WRITE_LETTERS, letter_queries.get_any_letter(slug).id)


def _answer_staff(slug: str, status: int = 200) -> Response:
    letter = letter_queries.get_any_letter(slug)
    copy = letter_queries.find_working_copy(letter)
    text = text_queries.get_source_text(letter)
    response = respond(show_letter_to_staff(_show(letter), letter, text, copy), status)
    response.set_etag(changes.get_edit_version(letter))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _show(letter: Letter) -> dict[str, Any]:
    related = {letter.translation_of_id, letter.superseded_by_id} - {None}
    return show_letter(
        letter,
        text_queries.list_current_blocks(letter),
        count_published_by_group([letter.id])[letter.id],
        letter_queries.get_slugs({letter_id for letter_id in related if letter_id}),
    )


def _get_list_stamp() -> str:
    return f"{letter_queries.get_letter_list_version()}.{current_site().version}"


def _build_cursor(letter: Letter) -> str:
    return encode_position(letter.published_at or letter.created_at, letter.id)


def _read_changes(data: dict[str, Any]) -> LetterChanges:
    names = LetterChanges.__dataclass_fields__.keys() - {"authors", "topics"}
    values = {name: data[name] for name in names if name in data}
    if "topics" in data:
        values["topics"] = tuple(data["topics"])
    if "authors" in data:
        values["authors"] = tuple(
            AuthorDraft(
                name=author["name"],
                group=author["stakeholder_group"],
                capacity=author["capacity"],
                organisation=author["organisation"],
            )
            for author in data["authors"]
        )
    return LetterChanges(**values)


def _read_permission(sent: dict[str, Any] | None) -> PermissionDraft | None:
    if sent is None:
        return None
    return PermissionDraft(
        given_by=sent["given_by"],
        method=PermissionMethod(sent["method"]),
        given_on=sent["given_on"],
        scopes=tuple(dict.fromkeys(sent["scopes"])),
        statement=sent["statement"],
    )
