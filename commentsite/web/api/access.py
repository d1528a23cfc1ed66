"""Check the bearer token of a request (RFC 6750)."""

from flask import Response, abort, request

from commentsite.accounts import api_tokens
from commentsite.accounts.api_tokens import TokenHolder, TokenScope
from commentsite.db.session import transaction
from commentsite.web.context import current_site
from commentsite.web.http.problems import build_problem
from commentsite.web.rendering.i18n import gettext as _

REALM = 'Bearer realm="commentsite"'
#: Requests with tokens from one network.
TOKEN_LIMIT = "600 per 10 minutes"  # noqa: S105  # a number of requests


def has_token() -> bool:
    return "Authorization" in request.headers


def require_scope(scope: TokenScope) -> TokenHolder:
    """Return what the token of this request allows.

    Answer 401 if there is no valid token, and 403 if it lacks the scope, or if its owner lacks the second
    factor that the site requires. The services check the permissions.
    """
    holder = _authenticate()
    if scope not in holder.scopes:
        _refuse(
            403,
            _("This token does not allow this. It needs the scope %(scope)s.", scope=scope.value),
            f'{REALM}, error="insufficient_scope", scope="{scope.value}"',
        )
    if current_site().staff_need_second_factor and not holder.has_second_factor:
        _refuse(403, _("This site requires two-step verification. Set it up at the desk first."))
    if holder.is_first_use_today:
        with transaction():
            api_tokens.record_use(holder.token_id)
    return holder


def _authenticate() -> TokenHolder:
    if not has_token():
        _refuse(401, _("This needs a token. Send it as “Authorization: Bearer …”."), REALM)
    authorization = request.authorization
    token = authorization.token if authorization and authorization.type == "bearer" else None
    holder = api_tokens.authenticate(token) if token else None
    if holder is None:
        # The same answer for tokens that never existed, have expired or were revoked.
        sentence = _("This token is not valid. It may have expired or been revoked.")
        _refuse(401, sentence, f'{REALM}, error="invalid_token"')
        raise AssertionError
    return holder


def _refuse(status: int, sentence: str, challenge: str = "") -> None:
    response: Response = build_problem(status, sentence)
    if challenge:
        response.headers["WWW-Authenticate"] = challenge
    abort(response)
