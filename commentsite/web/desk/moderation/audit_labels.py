"""What happened to a comment, in words: who, what and when, in one order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from commentsite.audit.models import AuditEntry
from commentsite.web.rendering.labels import VERDICTS

DEEDS = {
    "comment.submitted": _l("sent"),
    "comment.let_in": _l("published it unread, as this letter says"),
    "comment.held_by_reports": _l("held it, since readers reported it"),
    "comment.reports_settled": _l("looked at the reports; it stays"),
    "comment.confirmed": _l("confirmed the address"),
    "comment.revised": _l("changed the words"),
    "comment.withdrawn": _l("took it back"),
    "comment.erased": _l("erased it"),
    "comment.disowned": _l("said that it is not theirs"),
    "comment.decided": _l("decided"),
    "comment.redacted": _l("hid words"),
    "comment.vote": _l("decided; it waits for somebody else"),
    "comment.undone": _l("undid that"),
    "comment.noted": _l("wrote a note"),
    "comment.revealed": _l("asked who wrote it"),
    "comment.reported": _l("reported it"),
    "comment.grouped": _l("said that it is the same text"),
    "comment.parted": _l("said that it is a text of its own"),
    "appeal.filed": _l("appealed"),
    "appeal.asked": _l("asked about the appeal"),
    "appeal.answered": _l("answered about the appeal"),
    "appeal.upheld": _l("upheld the decision"),
    "appeal.overturned": _l("overturned the decision"),
    "appeal.varied": _l("varied the decision"),
    "appeal.withdrawn": _l("took the appeal back"),
}


@dataclass(frozen=True)
class Deed:
    """One line of it."""

    at: datetime
    who: str
    what: str


def history(entries: list[AuditEntry], people: Mapping[str, str]) -> list[Deed]:
    """Return entries of the log in words, the first first; `people` are names by label."""
    return [
        Deed(entry.at, _who(entry.actor, people), _what(entry))
        for entry in sorted(entries, key=lambda entry: entry.seq)
    ]


def _who(label: str, people: Mapping[str, str]) -> str:
    if label == "reader":
        return str(_("Its author or a reader"))
    return people.get(label, str(_("The site")) if label == "system" else label)


def _what(entry: AuditEntry) -> str:
    said = str(DEEDS.get(entry.action, entry.action))
    verdict = str(entry.details.get("verdict", ""))
    return f"{said}: {VERDICTS[verdict]}" if verdict in VERDICTS else said
