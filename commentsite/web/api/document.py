"""The OpenAPI document: made by flask-smorest from the views and their schemas."""

import http
from functools import cache
from typing import Any, ClassVar

from flask import Flask
from flask_smorest import Api

from commentsite.web.api import comments, letters, moderation, summaries
from commentsite.web.api.blueprint import bp
from commentsite.web.api.schemas import ProblemSchema
from commentsite.web.http.problems import PROBLEM_TYPE

OPENAPI_VERSION = "3.1.0"
VERSION = "1"
#: Importing them adds their views to the blueprint.
VIEW_MODULES = (letters, comments, summaries, moderation)
TAGS = ("Letters", "Comments", "Moderation")


class SiteApi(Api):
    """Describe the errors of this site, and leave their handling to `web.errors`."""

    ERROR_SCHEMA: ClassVar[Any] = ProblemSchema

    def _register_error_handlers(self) -> None:
        # The library's handler would answer for every page of the site.
        pass

    def _register_responses(self) -> None:
        self.spec.components.response(
            "DEFAULT_ERROR",
            {
                "description": "Any other error",
                "content": {PROBLEM_TYPE: {"schema": ProblemSchema}},
            },
            lazy=True,
        )
        for status in http.HTTPStatus:
            content = {PROBLEM_TYPE: {"schema": ProblemSchema}}
            response = {"description": status.phrase, "content": content}
            self.spec.components.response(status.name, response, lazy=True)


@cache
def build_document(base_url: str) -> dict[str, Any]:
    """Return the document for a site at this address.

    It takes longer than the rest of the start, and few processes are asked for it. So it is made when
    it is first needed, with an application that has nothing but the API.
    """
    described = Flask("api")
    described.config.update(
        API_TITLE="Letters", API_VERSION=VERSION, OPENAPI_VERSION=OPENAPI_VERSION
    )
    api = SiteApi(described)
    api.spec.options["servers"] = [{"url": base_url}]
    api.spec.components.security_scheme(
        "token",
        {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of a member of staff, made at /desk/tokens/.",
        },
    )
    api.register_blueprint(bp)
    document: dict[str, Any] = api.spec.to_dict()
    document["tags"] = [{"name": name} for name in TAGS]
    document["paths"] = dict(sorted(document["paths"].items(), key=_get_order))
    document["components"]["schemas"].pop("PaginationMetadata")  # the library adds it unasked
    return document


def _get_order(path: tuple[str, dict[str, Any]]) -> tuple[int, str]:
    """Sort addresses by subject, and then by name."""
    operation = next(iter(operation for operation in path[1].values() if "tags" in operation))
    return TAGS.index(operation["tags"][0]), path[0]
