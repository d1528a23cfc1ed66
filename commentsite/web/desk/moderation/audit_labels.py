"""Describe the audit entries about a comment as its history: actor, action and time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l

from commentsite.audit.models import AuditEntry
from commentsite.web.rendering.i18n import gettext as _

ACTION_LABELS = {
    "comment.submitted": _l("sent the comment"),
    "comment.imported": _l("imported the comment"),
    "comment.examined": _l("ran the automatic checks"),
    "comment.let_in": _l("published the comment before review, as this letter is set up"),
    "comment.held_by_reports": _l("held the comment because readers reported it"),
    "comment.reports_settled": _l("dismissed the reports"),
    "comment.confirmed": _l("confirmed the email address"),
    "comment.revised": _l("changed the text"),
    "comment.withdrawn": _l("withdrew the comment"),
    "comment.withdrawal_undone": _l("undid the withdrawal of the comment"),
    "comment.erased": _l("deleted the comment"),
    "comment.disowned": _l("reported the comment as not theirs"),
    "comment.screened": _l("received the result of the external check"),
    "comment.decided": _l("decided on the comment"),
    "comment.redacted": _l("hid part of the text"),
    "comment.redactions_lifted": _l("restored the hidden text"),
    "comment.followed": _l("changed the email notifications"),
    "comment.unsubscribed": _l("unsubscribed from email notifications"),
    "comment.quote_consent": _l("changed how records of positions may refer to the comment"),
    "comment.language": _l("corrected the language of the text"),
    "comment.vote": _l("voted, and another moderator must vote next"),
    "comment.undone": _l("undid the decision"),
    "comment.staff_reply": _l("published the reply at the desk"),
    "comment.noted": _l("wrote a note"),
    "comment.revealed": _l("asked for the name of the author"),
    "comment.reported": _l("reported the comment"),
    "comment.grouped": _l("added the comment to a campaign"),
    "comment.parted": _l("removed the comment from a campaign"),
    "comment.delegation_verified": _l("verified the delegation"),
    "comment.delegation_doubted": _l("revoked the verification of the delegation"),
    "appeal.filed": _l("appealed"),
    "appeal.asked": _l("asked the author about the appeal"),
    "appeal.answered": _l("answered the question about the appeal"),
    "appeal.upheld": _l("upheld the decision"),
    "appeal.overturned": _l("overturned the decision"),
    "appeal.varied": _l("varied the decision"),
    "appeal.inadmissible": _l("dismissed the appeal as not about the decision"),
    "appeal.withdrawn": _l("withdrew the appeal"),
    "appeal.reopened": _l("reopened the appeal"),
}
#: For `comment.decided`, whose details name the verdict.
DECISION_LABELS = {
    "publish": _l("published the comment"),
    "return": _l("returned the comment to its author"),
    "refuse": _l("refused the comment"),
    "spam": _l("marked the comment as spam"),
    "restrict": _l("removed the comment"),
    "restore": _l("restored the comment"),
    "redact": _l("hid part of the text"),
}


@dataclass(frozen=True)
class HistoryEntry:
    """One line of a comment's history. It reads as a sentence: actor, then action."""

    at: datetime
    actor: str
    action: str


def build_history(entries: list[AuditEntry], staff_names: Mapping[str, str]) -> list[HistoryEntry]:
    """Describe audit entries, the oldest first. `staff_names` maps labels such as `user:1` to names."""
    return [
        HistoryEntry(entry.at, _name_actor(entry, staff_names), _describe_action(entry))
        for entry in sorted(entries, key=lambda entry: entry.seq)
    ]


def _name_actor(entry: AuditEntry, staff_names: Mapping[str, str]) -> str:
    if entry.actor == "system":
        return _("The site")
    if entry.actor != "reader":
        return staff_names.get(entry.actor, entry.actor)
    # The log gives the author, other readers and the owner of an address one label.
    if entry.action == "comment.reported":
        return _("A reader")
    if entry.action == "comment.disowned":
        return _("The owner of the email address")
    return _("The author")


def _describe_action(entry: AuditEntry) -> str:
    if entry.action == "comment.decided":
        verdict = str(entry.details.get("verdict", ""))
        return str(DECISION_LABELS.get(verdict, ACTION_LABELS["comment.decided"]))
    return str(ACTION_LABELS.get(entry.action, entry.action))
