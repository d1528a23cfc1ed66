"""Send generated requests to the API of a demo site with Schemathesis, and compare each answer with the document.

    python -m bench.fuzz_api [--minutes 10] [--port 9720] [--program schemathesis]

Schemathesis is no dependency of the project: `uvx schemathesis` runs it, or any installation that `--program`
names. The site is a real server with the demo, without rate limits, and with a token for all scopes. A third of
the time goes to requests with the token, a third to requests without, and a third to sequences of requests. The
exit status is that of Schemathesis. The log of the server is written to fuzz_api.log.

Two checks are off. `positive_data_acceptance` takes for granted that the document states every rule. Here a valid
body can still meet 422, for example because a form token is forged or a verdict lacks its reason.
`ensure_resource_availability` expects that every created object can be used at once, but a new letter is a draft.
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
from commentsite.web.context import runtime
from commentsite.web.http.form_tokens import COMMENT_FORM

START_TIMEOUT = 60  # seconds
EXCLUDED_CHECKS = "positive_data_acceptance,ensure_resource_availability"
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
#: Values that cannot be guessed replace valid ones. Those that break a rule stay.
HOOKS = """\
import os
import schemathesis

@schemathesis.hook
def map_body(context, body):
    def is_text(name, low, high):
        value = body.get(name)
        return isinstance(value, str) and low <= len(value) <= high

    def is_number(name):
        value = body.get(name)
        return type(value) is int and 1 <= value < 2**31

    if not isinstance(body, dict):
        return body
    if is_text("form_token", 0, 500):
        body["form_token"] = os.environ["FORM_TOKEN"]
        if is_text("email", 1, 254):
            body["email"] = "ada@example.org"
        if is_text("stakeholder_group", 1, 8):
            body["stakeholder_group"] = "CIV"
    if is_number("comment") and is_number("version"):
        body["comment"], body["version"] = body["comment"] % 60 + 1, body["version"] % 3 + 1
        if is_text("reason", 0, 4):
            body["reason"] = "R5"
    return body
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
        program = [sys.executable, "-c", "from commentsite.app import main; main()"]
        subprocess.run([*program, "demo"], check=True, stdout=subprocess.DEVNULL)
        token, slug, os.environ["FORM_TOKEN"] = prepare_site()
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
        f"--exclude-checks={EXCLUDED_CHECKS}",
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
