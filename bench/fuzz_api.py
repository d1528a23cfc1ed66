"""Send generated requests to the API of a demo site with Schemathesis, and compare each answer with the document.

    python -m bench.fuzz_api [--minutes 10] [--port 9720] [--program schemathesis]

Schemathesis is no dependency of the project: `uvx schemathesis` runs it, or any installation that `--program`
names. The site is a real server with the demo, without rate limits, and with a token for all scopes. A third of
the time goes to requests with the token, a third to requests without, and a third to sequences of requests. The
exit status is that of Schemathesis. The log of the server is written to fuzz_api.log.

All checks are on. Some rules cannot be stated in JSON Schema: a form token is signed, a cursor comes from an answer,
a verdict needs its reason. Hooks give such values to requests that keep the document, so each 422 for one of them is a
finding. A new letter is a draft, so requests for its comments and its form go to a public letter, and those for
its record of positions to a letter that has one.
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from commentsite.accounts.api_tokens import TokenScope, create_token
from commentsite.accounts.permissions import RoleName
from commentsite.accounts.queries import build_actor, list_staff
from commentsite.app import create_app
from commentsite.db.session import transaction
from commentsite.letters.queries import get_public_letter, list_newest_letters
from commentsite.summaries.publication.queries import list_published_records
from commentsite.web.context import runtime
from commentsite.web.http.form_tokens import COMMENT_FORM

START_TIMEOUT = 60  # seconds
#: Addresses that exist, so that requests reach what is behind them.
FIXED_PARAMETERS = """\
[parameters]
"path.slug" = "{slug}"
"path.comment_id" = 1
"header.If-Match" = "*"
"""
CONFIGURATION = """\
[checks.missing_required_header]
expected-statuses = [401, 404, 415, 428]
"""
#: A request that the document allows can still break a rule that JSON Schema cannot state. Here such requests get
#: values that keep those rules, so that an answer of 422 is a finding. Requests that break the document stay.
HOOKS = """\
import os
import schemathesis

@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if "slug" in (case.path_parameters or {}) and not case.operation.path.endswith("{slug}"):
        has_record = case.operation.path.endswith("/summary")
        case.path_parameters["slug"] = os.environ["RECORD_SLUG" if has_record else "PUBLIC_SLUG"]
    if "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = "*"
    if isinstance(case.query, dict) and "cursor" in case.query:
        case.query["cursor"] = ""  # only an answer has others
    if isinstance(case.query, dict):
        case.query = without_nul(case.query)
    if isinstance(case.body, dict):
        body = without_nul(case.body)
        if "form_token" in body:
            mend_comment(body)
        elif "verdict" in body:
            mend_decision(body)
        else:
            mend_letter(body)
        case.body = body

def without_nul(value):
    if isinstance(value, dict):
        return {name: without_nul(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_nul(inner) for inner in value]
    return value.replace(chr(0), " ") if isinstance(value, str) else value

def mend_comment(body):
    body["form_token"] = os.environ["FORM_TOKEN"]
    body["email"], body["stakeholder_group"] = "ada@example.org", "CIV"
    body["name"] = "Ada" + body["name"][3:]  # a name and a text need a visible character
    body["body"] = "Ada" + body["body"][3:]
    body["parent"], body["paragraphs"] = None, []  # others are not there
    if body.get("kind") == "paragraph":
        body["kind"] = "general"
    if body.get("capacity") == "on_behalf_of":
        body["organisation"] = "Org"

def mend_decision(body):
    body["comment"], body["version"] = body["comment"] % 60 + 1, body["version"] % 3 + 1
    body["reason"] = "R5" if body["verdict"] in {"refuse", "restrict", "return"} else ""
    body["facts"] = "Ada" + body.get("facts", "")[3:]
    body["note"] = "Ada" + body.get("note", "")[3:]

def mend_letter(body):
    for name in ("title", "text"):
        if name in body:
            body[name] = "Ada" + body[name][3:]
    body.pop("slug", None)
    body.pop("translation_of", None)
    if "language" in body:
        body["language"] = "en"
    if "topics" in body:
        body["topics"] = ["Ada" + topic[3:] for topic in body["topics"]]
    for author in body.get("authors", ()):
        author["name"], author["stakeholder_group"] = "Ada" + author["name"][3:], "CIV"
    if body.get("state") == "published":
        del body["state"]  # a letter without a recorded permission cannot be
    if "permission" in body:
        body["permission"]["given_by"] = "Ada" + body["permission"]["given_by"][3:]
"""


def main() -> int:
    """Run all parts and return the worst exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--port", type=int, default=9720)
    parser.add_argument("--program", default="uvx schemathesis")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "COMMENTSITE_INSTANCE": folder,
            "COMMENTSITE_BASE_URL": f"http://127.0.0.1:{options.port}",
            "COMMENTSITE_RATELIMIT_ENABLED": "false",
        }
        program = [sys.executable, "-m", "commentsite"]
        subprocess.run([*program, "demo"], check=True, stdout=subprocess.DEVNULL)
        token, slug, os.environ["FORM_TOKEN"] = prepare_site()
        os.environ |= {"PUBLIC_SLUG": slug, "RECORD_SLUG": find_record()}
        hooks, general, fixed = (Path(folder, name) for name in ("hooks.py", "a.toml", "b.toml"))
        hooks.write_text(HOOKS, encoding="utf-8")
        general.write_text(CONFIGURATION, encoding="utf-8")
        fixed.write_text(FIXED_PARAMETERS.format(slug=slug) + CONFIGURATION, encoding="utf-8")
        os.environ |= {
            "SCHEMATHESIS_HOOKS": "hooks",
            "PYTHONPATH": f"{folder}:{Path(__file__).parents[1]}",
        }
        log = Path("fuzz_api.log").open("wb")  # noqa: SIM115  # open as long as the server runs
        server = subprocess.Popen(
            [*program, "run", "--port", str(options.port)],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        authorization = ("-H", f"Authorization: Bearer {token}")
        try:
            wait_for_server(options.port)
            statuses = [
                run_part(options, fixed, "coverage,fuzzing", *authorization),
                run_part(options, fixed, "coverage,fuzzing"),
                run_part(options, general, "stateful", *authorization),
            ]
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()
            log.close()
    return max(statuses)


def run_part(options: argparse.Namespace, configuration: Path, phases: str, *arguments: str) -> int:
    """Run Schemathesis for a third of the time, and return its exit status."""
    command = [
        *shlex.split(options.program),
        f"--config-file={configuration}",
        "run",
        f"http://127.0.0.1:{options.port}/api/v1/openapi.json",
        f"--phases={phases}",
        f"--max-time={int(options.minutes * 20)}",
        "--continue-on-failure",
        "--request-timeout=20",
        *arguments,
    ]
    return subprocess.run(command, check=False).returncode


def prepare_site() -> tuple[str, str, str]:
    """Return a token of the steward for all scopes, the slug of the newest letter, and a token of its form."""
    app = create_app()
    with app.app_context():
        with transaction():
            users = [user for user in list_staff() if user.roles[0].name == RoleName.STEWARD]
            owner, encryption = build_actor(users[0]), runtime().encryption
            token = create_token("Fuzzing", list(TokenScope), 1, by=owner, encryption=encryption)
        slug = list_newest_letters(1)[0].slug
        return token, slug, COMMENT_FORM.sign(get_public_letter(slug).id)


def find_record() -> str:
    """Return the slug of a letter with a record of positions. Other letters have none, which is no finding."""
    with create_app().app_context():
        return list_published_records(limit=1)[0].slug


def wait_for_server(port: int) -> None:
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz"):
                return
        except OSError:
            time.sleep(0.2)
    msg = "The site did not start."
    raise SystemExit(msg)


if __name__ == "__main__":
    sys.exit(main())
