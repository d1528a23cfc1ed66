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
        "letters": letters,
        "comments": comments,
    }


def _rename(row, ids, *names):
    for name in names:
        if name in row:
            row[name] = ids[row[name]]
