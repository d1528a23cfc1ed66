"""Every command of the program ends with 0, or with one sentence and 1 or 2."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo

from commentsite import cli
from commentsite.app import program
from tests.support.commands import run_command
from tests.support.disks import fill_disk, mount_small_disk
from tests.support.factories import (
    add_staff_member,
    close_database,
    make_app,
    publish_sample_letter,
)
from tests.support.servers import PROGRAM, free_port, site_environment

OTHER_SECRET = "another-secret-of-another-site-0123456789"
MAILBOX = (
    "From ada@example.org Mon Mar  2 09:00:00 2026\nFrom: Ada <ada@example.org>\n"
    "Date: Mon, 2 Mar 2026 09:00:00 +0000\nMessage-ID: <1@example.org>\nSubject: A letter\n\nIts first words.\n"
)
LETTER = "A letter from the city\n\nDear all\n\nThe first paragraph says what happened.\n"

# Valid arguments of each command, with the names of files that `arguments_of` fills in. A new command needs a line.
VALID_ARGUMENTS = {
    "archive": ["{folder}/archive"],
    "export": ["{folder}/export.zip"],
    "backup": ["{folder}/site.tar.gz"],
    "db check": [],
    "db upgrade": [],
    "demo": ["--if-empty"],
    "doctor": [],
    "import": ["mbox", "{mailbox}"],
    "jobs run": [],
    "letters import": ["{letter}", "--publish", "--author", "Amina Author"],
    "log new-key": [],
    "log sign": [],
    "privacy self-test": [],
    "reasons check": ["{reasons}"],
    "restore": ["{backup}"],
    "run": ["--port", "{port}"],
    "search rebuild": [],
    "summary": ["hello", "--out", "{folder}/record", "--format", "html,json"],
    "staff activate": ["mod@staff.example"],
    "staff add": ["new@staff.example", "--name", "Nora New", "--role", "editor"],
    "staff change": ["mod@staff.example", "--name", "Mona Moderator-Meyer"],
    "staff deactivate": ["mod@staff.example"],
    "staff list": [],
    "staff reset-password": ["mod@staff.example"],
    "staff reset-second-factor": ["mod@staff.example"],
    "staff show": ["mod@staff.example"],
    "verify": [],
    "worker": [],
}
RUNS_FOREVER = {"run", "worker"}
# On a site that is as it should be: the commands that refuse or find something, and their words.
REFUSED_ON_A_SOUND_SITE = {
    "doctor": (1, "Readers use plain http."),
    "reasons check": (1, "This file has no statements."),
    "restore": (1, "This site has content."),
    "staff reset-second-factor": (1, "Mona Moderator has no second factor."),
    "summary": (1, "This letter has no record of positions yet."),
}
FOR_ANY_DATABASE = {"db check", "db upgrade", "demo", "doctor", "reasons check", "restore", "run"}


def list_commands(commands, prefix=""):
    for command in commands:
        name = f"{prefix} {command.name}".strip()
        if isinstance(command, click.Group):
            yield from list_commands(command.commands.values(), name)
        else:
            yield name


COMMANDS = sorted(list_commands(cli.COMMANDS))


@pytest.fixture(scope="module")
def backup_file(tmp_path_factory, template_database):
    folder = tmp_path_factory.mktemp("backup")
    app = make_app(folder / "instance", template_database)
    with app.app_context():
        publish_sample_letter()
    assert run_command(app, "backup", folder / "site.tar.gz").exit_code == 0
    return folder / "site.tar.gz"


@pytest.fixture
def arguments_of(tmp_path, backup_file):
    """Return a function that gives a command line for a command, with real files."""
    (tmp_path / "letter.txt").write_text(LETTER)
    (tmp_path / "list.mbox").write_text(MAILBOX)
    (tmp_path / "reasons.json").write_text('{"statements": []}')
    values = {
        "folder": tmp_path,
        "letter": tmp_path / "letter.txt",
        "mailbox": tmp_path / "list.mbox",
        "reasons": tmp_path / "reasons.json",
        "backup": backup_file,
        "port": free_port(),
    }

    def fill(name):
        return [*name.split(), *(part.format(**values) for part in VALID_ARGUMENTS[name])]

    return fill


def assert_ends_with_a_sentence(result, codes=(1, 2)):
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code in codes, result.output
    assert "Traceback" not in result.output
    assert result.output.rstrip().endswith("."), result.output


def test_every_command_has_a_case():
    assert sorted(VALID_ARGUMENTS) == COMMANDS


def test_every_command_explains_itself_without_settings(tmp_path):
    def refuse():
        raise AssertionError("--help needs no application")

    for name in ["", *COMMANDS]:
        result = CliRunner().invoke(
            program, [*name.split(), "--help"], obj=ScriptInfo(create_app=refuse)
        )
        assert result.exit_code == 0, (name, result.output)
        assert result.output.startswith("Usage: ")
    done = run_program(tmp_path / "absent", "--help", settings={"BASE_URL": "not an address"})
    assert done.stdout.startswith("Usage: ")
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - RUNS_FOREVER))
def test_every_command_works_on_a_sound_site(name, app, arguments_of):
    add_staff_member(app)
    result = run_command(app, *arguments_of(name))
    if name in REFUSED_ON_A_SOUND_SITE:
        code, words = REFUSED_ON_A_SOUND_SITE[name]
        assert words in result.output
        assert_ends_with_a_sentence(result, (code,))
    else:
        assert result.exit_code == 0, result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_without_a_database_every_command_says_so(name, tmp_path, arguments_of):
    url = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none"
    app = make_app(tmp_path / "away", None, DATABASE_URL=url)
    result = run_command(app, *arguments_of(name))
    if name != "reasons check":
        assert_ends_with_a_sentence(result)
        assert "database does not answer" in result.output


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - FOR_ANY_DATABASE))
def test_before_the_upgrade_every_command_names_it(name, tmp_path, arguments_of):
    result = run_command(make_app(tmp_path / "new", None), *arguments_of(name))
    assert_ends_with_a_sentence(result, (1,))
    assert "commentsite db upgrade" in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_with_another_secret_key_no_command_touches_the_site(name, app, tmp_path, arguments_of):
    other = make_app(Path(app.instance_path), None, SECRET_KEY=OTHER_SECRET)
    result = run_command(other, *arguments_of(name))
    if name in {"db check", "reasons check"}:
        assert "secret key" not in result.output
    else:
        assert_ends_with_a_sentence(result, (1,))
        assert ("The secret key is not the one" in result.output) is (name != "restore")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["backup", "{folder}/absent/site.tar.gz"], 2, "absent does not exist"),
        (["backup", "{letter}", "--keep", "3"], 2, "is a file"),
        (["backup", "{letter}/x", "--keep", "3"], 2, "is a file and not a folder"),
        (["backup", "{folder}"], 2, "--keep"),
        (["backup", "/proc/site.tar.gz"], 2, "/proc/site.tar.gz"),
        (["restore", "{folder}/absent"], 2, "does not exist"),
        (["restore", "{folder}"], 2, "is a directory"),
        (["letters", "import", "{folder}/absent.txt"], 2, "does not exist"),
        (["letters", "import"], 2, "Missing argument"),
        (["reasons", "check", "{letter}"], 1, "not valid JSON"),
        (["reasons", "check", "{number}"], 1, "."),
        (["verify", "--against", "{folder}/absent"], 2, "does not exist"),
        (["staff", "show", "nobody@staff.example"], 1, "No member of staff has this address."),
        (["staff", "deactivate", ""], 1, "No member of staff has this address."),
        (["staff", "add", "new@staff.example", "--name", "N", "--role", "king"], 2, "king"),
        (["staff", "add", "not an address", "--name", "N", "--role", "editor"], 1, "name@example.org"),
        (["staff", "change", "mod@staff.example"], 2, "--name"),
        (["staff", "change", "mod@staff.example", "--email", "@"], 1, "name@example.org"),
        (["staff", "change", "mod@staff.example", "--name", ""], 1, "at most 80 characters"),
        (["staff", "reset-password", "mod@staff.example", "--password-stdin"], 1, "12 characters"),
        (["run", "--host", "203.0.113.9"], 1, "is not an address of this machine"),
        (["run", "--host", "no.such.host.invalid"], 1, "is not known"),
        (["run", "--workers", "0"], 2, "1<=x<=64"),
        (["users", "create"], 2, "No such command 'users'"),
        (["roles", "create"], 2, "No such command 'roles'"),
        (["limiter", "limits"], 2, "No such command 'limiter'"),
    ],
)  # fmt: skip
def test_a_wrong_argument_ends_with_a_sentence(app, tmp_path, arguments, code, words):
    add_staff_member(app)
    (tmp_path / "letter.txt").write_text(LETTER)
    (tmp_path / "number.json").write_text("5")
    names = {
        "folder": tmp_path, "letter": tmp_path / "letter.txt", "number": tmp_path / "number.json",
    }  # fmt: skip
    result = run_command(app, *(part.format(**names) for part in arguments))
    assert words in result.output
    assert_ends_with_a_sentence(result, (code,))


def run_program(instance, *arguments, **options):
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        env=site_environment(instance, **options.pop("settings", {})),
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def assert_one_sentence(done, code):
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"BASE_URL": "letters.example"}, "Enter the address that readers use"),
        ({"COLOUR": "red"}, "COMMENTSITE_COLOUR is not a setting."),
        ({"SECRET_KEY": "short"}, "too weak"),
        ({"INSTANCE": "/proc/nowhere"}, "/proc/nowhere"),
        ({"DATABASE_URL": "sqlite:////proc/nowhere/site.db"}, "/proc/nowhere/site.db"),
    ],
)
def test_a_wrong_setting_ends_with_a_sentence(tmp_path, settings, words):
    done = run_program(tmp_path / "i", "doctor", settings=settings)
    assert_one_sentence(done, done.returncode or 1)
    assert words in done.stderr


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"not a database, but words " * 200])
def test_a_damaged_database_file_ends_with_a_sentence(tmp_path, content):
    instance = tmp_path / "i"
    instance.mkdir(mode=0o700)
    (instance / "commentsite.db").write_bytes(content)
    done = run_program(instance, "staff", "list")
    assert_one_sentence(done, done.returncode or 1)


def test_a_locked_database_ends_with_a_sentence(app, tmp_path):
    lock = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", lock, str(Path(app.instance_path) / "commentsite.db")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with holder:
        holder.stdout.readline()
        done = run_program(Path(app.instance_path), "staff", "add", "n@staff.example", "--name", "N", "--role", "editor")  # fmt: skip
        holder.stdin.close()
    assert_one_sentence(done, 2)
    assert "Another process holds the database." in done.stderr


def test_a_closed_standard_input_is_no_password(app):
    add_staff_member(app)
    shell = f'exec {sys.executable} -m commentsite "$@" <&-'
    done = subprocess.run(
        ["sh", "-c", shell, "sh", "staff", "reset-password", "mod@staff.example", "--password-stdin"],
        env=site_environment(Path(app.instance_path)), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert_one_sentence(done, 1)


def test_an_output_without_typographic_characters_is_no_problem(app):
    done = subprocess.run(
        [*PROGRAM, "doctor"],
        env=site_environment(Path(app.instance_path), BASE_URL="http://“quoted”")
        | {"PYTHONIOENCODING": "ascii"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert_one_sentence(done, 1)


@pytest.fixture
def small_disk(tmp_path):
    with mount_small_disk(tmp_path / "disk", 1) as folder:
        yield folder


def test_a_backup_on_a_full_disk_leaves_no_half_file(app, small_disk):
    fill_disk(small_disk)
    done = run_program(Path(app.instance_path), "backup", small_disk / "site.tar.gz")
    assert_one_sentence(done, 2)
    assert "The disk is full." in done.stderr
    assert [path.name for path in small_disk.iterdir()] == ["filling"]


def test_a_restore_on_a_full_disk_says_so_and_can_be_repeated(app, small_disk, tmp_path):
    assert run_command(app, "backup", tmp_path / "site.tar.gz").exit_code == 0
    done = run_program(small_disk / "i", "restore", tmp_path / "site.tar.gz")
    assert_one_sentence(done, 2)
    assert "full" in done.stderr
    shutil.rmtree(small_disk / "i")
    done = run_program(tmp_path / "other", "restore", tmp_path / "site.tar.gz")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "has_bar"),
    [
        (["backup", "{folder}/again.tar.gz"], True),
        (["verify"], True),
        (["search", "rebuild"], True),
        (["jobs", "run"], True),
        (["privacy", "self-test", "--sample", "1"], True),
        (["letters", "import", "{letter}", "{letter}"], True),
        (["letters", "import", "{letter}"], False),
    ],
)
def test_a_long_command_shows_its_progress_on_a_terminal_only(app, tmp_path, arguments, has_bar):
    (tmp_path / "letter.txt").write_text(LETTER)
    with app.app_context():
        publish_sample_letter("second")
        close_database()
    names = {"folder": tmp_path, "letter": tmp_path / "letter.txt"}
    line = [part.format(**names) for part in arguments]
    silent = run_program(Path(app.instance_path), *line)
    assert (silent.returncode, silent.stderr) == (0, "")
    shown = run_on_terminal(Path(app.instance_path), *line)
    assert ("100%" in shown) is has_bar


def run_on_terminal(instance, *arguments):
    """Run the program with a pseudo-terminal as standard error, and return what it showed there."""
    terminal, end = os.openpty()
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        env=site_environment(instance) | {"TERM": "xterm"},
        stdout=subprocess.DEVNULL,
        stderr=end,
    )
    os.close(end)
    shown = b""
    with os.fdopen(terminal, "rb", buffering=0) as reader:
        while True:
            try:
                part = reader.read(4096)
            except OSError:  # Linux reports the end of a terminal like this
                break
            if not part:
                break
            shown += part
    assert process.wait(30) == 0
    return shown.decode()
