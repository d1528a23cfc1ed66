"""Say each entry of the audit log as a sentence, with links for those who may follow them.

A sentence shows no more than the desk shows elsewhere: the author of a comment only where the case shows them,
the title of a letter only to those whose work covers it, and before its publication only to those who write it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.models import AuditEntry, PrivateAuditEntry
from commentsite.audit.private_entries import PRIVATE_ACTION, is_private
from commentsite.audit.queries import load_private_entries
from commentsite.moderation.audit_entries.queries import Subjects, load_subjects
from commentsite.web.desk.moderation.anonymise import anonymise_comments, is_anonymous
from commentsite.web.rendering.filters import format_month
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext
from commentsite.web.rendering.labels import EMERGENCY_SWITCH_LABELS, ROLE_LABELS


class EventKind(StrEnum):
    """The groups of actions by which the desk filters the log."""

    COMMENTS = "comments"
    DECISIONS = "decisions"
    APPEALS = "appeals"
    LETTERS = "letters"
    STAFF = "staff"
    SITE = "site"
    LOG = "log"


EVENT_KIND_LABELS = {
    EventKind.COMMENTS: _l("Comments and reports"),
    EventKind.DECISIONS: _l("Decisions and sanctions"),
    EventKind.APPEALS: _l("Appeals"),
    EventKind.LETTERS: _l("Letters"),
    EventKind.STAFF: _l("People"),
    EventKind.SITE: _l("Settings, rules and emails"),
    EventKind.LOG: _l("Audit log"),
}
#: The sentence of each action, by kind. `actor` and `object` are phrases, such as "Ada" and "the comment by Karim".
#: Many languages change a noun by its place in the sentence. `object` is therefore a comment, a letter, a person, or a
#: text in parentheses. All other nouns stand in the sentence, with the number `n`.
SENTENCES: dict[EventKind, dict[str, Any]] = {
    EventKind.COMMENTS: {
        "comment.submitted": _l("%(actor)s sent %(object)s."),
        "comment.examined": _l("%(actor)s ran the automatic checks on %(object)s."),
        "comment.let_in": _l(
            "%(actor)s published %(object)s before review, as the letter is set up."
        ),
        "comment.held_by_reports": _l("%(actor)s held %(object)s because readers reported it."),
        "comment.staff_reply": _l("%(actor)s published %(object)s as a reply of the staff."),
        "comments.addresses_downloaded": _l("%(actor)s downloaded email addresses of comments."),
        "comment.imported": _l("%(actor)s imported %(object)s from another system."),
        "comment.confirmed": _l("%(actor)s confirmed the email address of %(object)s."),
        "comment.revised": _l("%(actor)s changed %(object)s."),
        "comment.withdrawn": _l("%(actor)s withdrew %(object)s."),
        "comment.withdrawal_undone": _l("%(actor)s undid the withdrawal of %(object)s."),
        "comment.erased": _l("%(actor)s deleted %(object)s."),
        "comment.disowned": _l("%(actor)s reported that %(object)s is not theirs."),
        "comment.screened": _l(
            "%(actor)s received the result of the external check of %(object)s."
        ),
        "comment.followed": _l("%(actor)s changed the email notifications about %(object)s."),
        "comment.unsubscribed": _l("%(actor)s unsubscribed from emails about %(object)s."),
        "comment.quote_consent": _l(
            "%(actor)s changed how records of positions may refer to %(object)s."
        ),
        "comment.language": _l("%(actor)s corrected the language of %(object)s."),
        "comment.reported": _l("%(actor)s reported %(object)s."),
        "comment.grouped": _l("%(actor)s added %(object)s to a campaign."),
        "comment.parted": _l("%(actor)s removed %(object)s from its campaign."),
        "comment.delegation_verified": _l(
            "%(actor)s verified the delegation of the author of %(object)s."
        ),
        "comment.delegation_doubted": _l(
            "%(actor)s revoked the verification of the delegation of the author of %(object)s."
        ),
        "objection.recorded": _l("%(actor)s recorded %(object)s as an objection."),
        "objection.answered": _l("%(actor)s answered the objection in %(object)s."),
        "objection.reacted": _l("%(actor)s reacted to the answer to the objection in %(object)s."),
        "objection.withdrawn": _l("%(actor)s withdrew the objection in %(object)s."),
        "mailbox.unsubscribed": _l("%(actor)s ended all email notifications to a mailbox."),
    },
    EventKind.DECISIONS: {
        "comment.decided": _l("%(actor)s decided on %(object)s."),
        "comment.vote": _l("%(actor)s voted on %(object)s. Another moderator votes next."),
        "comment.undone": _l("%(actor)s undid the decision on %(object)s."),
        "comment.redacted": _l("%(actor)s hid part of %(object)s."),
        "comment.redactions_lifted": _l("%(actor)s restored the hidden text of %(object)s."),
        "comment.reports_settled": _l("%(actor)s dismissed the reports about %(object)s."),
        "comment.noted": _l("%(actor)s wrote a note on %(object)s."),
        "comment.revealed": _l("%(actor)s asked for the name of the author of %(object)s."),
        "interest.declared": _l("%(actor)s declared a conflict of interest of %(object)s."),
        "interest.taken_back": _l("%(actor)s ended a declared conflict of interest of %(object)s."),
        "sanction.set": _l("%(actor)s set sanction %(n)s on a sender."),
        "sanction.ended": _l("%(actor)s ended sanction %(n)s."),
        "reviews.drawn": _l("%(actor)s drew the sample of comments of %(month)s."),
        "review.answered": _l("%(actor)s answered quality review %(n)s."),
        "reasons.exported": _l("%(actor)s downloaded statements of reasons."),
    },
    EventKind.APPEALS: {
        "appeal.filed": _l("%(actor)s appealed against the decision on %(object)s."),
        "appeal.asked": _l("%(actor)s asked the author about the appeal on %(object)s."),
        "appeal.answered": _l("%(actor)s answered the question about the appeal on %(object)s."),
        "appeal.upheld": _l("%(actor)s upheld the decision on %(object)s."),
        "appeal.overturned": _l("%(actor)s overturned the decision on %(object)s."),
        "appeal.varied": _l("%(actor)s changed the decision on %(object)s after an appeal."),
        "appeal.inadmissible": _l(
            "%(actor)s dismissed the appeal on %(object)s as not about the decision."
        ),
        "appeal.reopened": _l(
            "%(actor)s reopened the appeal on %(object)s by undoing the withdrawal of the comment."
        ),
        "appeal.withdrawn": _l("%(actor)s withdrew the appeal on %(object)s."),
    },
    EventKind.LETTERS: {
        "summary.created": _l("%(actor)s began the record of positions of %(object)s."),
        "summary.edited": _l("%(actor)s edited the record of positions of %(object)s."),
        "summary.question_deleted": _l(
            "%(actor)s deleted a question from the record of positions of %(object)s."
        ),
        "summary.position_deleted": _l(
            "%(actor)s deleted a position from the record of positions of %(object)s."
        ),
        "summary.holder_removed": _l(
            "%(actor)s removed a holder of a position from the record of positions of %(object)s."
        ),
        "letter.imported": _l("%(actor)s created %(object)s."),
        "letter.text_replaced": _l(
            "%(actor)s replaced the text of %(object)s with that of a file."
        ),
        "letter.import_confirmed": _l("%(actor)s confirmed the remarks on the file of %(object)s."),
        "letter.record_changed": _l("%(actor)s changed the details of %(object)s."),
        "letter.taken_over": _l("%(actor)s took over editing %(object)s."),
        "letter.changes_discarded": _l("%(actor)s discarded the changes to %(object)s."),
        "letter.permission_recorded": _l("%(actor)s recorded a permission for %(object)s."),
        "letter.permission_taken_back": _l("%(actor)s revoked a permission for %(object)s."),
        "letter.author_address_added": _l(
            "%(actor)s added an email address of an author of %(object)s."
        ),
        "letter.author_address_removed": _l(
            "%(actor)s removed an email address of an author of %(object)s."
        ),
        "letter.sent_to_review": _l("%(actor)s sent %(object)s to review."),
        "letter.back_to_draft": _l("%(actor)s returned %(object)s to the drafts."),
        "letter.scheduled": _l("%(actor)s scheduled %(object)s."),
        "letter.published": _l("%(actor)s published %(object)s."),
        "letter.corrected": _l("%(actor)s published a correction of %(object)s."),
        "letter.withdrawn": _l("%(actor)s withdrew %(object)s."),
        "letter.superseded": _l("%(actor)s marked %(object)s as superseded."),
        "letter.deleted": _l("%(actor)s deleted %(object)s, which was never published."),
        "letter.withdrawal_reversed": _l("%(actor)s made %(object)s public again."),
        "summary.published": _l("%(actor)s published the record of positions of %(object)s."),
        "summary.imported": _l(
            "%(actor)s imported a version of the record of positions of %(object)s from another site."
        ),
        "letter.renamed": _l("%(actor)s changed the address of %(object)s."),
        "letter.window_set": _l("%(actor)s set the comment period of %(object)s."),
        "letter.comments_opened": _l("%(actor)s opened %(object)s for comments."),
        "letter.comments_closed": _l("%(actor)s closed %(object)s for comments."),
        "letter.email_confirmation": _l(
            "%(actor)s changed whether commenters on %(object)s confirm their email address."
        ),
        "letter.moderation_mode": _l(
            "%(actor)s changed how many moderators refuse a comment on %(object)s."
        ),
        "letter.blind": _l(
            "%(actor)s changed whether moderators see the authors of comments on %(object)s."
        ),
        "letter.intake": _l(
            "%(actor)s changed whether comments on %(object)s are reviewed before publication."
        ),
        "summary.comments_marked": _l(
            "%(actor)s marked the use of comments in the record of positions of %(object)s."
        ),
        "summary.holder_asked": _l(
            "%(actor)s asked a holder about a position in the record of %(object)s."
        ),
        "summary.signed_off": _l(
            "%(actor)s answered whether the record of %(object)s states a position fairly."
        ),
        "summary.inquiry_received": _l(
            "%(actor)s asked for a correction of the record of positions of %(object)s."
        ),
        "summary.inquiry_published": _l(
            "%(actor)s published an inquiry about the record of positions of %(object)s."
        ),
        "summary.inquiry_rejected": _l(
            "%(actor)s marked an inquiry about the record of positions of %(object)s as spam."
        ),
        "summary.inquiry_answered": _l(
            "%(actor)s answered an inquiry about the record of positions of %(object)s."
        ),
        "summary.inquiry_name_erased": _l(
            "%(actor)s deleted a name from an inquiry about the record of %(object)s."
        ),
    },
    EventKind.STAFF: {
        "staff.added": _l("%(actor)s added %(object)s to the staff as %(role)s."),
        "staff.invited": _l("%(actor)s sent invitation %(n)s to join the staff as %(role)s."),
        "staff.invitation_taken_back": _l("%(actor)s withdrew invitation %(n)s."),
        "staff.joined": _l("%(actor)s joined the staff with invitation %(n)s."),
        "staff.role_changed": _l("%(actor)s changed the role of %(object)s to %(role)s."),
        "staff.renamed": _l("%(actor)s changed the name of %(object)s."),
        "staff.address_changed": _l("%(actor)s changed the email address of %(object)s."),
        "staff.password_set": _l("%(actor)s set a password for %(object)s."),
        "staff.password_link_made": _l(
            "%(actor)s made a link to reset the password of %(object)s."
        ),
        "staff.password_changed": _l("%(actor)s changed the password of %(object)s."),
        "staff.limited": _l("%(actor)s changed the letters of %(object)s."),
        "staff.sessions_ended": _l("%(actor)s ended all sessions of %(object)s."),
        "staff.factor_set": _l("%(actor)s set up two-step verification for %(object)s."),
        "staff.factor_removed": _l("%(actor)s turned off two-step verification of %(object)s."),
        "staff.factor_taken_away": _l("%(actor)s reset two-step verification of %(object)s."),
        "staff.passkey_added": _l("%(actor)s added a passkey to %(object)s."),
        "staff.passkey_removed": _l("%(actor)s removed a passkey of %(object)s."),
        "staff.recovery_codes_made": _l("%(actor)s created recovery codes for %(object)s."),
        "staff.recovery_code_used": _l("%(actor)s used a recovery code of %(object)s."),
        "staff.token_created": _l("%(actor)s created an API token for %(object)s."),
        "staff.token_revoked": _l("%(actor)s revoked an API token of %(object)s."),
        "staff.let_in": _l("%(actor)s activated %(object)s."),
        "staff.kept_out": _l("%(actor)s deactivated %(object)s."),
        PRIVATE_ACTION: _l("%(actor)s changed something about the security of a staff account."),
    },
    EventKind.SITE: {
        "site.changed": _l("%(actor)s changed the settings of the site."),
        "switch.on": _l("%(actor)s turned on the emergency control “%(switch)s”."),
        "switch.off": _l("%(actor)s turned off the emergency control “%(switch)s”."),
        "allowance.given": _l("%(actor)s gave a higher comment limit (%(n)s)."),
        "allowance.ended": _l("%(actor)s ended a higher comment limit (%(n)s)."),
        "rules.published": _l("%(actor)s published moderation rules (%(object)s)."),
        "prepared_note.added": _l("%(actor)s added prepared note %(n)s."),
        "prepared_note.changed": _l("%(actor)s changed prepared note %(n)s."),
        "prepared_note.deleted": _l("%(actor)s deleted prepared note %(n)s."),
        "site.set_up": _l("%(actor)s set up the site."),
        "export.started": _l("%(actor)s started export %(n)s."),
        "export.downloaded": _l("%(actor)s downloaded export %(n)s."),
        "rules.imported": _l("%(actor)s imported moderation rules (%(object)s)."),
        "import.started": _l("%(actor)s started import %(n)s."),
        "import.finished": _l("%(actor)s finished import %(n)s."),
        "page.created": _l("%(actor)s created page %(n)s."),
        "page.changed": _l("%(actor)s changed page %(n)s."),
        "page.published": _l("%(actor)s published page %(n)s."),
        "page.unpublished": _l("%(actor)s made page %(n)s a draft again."),
        "page.deleted": _l("%(actor)s deleted page %(n)s."),
        "message.retried": _l("%(actor)s tried to send email %(n)s again."),
        "webhook.created": _l("%(actor)s created webhook %(n)s."),
        "webhook.changed": _l("%(actor)s changed webhook %(n)s."),
        "webhook.secret_rotated": _l("%(actor)s made a new secret for webhook %(n)s."),
        "webhook.paused": _l("%(actor)s paused webhook %(n)s."),
        "webhook.resumed": _l("%(actor)s turned on webhook %(n)s."),
        "webhook.tested": _l("%(actor)s sent a test event to webhook %(n)s."),
        "webhook.resent": _l("%(actor)s sent an event again to webhook %(n)s."),
        "webhook.disabled": _l(
            "%(actor)s switched off webhook %(n)s because its receiver stayed broken."
        ),
        "webhook.deleted": _l("%(actor)s deleted webhook %(n)s."),
        "embed.allowed": _l("%(actor)s changed the sites that may show comments of %(object)s."),
        "embed.removed": _l("%(actor)s removed a site that could show comments of %(object)s."),
    },
    EventKind.LOG: {
        "log.head_signed": _l("%(actor)s signed a checkpoint (%(object)s)."),
        "log.key_added": _l("%(actor)s announced a signing key."),
    },
}
#: For `comment.decided`, whose details name the verdict.
DECISION_SENTENCES = {
    "publish": _l("%(actor)s published %(object)s."),
    "return": _l("%(actor)s returned %(object)s to its author."),
    "refuse": _l("%(actor)s refused %(object)s."),
    "spam": _l("%(actor)s marked %(object)s as spam."),
    "restrict": _l("%(actor)s removed %(object)s."),
    "restore": _l("%(actor)s restored %(object)s."),
    "redact": _l("%(actor)s hid part of %(object)s."),
}  # fmt: skip
#: For an action of a version of the program that this one does not know.
UNKNOWN_SENTENCE = _l("%(actor)s did “%(action)s” to %(object)s.")
ACTIONS = {action: kind for kind, sentences in SENTENCES.items() for action in sentences}
#: Actions of a reader who need not be the author of the comment.
_READER_ACTIONS = frozenset({"comment.reported", "mailbox.unsubscribed"})


@dataclass(frozen=True)
class Phrase:
    """A part of a sentence: its words, and the address that it leads to, "" for none."""

    text: str
    url: str = ""

    def __html__(self) -> Markup:
        words = Markup("<bdi>{}</bdi>").format(self.text)
        return Markup('<a href="{}">{}</a>').format(self.url, words) if self.url else words

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class EntryRow:
    """One line of the list. `sentence` has links, and `plain_sentence` the same words without them."""

    seq: int
    at: datetime
    actor: str  # the label in the log
    action: str
    object: str
    state: str  # after the event, "" where it changed none
    hash: str
    sentence: Markup
    plain_sentence: str


def list_actions(kind: EventKind) -> frozenset[str]:
    return frozenset(SENTENCES[kind])


def describe_entries(entries: Sequence[AuditEntry], by: Actor) -> list[EntryRow]:
    """Describe entries as `by` may see them.

    Only those who manage the staff see what concerns the security of an account.
    """
    can_see_private = by.can(Permission.MANAGE_PEOPLE)
    private = load_private_entries([entry.seq for entry in entries]) if can_see_private else {}
    contents = {entry.seq: private.get(entry.seq, entry) for entry in entries}
    writer = SentenceWriter(by, _load_subjects(list(contents.values())))
    return [_describe_entry(entry, contents[entry.seq], writer) for entry in entries]


def _describe_entry(
    entry: AuditEntry, content: AuditEntry | PrivateAuditEntry, writer: "SentenceWriter"
) -> EntryRow:
    actor, action, obj, details = content.actor, content.action, content.object, content.details
    if is_private(action) and not writer.by.can(Permission.MANAGE_PEOPLE):
        actor, action, obj, details = "staff", PRIVATE_ACTION, "staff", {}
    template, values = writer.choose_sentence(actor, action, obj, details)
    return EntryRow(
        seq=entry.seq,
        at=entry.at,
        actor=actor,
        action=action,
        object=obj,
        state=str(details.get("state", "")),
        hash=entry.hash,
        sentence=Markup(template) % values,  # noqa: S704  # a sentence of this module; `%` escapes the values
        plain_sentence=template % {name: str(value) for name, value in values.items()},
    )


def _load_subjects(contents: Sequence[AuditEntry | PrivateAuditEntry]) -> Subjects:
    numbers: dict[str, set[int]] = {}
    for content in contents:
        for label in (content.actor, content.object):
            kind, number = _split_label(label)
            if number is not None:
                numbers.setdefault(kind, set()).add(number)
    return load_subjects(
        comment_ids=numbers.get("comment", set()),
        letter_ids=numbers.get("letter", set()),
        staff_ids=numbers.get("user", set()),
    )


def _split_label(label: str) -> tuple[str, int | None]:
    kind, _colon, number = label.partition(":")
    return kind, int(number) if number.isascii() and number.isdecimal() else None


class SentenceWriter:
    """Write sentences about entries for one member of staff."""

    def __init__(self, by: Actor, subjects: Subjects) -> None:
        self.by = by
        self._subjects = subjects
        comments = anonymise_comments(
            row for row in subjects.comments.values() if by.can(Permission.MODERATE, row.letter_id)
        )
        self._readable_comments = {comment.id: comment for comment in comments}

    def choose_sentence(
        self, actor: str, action: str, obj: str, details: Mapping[str, Any]
    ) -> tuple[str, dict[str, object]]:
        """Return the sentence of an entry in the language of the page, and the values of its placeholders."""
        kind, number = _split_label(obj)
        values: dict[str, object] = {
            "actor": self._name_actor(actor, action),
            "object": self._name_object(obj),
            "n": number,
            "month": format_month(obj.removeprefix("reviews:")) if kind == "reviews" else "",
            "action": action,
            "role": ROLE_LABELS.get(str(details.get("role", "")), ""),  # type: ignore[call-overload]
            "switch": EMERGENCY_SWITCH_LABELS.get(str(details.get("kind", "")), ""),
        }
        sentence = UNKNOWN_SENTENCE
        if action in ACTIONS:
            sentence = SENTENCES[ACTIONS[action]][action]
        if action == "comment.decided":
            sentence = DECISION_SENTENCES.get(str(details.get("verdict", "")), sentence)
        return str(sentence), values

    def _name_actor(self, label: str, action: str) -> Phrase:
        kind, number = _split_label(label)
        if kind == "user" and number is not None:
            return self._name_person(number)
        if kind == "system":
            return Phrase(_("The site"))
        if kind == "staff":
            return Phrase(_("A member of staff"))
        if action in {"comment.disowned", "summary.signed_off"}:
            is_holder = action == "summary.signed_off"
            return Phrase(_("A holder") if is_holder else _("The owner of the email address"))
        if action.startswith(("comment.", "appeal.")) and action not in _READER_ACTIONS:
            return Phrase(_("The author"))
        return Phrase(_("A reader"))

    def _name_person(self, user_id: int) -> Phrase:
        name = self._subjects.staff_names.get(user_id)
        if name is None:
            return Phrase(_("staff member %(n)d", n=user_id))
        if not self.by.can(Permission.MANAGE_PEOPLE):
            return Phrase(name)
        return Phrase(name, url_for("desk_people.show", user_id=user_id))

    def _name_object(self, label: str) -> Phrase:
        kind, number = _split_label(label)
        match kind:
            case "comment" if number is not None:
                return self._name_comment(number)
            case "letter" if number is not None:
                return self._name_letter(number)
            case "user" if number is not None:
                return self._name_person(number)
            case "rules" if number is not None:
                words = _("version %(n)d", n=number)
                return Phrase(words, url_for("rules.show"))
            case "head" if number is not None:
                words = ngettext("%(num)d entry", "%(num)d entries", number)
                return Phrase(words, url_for("audit_log.show"))
        return Phrase(label)

    def _name_comment(self, comment_id: int) -> Phrase:
        comment = self._readable_comments.get(comment_id)
        if comment is None:
            return Phrase(_("comment %(n)d", n=comment_id))
        title = self._subjects.letters[comment.letter_id].title
        url = url_for("moderation_case.show", comment_id=comment_id, _anchor="case")
        if is_anonymous(comment) or comment.erased_at is not None or not comment.name:
            return Phrase(_("comment %(n)d on “%(letter)s”", n=comment_id, letter=title), url)
        return Phrase(
            _("the comment by %(name)s on “%(letter)s”", name=comment.name, letter=title), url
        )

    def _name_letter(self, letter_id: int) -> Phrase:
        letter = self._subjects.letters.get(letter_id)
        may_write = self.by.can(Permission.WRITE_LETTERS, letter_id)
        may_read = self.by.can(Permission.SEE_AUDIT, letter_id)
        if letter is None or not (may_write or (may_read and letter.published_at)):
            return Phrase(_("letter %(n)d", n=letter_id))
        words = _("the letter “%(title)s”", title=letter.title)
        if may_write:
            return Phrase(words, url_for("desk_letter_text.edit", slug=letter.slug))
        return Phrase(words, url_for("letters.show", slug=letter.slug))
