"""Read exports of this program, and compare those of two sites."""

import json
import zipfile


def read_lines(file, name):
    """Return the records of a file of an export."""
    with zipfile.ZipFile(file) as archive:
        return [json.loads(line) for line in archive.read(name).splitlines()]


def normalise(file):
    """Return what an export holds, with ids in the order of the records in place of those of its site.

    The rows that two sites number differently are then equal.
    """
    letters, comments = read_lines(file, "letters.jsonl"), read_lines(file, "comments.jsonl")
    pages = read_lines(file, "pages.jsonl")
    for number, row in enumerate(pages, 1):
        row["id"] = number
    letter_ids = {row["id"]: number for number, row in enumerate(letters, 1)}
    comment_ids = {row["id"]: number for number, row in enumerate(comments, 1)}
    for row in letters:
        _rename(row, letter_ids, "id", "superseded_by", "translation_of")
    for row in comments:
        _rename(row, letter_ids, "letter")
        _rename(row, comment_ids, "id", "parent", "answers", "shown_by", "campaign")
    return {
        "groups": read_lines(file, "groups.jsonl"),
        "rules": read_lines(file, "rules.jsonl"),
        "pages": pages,
        "letters": letters,
        "comments": comments,
    }


def _rename(row, ids, *names):
    for name in names:
        if name in row:
            row[name] = ids[row[name]]


def write_own_export(
    file, letters=(), comments=(), pages=None, *, groups=None, rules=None, **manifest
):
    """Write an export of an invented site."""
    files = {
        "groups.jsonl": GROUPS if groups is None else groups,
        "rules.jsonl": RULES if rules is None else rules,
        "letters.jsonl": letters,
        "comments.jsonl": comments,
    } | ({} if pages is None else {"pages.jsonl": pages})
    head = {
        "format": "commentsite-export",
        "version": 1,
        "made_at": "2026-03-01T00:00:00Z",
        "has_email_addresses": True,
        "site": {
            "id": "00000000-0000-4000-8000-000000000001",
            "base_url": "https://old.example",
            "title": "Old site",
        },
        "files": {name: {"records": len(rows), "sha256": "0" * 64} for name, rows in files.items()},
    }
    with zipfile.ZipFile(file, "w") as archive:
        for name, rows in files.items():
            archive.writestr(name, "".join(json.dumps(row) + "\n" for row in rows))
        archive.writestr("manifest.json", json.dumps(head | manifest))
    return file


MOMENT = "2026-01-02T03:04:05.678901Z"
GROUPS = [
    {"code": "CIV", "label": "civil society", "position": 0},
    {"code": "UND", "label": "prefer not to say", "position": 1},
]
RULES = [
    {
        "version": 1,
        "published_at": MOMENT,
        "clauses": [
            {"code": "R1", "number": 1, "title": "Civility", "text": "Be civil.", "since": 1}
        ],
    }
]


def letter_record(number=1, **changes):
    """Return the record of a public letter with one paragraph."""
    return {
        "id": number,
        "slug": f"letter-{number}",
        "state": "published",
        "title": "On routes",
        "created_at": MOMENT,
        "published_at": MOMENT,
        "permissions": [
            {"given_by": "Ada", "method": "email", "recorded_at": MOMENT, "scopes": ["publish"]}
        ],
        "versions": [
            {
                "number": 1,
                "title": "On routes",
                "markdown": "A paragraph that says what happened on the day.",
                "created_at": MOMENT,
                "published_at": MOMENT,
                "blocks": [
                    {"kind": "paragraph", "html": "<script>x</script>", "text": "x", "pid": "p-aaaaaa", "number": 1, "label": "1"}
                ],
            }
        ],
    } | changes  # fmt: skip


def page_record(number=1, **changes):
    """Return the record of a public page with one version."""
    version = {"number": 1, "title": "About", "markdown": "Who *we* are.", "saved_at": MOMENT}
    return {
        "id": number,
        "slug": f"about-{number}",
        "placement": "menu",
        "is_public": True,
        "versions": [version],
    } | changes


def comment_record(number=1, **changes):
    """Return the record of a published comment."""
    return {
        "id": number,
        "letter": 1,
        "state": "published",
        "name": "Petra",
        "body": "Some words",
        "submitted_at": MOMENT,
        "changed_at": MOMENT,
        "published_at": MOMENT,
    } | changes
