"""The OpenAPI document, and a page that shows it to people, without scripts."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template
from markupsafe import Markup, escape

from commentsite.web.api.document import build_document
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site, runtime
from commentsite.web.http.languages import LanguageBlueprint

METHODS = ("get", "post", "patch")
bp = LanguageBlueprint("api_documentation", __name__, url_prefix="/api/v1")


@dataclass(frozen=True)
class Member:
    """A member of a body or an answer, or a parameter. Empty strings are not shown."""

    name: str
    type: str
    is_required: bool
    note: str = ""
    codes: tuple[str, ...] = ()
    default: str = ""
    limits: str = ""


@dataclass(frozen=True)
class Answer:
    status: str
    description: str


@dataclass(frozen=True)
class Operation:
    """An address with a method. `answer` is the name of the schema of a successful answer."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scopes: tuple[str, ...]
    is_token_optional: bool
    parameters: tuple[Member, ...]
    body: tuple[Member, ...]
    answer: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Group:
    title: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class ShownSchema:
    name: str
    description: str
    members: tuple[Member, ...]


@bp.get("/openapi.json")
@cached_page(lambda: "openapi")
def openapi_document() -> Response:
    """Return the OpenAPI 3.1 document."""
    text = json.dumps(build_document(runtime().settings.base_url), ensure_ascii=False, indent=2)
    return Response(text, mimetype="application/json")


@bp.get("/")
@cached_page(lambda: f"api.{current_site().version}")
def index() -> Response:
    """Show the document as a page."""
    document = build_document(runtime().settings.base_url)
    page = render_template(
        "public/api/index.html",
        groups=build_groups(document),
        schemas=build_schemas(document),
        base_url=runtime().settings.base_url,
        mark_code=mark_code,
    )
    return make_response(page)


def mark_code(text: str) -> Markup:
    """Return a description with the words between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped


def build_groups(document: dict[str, Any]) -> list[Group]:
    """Return the operations of the document by tag, in its order."""
    operations = list(_list_operations(document))
    return [
        Group(tag["name"], tuple(o for name, o in operations if name == tag["name"]))
        for tag in document["tags"]
    ]


def build_schemas(document: dict[str, Any]) -> list[ShownSchema]:
    """Return the schemas of answers, in alphabetical order."""
    schemas = document["components"]["schemas"]
    return [
        ShownSchema(name, schema.get("description", ""), _list_members(schema))
        for name, schema in sorted(schemas.items())
    ]


def _list_operations(document: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                shared = item.get("parameters", [])
                yield (
                    item[method]["tags"][0],
                    _build_operation(path, method, item[method], shared, document),
                )


def _build_operation(
    path: str, method: str, found: dict[str, Any], shared: list[Any], document: dict[str, Any]
) -> Operation:
    security = found.get("security", [])
    scopes = tuple(scope for choice in security for scope in choice.get("token", ()))
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    statuses = {status: answer for status, answer in found["responses"].items() if status.isdigit()}
    successful = next(answer for status, answer in statuses.items() if status.startswith("2"))
    content = successful.get("content", {}).get("application/json", {})
    return Operation(
        id=found["operationId"],
        method=method.upper(),
        path=path,
        summary=found.get("summary", ""),
        description=found.get("description", ""),
        scopes=scopes,
        is_token_optional={} in security,
        parameters=tuple(_build_parameter(p) for p in (*shared, *found.get("parameters", []))),
        body=_list_members(_resolve(body.get("schema", {}), document)),
        answer=_name(content.get("schema", {})),
        answers=tuple(
            Answer(status, _resolve(answer, document)["description"])
            for status, answer in sorted(statuses.items())
        ),
    )


def _resolve(node: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference leads to, or the node itself."""
    if "$ref" not in node:
        return node
    target: Any = document
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    resolved: dict[str, Any] = target
    return resolved


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _build_parameter(parameter: dict[str, Any]) -> Member:
    schema = parameter["schema"]
    note = parameter.get("description", schema.get("description", ""))
    name = parameter["name"]
    is_required = bool(parameter.get("required")) and parameter["in"] != "path"
    return _build_member(name, schema | {"description": note}, is_required=is_required)


def _list_members(schema: dict[str, Any]) -> tuple[Member, ...]:
    required = schema.get("required", ())
    return tuple(
        _build_member(name, member, is_required=name in required)
        for name, member in schema.get("properties", {}).items()
    )


def _build_member(name: str, schema: dict[str, Any], *, is_required: bool) -> Member:
    default = schema.get("default")
    return Member(
        name=name,
        type=_describe_type(schema),
        is_required=is_required,
        note=schema.get("description", ""),
        codes=tuple(code for code in schema.get("enum", ()) if code),
        default=str(default) if default not in (None, "", [], False) else "",
        limits=_describe_limits(schema),
    )


def _describe_type(schema: dict[str, Any]) -> str:
    if reference := _name(schema):
        return reference
    if "allOf" in schema or "anyOf" in schema:
        return _name((schema.get("allOf") or schema["anyOf"])[0])
    kinds = schema.get("type", "object")
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    if schema.get("format") in {"date", "date-time"}:
        names = [schema["format"], *names[1:]]
    if names[0] == "array":
        names[0] = f"array of {_describe_type(schema['items'])}"
    return " | ".join(names)


def _describe_limits(schema: dict[str, Any]) -> str:
    low = schema.get("minimum", schema.get("minLength", schema.get("minItems")))
    high = schema.get("maximum", schema.get("maxLength", schema.get("maxItems")))
    if low is None and high is None:
        return ""
    if high is None:
        return f"≥ {low:,}"
    return f"{low:,}–{high:,}" if low is not None else f"≤ {high:,}"
