"""The operator imports letters on the command line, and sees what was left out."""

import os
import pty
import subprocess
import sys

import pytest

from tests.support.clients import fetch_page
from tests.support.commands import run_command
from tests.support.letter_editing import PARAGRAPHS

NOTE = "This letter was found in a drawer of the secretariat."
LETTER = "A record\n\n" + "\n\n".join((NOTE, "Dear all", *PARAGRAPHS)) + "\n"
SENTENCE = "The text before the salutation was moved to the editor’s note."


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "record.txt"
    file.write_text(LETTER)
    return file


def log_entries(client, action):
    lines = fetch_page(client, "/transparency/log.jsonl").splitlines()
    return [line for line in lines if f'"{action}"' in line]


def test_a_draft_is_saved_with_its_remarks_for_an_editor(app, client, editor, file):
    result = run_command(app, "letters", "import", file)
    assert result.exit_code == 0, result.output
    assert f"{SENTENCE}\n    {NOTE}\n" in result.output
    assert "Saved as a draft: a-record" in result.output
    assert "Check the import of record.txt" in fetch_page(editor, "/desk/letters/a-record/edit")
    assert log_entries(client, "letter.import_confirmed") == []


def test_a_script_publishes_and_the_log_says_that_the_operator_confirmed(app, client, file):
    result = run_command(app, "letters", "import", "--publish", "--author", "Ada", file)
    assert result.exit_code == 0, result.output
    assert SENTENCE in result.output
    assert "Published http://127.0.0.1:8000/letters/a-record" in result.output
    assert client.get("/letters/a-record").status_code == 200
    (entry,) = log_entries(client, "letter.import_confirmed")
    assert '"system"' in entry
    assert NOTE not in entry


def test_a_letter_without_remarks_has_no_confirmation_in_the_log(app, client, tmp_path):
    file = tmp_path / "record.md"
    file.write_text("---\ntitle: A record\nlanguage: en\n---\n" + "\n\n".join(PARAGRAPHS))
    result = run_command(app, "letters", "import", "--publish", "--author", "Ada", file)
    assert result.exit_code == 0, result.output
    assert client.get("/letters/a-record").status_code == 200
    assert log_entries(client, "letter.import_confirmed") == []


@pytest.mark.parametrize(("answer", "status"), [("n", 404), ("y", 200)])
def test_on_a_terminal_the_operator_is_asked(app, client, file, answer, status):
    settings = app.extensions["commentsite"].settings
    environment = {
        **os.environ,
        "COMMENTSITE_INSTANCE": str(settings.instance),
        "COMMENTSITE_SECRET_KEY": settings.secrets[0],
    }
    terminal, end = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "commentsite",
        "letters",
        "import",
        "--publish",
        "--author",
        "Ada",
        str(file),
    ]
    with subprocess.Popen(
        command, stdin=end, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    ) as process:
        os.write(terminal, f"{answer}\n".encode())
        output = process.communicate(timeout=60)[0].decode()
    os.close(terminal)
    os.close(end)
    assert "Have you checked these remarks, and shall the letter be published?" in output
    assert client.get("/letters/a-record").status_code == status, output


def test_publishing_needs_an_author_and_says_what_it_assumes(app, client, tmp_path):
    file = tmp_path / "brief.md"
    file.write_text("# Brief\n\nA brief text.\n")
    refused = run_command(app, "letters", "import", "--publish", file)
    assert refused.exit_code != 0
    assert "Name the author with --author" in refused.output
    assert client.get("/letters/brief").status_code == 404
    result = run_command(app, "letters", "import", "--publish", "--author", "Ada", file)
    assert "recorded as English" in result.output
    assert "recorded as received today" in result.output
    assert client.get("/letters/brief").status_code == 200


def test_the_options_state_the_date_and_the_language(app, client, tmp_path):
    file = tmp_path / "brief.md"
    file.write_text("# Brief\n\nUn texte court.\n")
    options = ("--author", "Ada", "--date", "2026-01-31", "--language", "fr")
    result = run_command(app, "letters", "import", "--publish", *options, file)
    assert "recorded as" not in result.output
    page = fetch_page(client, "/letters/brief")
    assert 'datetime="2026-01-31"' in page
    assert 'lang="fr"' in page
