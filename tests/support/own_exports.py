"""Read exports of this program, and compare those of two sites."""

import json
import zipfile


def read_lines(file, name):
    """Return the records of a file of an export."""
    with zipfile.ZipFile(file) as archive:
        return [json.loads(line) for line in archive.read(name).splitlines()]


#: Members with the number of a comment, and of a letter.
COMMENT_KEYS = {"comment", "comment_id", "comment_ids", "first_comment_id"}
LETTER_KEYS = {"letter", "letter_id", "further_letters"}


def normalise(file, slug=None):
    """Return what an export holds, with ids in the order of the records in place of those of its site.

    The rows that two sites number differently are then equal. With `slug`, only one letter is returned.
    """
    letters, comments = read_lines(file, "letters.jsonl"), read_lines(file, "comments.jsonl")
    letters = [row for row in letters if slug in {None, row["slug"]}]
    pages = read_lines(file, "pages.jsonl")
    for number, row in enumerate(pages, 1):
        row["id"] = number
    letter_ids = {row["id"]: number for number, row in enumerate(letters, 1)}
    comments = [row for row in comments if row["letter"] in letter_ids]
    comment_ids = {row["id"]: number for number, row in enumerate(comments, 1)}
    for row in letters:
        _rename(row, letter_ids, "id", "superseded_by", "translation_of")
    for row in comments:
        _rename(row, letter_ids, "letter")
        _rename(row, comment_ids, "id", "parent", "answers", "shown_by", "campaign")
    records, versions = _normalise_records(file, letter_ids, comment_ids)
    return {
        "groups": read_lines(file, "groups.jsonl"),
        "rules": read_lines(file, "rules.jsonl"),
        "pages": pages,
        "letters": letters,
        "comments": comments,
        "records": records,
        "versions": versions,
    }


def _normalise_records(file, letter_ids, comment_ids):
    ids = dict.fromkeys(COMMENT_KEYS, comment_ids) | dict.fromkeys(LETTER_KEYS, letter_ids)
    rows = [row for row in read_lines(file, "records.jsonl") if row["letter"] in letter_ids]
    record_ids = {row["id"]: number for number, row in enumerate(rows, 1)}
    versions = [
        row for row in read_lines(file, "record-versions.jsonl") if row["record"] in record_ids
    ]
    positions = [one for row in rows for part in row["questions"] for one in part["positions"]]
    position_ids = {one["id"]: number for number, one in enumerate(positions, 1)}
    for row in rows:
        _rename(row, record_ids, "id")
    for one in positions:
        _rename(one, position_ids, "id")
    for row in versions:
        _rename(row, record_ids, "record")
        row["sha256"] = row.pop("first_sha256", row["sha256"])
        for letter in row["content"]["letters"]:
            _rename(letter, letter_ids, "id")
        for part in row["content"]["questions"]:
            for one in part["positions"]:
                _rename(one, position_ids, "id")
    return _rename_deep(rows, ids), _rename_deep(versions, ids)


def _rename_deep(value, ids):
    if isinstance(value, list):
        return [_rename_deep(one, ids) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _look_up(one, ids[key]) if key in ids else _rename_deep(one, ids)
        for key, one in value.items()
    }


def _look_up(value, ids):
    if isinstance(value, list):
        return [ids[number] for number in value]
    return None if value is None else ids[value]


def _rename(row, ids, *names):
    for name in names:
        if name in row:
            row[name] = ids[row[name]]


def write_own_export(
    file, letters=(), comments=(), pages=None, *, groups=None, rules=None, more=None, **manifest
):
    """Write an export of an invented site. `more` holds the records of further files by their names."""
    files = {
        "groups.jsonl": GROUPS if groups is None else groups,
        "rules.jsonl": RULES if rules is None else rules,
        "letters.jsonl": letters,
        "comments.jsonl": comments,
    } | ({} if pages is None else {"pages.jsonl": pages})
    files |= more or {}
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
