"""The benchmark's letters can be read on a site of the current version."""

from bench.threads import SIZES, fill_database
from tests.support.factories import make_app


def test_the_letters_that_are_measured_can_be_read(tmp_path, template_database):
    app = make_app(tmp_path / "instance", template_database, RATELIMIT_ENABLED="false")
    fill_database(tmp_path / "instance" / "commentsite.db")
    client = app.test_client()
    for size in SIZES:
        page = client.get(f"/letters/l-{size}").text
        assert f"{size} comments" in page.replace(",", "")
        assert page.count('class="comment-text text-body"') >= 50
        assert "Leave a comment" in page
