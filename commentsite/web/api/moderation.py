"""Moderation with the token of a moderator: the queue, and decisions about single comments."""

from typing import Any

from flask import Response

from commentsite import clock
from commentsite.accounts.api_tokens import TokenScope
from commentsite.accounts.permissions import Permission
from commentsite.comments.listing.queries import list_comments
from commentsite.comments.queries import get_comment
from commentsite.db.session import transaction
from commentsite.letters.queries import get_slugs
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.decisions.undo import UNDO_WINDOW
from commentsite.moderation.queue.queries import QueueFilters, load_queue_page
from commentsite.web.api.access import TOKEN_LIMIT, require_scope
from commentsite.web.api.blueprint import bp, document_problem, respond
from commentsite.web.api.cursors import decode_id, encode_id
from commentsite.web.api.representations import show_case, show_decision
from commentsite.web.api.schemas import (
    CasePageSchema,
    DecisionSchema,
    NewDecisionSchema,
    QueueQuerySchema,
)
from commentsite.web.context import runtime
from commentsite.web.desk.moderation.anonymise import anonymise_comments
from commentsite.web.desk.moderation.queue_filters import hash_searched_email
from commentsite.web.http.extensions import limiter

PAGING = frozenset({"cursor", "limit"})


@bp.get("/moderation/comments")
@limiter.limit(TOKEN_LIMIT)
@bp.arguments(QueueQuerySchema, location="query")
@bp.response(200, CasePageSchema)
@document_problem(401, "The token is missing or not valid.")
@document_problem(403, "The token or the role of its owner does not allow this.")
@document_problem(422, "A parameter is not valid.")
@bp.doc(
    operationId="listCases",
    tags=["Moderation"],
    security=[{"token": [TokenScope.READ_QUEUE.value]}],
)
def list_cases(query: dict[str, Any]) -> Response:
    """List the comments of a view of the queue, on the letters of the token's owner.

    Authors are hidden where the desk hides them.
    """
    actor = require_scope(TokenScope.READ_QUEUE).actor
    actor.require(Permission.MODERATE)
    filters = QueueFilters(**{name: value for name, value in query.items() if name not in PAGING})
    page = load_queue_page(
        filters,
        after=decode_id(query["cursor"]),
        limit=query["limit"],
        email_hash=hash_searched_email(filters),
        moderator_id=actor.user_id,
        letter_ids=actor.letter_ids,
    )
    by_id = list_comments([case.comment.id for case in page.cases])
    comments = [by_id[case.comment.id] for case in page.cases if case.comment.id in by_id]
    slugs = get_slugs({comment.letter_id for comment in comments})
    items = [
        show_case(comment, slugs[comment.letter_id]) for comment in anonymise_comments(comments)
    ]
    next_cursor = encode_id(page.next_after) if page.next_after is not None else None
    return respond({"items": items, "next": next_cursor})


@bp.post("/moderation/decisions")
@limiter.limit(TOKEN_LIMIT)
@bp.arguments(NewDecisionSchema)
@bp.response(201, DecisionSchema)
@document_problem(401, "The token is missing or not valid.")
@document_problem(403, "The token, the role or a conflict of interest of its owner forbids it.")
@document_problem(404, "There is no such comment.")
@document_problem(409, "The comment has changed. The sentence names the moderator who was first.")
@document_problem(415, "The body is not JSON.")
@document_problem(422, "A member is missing or not valid, such as the reason for a refusal.")
@bp.doc(
    operationId="createDecision",
    tags=["Moderation"],
    security=[{"token": [TokenScope.DECIDE.value]}],
)
def create_decision(data: dict[str, Any]) -> Response:
    """Record a verdict on one comment, in the version that the moderator read.

    Where the site asks for two moderators, the first verdict is a vote. Then `is_applied` is false, and the
    comment stays as it is.
    """
    actor = require_scope(TokenScope.DECIDE).actor
    with transaction():
        decision = decide(
            data["comment"],
            data["version"],
            Verdict(data["verdict"]),
            rule=data["reason"],
            note=data["note"],
            facts=data["facts"],
            undo_until=clock.now() + UNDO_WINDOW,
            by=actor,
            encryption=runtime().encryption,
        )
        shown = show_decision(decision, get_comment(data["comment"]))
    return respond(shown, 201)
