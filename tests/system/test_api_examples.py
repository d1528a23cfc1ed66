"""The examples of the documentation run against a served site."""

import os
import re
import subprocess
from pathlib import Path

from tests.support.api import make_token
from tests.support.factories import add_staff_member, make_app, store_numbered_comment
from tests.support.servers import free_port, kill_site, site_environment, start_site

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def test_the_examples_of_the_page_about_the_api_run(tmp_path, letter_database):
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    site = make_app(tmp_path / "instance", letter_database, BASE_URL=base_url)
    add_staff_member(site, "steward")
    token = make_token(site, "mod@staff.example")
    with site.app_context():
        store_numbered_comment(site, 1)
    process = start_site(site_environment(tmp_path / "instance", BASE_URL=base_url), port)
    script = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL))
    try:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env={**os.environ, "SITE": base_url, "SLUG": "hello", "TOKEN": token},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        kill_site(process)
    assert done.returncode == 0, done.stderr
    assert '"state": "published"' in done.stdout
