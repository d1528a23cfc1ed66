"""Build what the page of a case shows about the comment: its sender, its history and what the checks found."""

from dataclasses import dataclass
from typing import Any

from flask import request

from commentsite import retention
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import staff_names_by_label
from commentsite.comments.models import Comment
from commentsite.comments.screening.highlights import HighlightSegment, split_at_matches
from commentsite.comments.states import CommentState, LanguageSource
from commentsite.encryption import Encryption
from commentsite.exchange.queries import find_origin
from commentsite.moderation.models import Claim
from commentsite.moderation.queue.case_file import CaseFile
from commentsite.site.rulebook import Clause
from commentsite.web.desk.letters.language_choices import LanguageChoice, build_language_choices
from commentsite.web.desk.moderation.anonymise import anonymise_case_file, is_anonymous
from commentsite.web.desk.moderation.audit_labels import (
    DECISION_LABELS,
    HistoryEntry,
    build_history,
)
from commentsite.web.desk.moderation.case_votes import VotingView, build_voting_view
from commentsite.web.desk.moderation.deadlines import Deadline, describe_deadline
from commentsite.web.desk.moderation.decision_form import NO_INPUT, CaseInput
from commentsite.web.desk.moderation.held_reasons import (
    HeldReason,
    describe_held_reasons,
    describe_verdict_counts,
)
from commentsite.web.desk.moderation.imported_history import ImportedHistory, describe_origin
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import LANGUAGE_SOURCE_LABELS
from commentsite.web.rendering.language_names import get_translated_name

#: These comments are not decided yet, so the findings of the checks still matter.
WAITING_STATES = frozenset(
    {CommentState.RECEIVED, CommentState.AWAITING_EMAIL, CommentState.PENDING}
)
#: A moderator can assign these cases to themselves, because something is left to decide.
_CLAIMABLE_STATES = frozenset(
    {CommentState.PENDING, CommentState.PUBLISHED, CommentState.RESTRICTED}
)


@dataclass(frozen=True)
class ReplyForm:
    """The form for a reply by staff, with what was typed and why it was not published."""

    text: str = ""
    error: str = ""
    is_open: bool = False


@dataclass(frozen=True)
class CaseView:
    """One comment as a case. Where its author must stay hidden, `file` holds the anonymous comment."""

    file: CaseFile
    is_author_hidden: bool
    can_be_claimed: bool
    claim: Claim | None
    is_claimed_by_other: bool
    held_reasons: list[HeldReason]  # empty once the comment is decided
    check_findings: list[HeldReason]
    name_segments: list[HighlightSegment]
    body_segments: list[HighlightSegment]
    has_matches_in_body: bool
    can_dismiss_reports: bool
    delegation_evidence: str
    masked_email: str
    full_email: str  # empty unless the moderator may see email addresses
    network_verdicts: str  # of other comments from the same network address
    network_days: int
    history: list[HistoryEntry]
    imported: ImportedHistory | None  # for a comment from another system
    voting: VotingView
    deadline: Deadline
    reply_form: ReplyForm | None

    @property
    def cannot_decide_because(self) -> str:
        """Return the sentence that stands in place of the buttons, or "" where nothing is left to decide."""
        status = self.voting.status
        if status.ineligible_because and self.can_be_claimed:
            return _(status.ineligible_because)
        return self.voting.votes_heading if status.has_voted else ""

    @property
    def language(self) -> str:
        """Return the language of the text and its origin in words."""
        code = self.comment.language
        name = get_translated_name(code) or code or _("Not determined")
        source = LANGUAGE_SOURCE_LABELS.get(LanguageSource(self.comment.language_source))
        return _("%(language)s (%(source)s)", language=name, source=source) if source else name

    @property
    def language_choices(self) -> tuple[LanguageChoice, ...]:
        return build_language_choices(self.comment.language, self.file.letter.language)

    @property
    def comment(self) -> Comment:
        return self.file.comment

    def find_rule(self, rules_version: int, code: str) -> Clause | None:
        """Find a rule that the case cites, as it read in that version of the rules."""
        return self.file.cited_rules.get((rules_version, code))

    def describe_decision(self, verdict: str) -> str:
        """Say what the moderator did, to follow their name: "published the comment"."""
        return str(DECISION_LABELS[verdict])


def build_case_view(
    file: CaseFile,
    claim: Claim | None,
    by: Actor,
    encryption: Encryption,
    case_input: CaseInput = NO_INPUT,
) -> CaseView:
    """Build the view of a case for one moderator. `case_input` is what they have sent for this case.

    The votes come from the original comment, since a conflict of interest depends on its author.
    Everything that is shown comes from the comment that may be anonymous.
    """
    voting = build_voting_view(file, by, encryption, case_input)
    shown_file = anonymise_case_file(file)
    comment = shown_file.comment
    masked_email, full_email = _decrypt_email(comment, by, encryption)
    body_segments = split_at_matches(comment.body, _list_reasons_in_current_text(comment), "body")
    return CaseView(
        file=shown_file,
        is_author_hidden=is_anonymous(comment),
        can_be_claimed=comment.state in _CLAIMABLE_STATES or bool(file.open_votes),
        claim=claim,
        is_claimed_by_other=claim is not None and claim.staff_id != by.user_id,
        held_reasons=describe_held_reasons(comment.hold_reasons)
        if comment.state in WAITING_STATES
        else [],
        check_findings=describe_held_reasons(comment.hold_reasons),
        name_segments=split_at_matches(comment.name, comment.hold_reasons, "name"),
        body_segments=body_segments,
        has_matches_in_body=any(segment.is_match for segment in body_segments),
        can_dismiss_reports=comment.state == CommentState.PUBLISHED and bool(file.reports),
        delegation_evidence=_decrypt_delegation_evidence(comment, encryption),
        masked_email=masked_email,
        full_email=full_email,
        network_verdicts=describe_verdict_counts(file.counts_by_network_address),
        network_days=retention.NETWORK_ADDRESS_TTL.days,
        history=build_history(file.audit_entries, staff_names_by_label())
        if file.audit_entries
        else [],
        imported=_load_imported_history(comment),
        voting=voting,
        deadline=describe_deadline(comment),
        reply_form=_build_reply_form(case_input)
        if comment.state == CommentState.PUBLISHED
        else None,
    )


def _load_imported_history(comment: Comment) -> ImportedHistory | None:
    origin = find_origin(comment.id) if comment.is_imported else None
    return describe_origin(origin, is_author_hidden=is_anonymous(comment)) if origin else None


def _build_reply_form(case_input: CaseInput) -> ReplyForm:
    if case_input.reply_text is None:
        return ReplyForm(is_open="reply" in request.args)
    return ReplyForm(case_input.reply_text, case_input.error_text, is_open=True)


def _list_reasons_in_current_text(comment: Comment) -> list[dict[str, Any]]:
    # Findings name positions in the text as it was sent. Hidden text moves what follows it.
    if not comment.redactions:
        return comment.hold_reasons
    return [reason for reason in comment.hold_reasons if reason.get("field") != "body"]


def _decrypt_delegation_evidence(comment: Comment, encryption: Encryption) -> str:
    sealed = comment.delegation_evidence_sealed
    return (encryption.decrypt(sealed) if sealed else None) or ""


def _decrypt_email(comment: Comment, by: Actor, encryption: Encryption) -> tuple[str, str]:
    """Return the email address masked, and in full for staff who may see it. Both empty when erased."""
    email = encryption.decrypt(comment.email_sealed) if comment.email_sealed else None
    if not email:
        return "", ""
    local_part, _at, domain = email.rpartition("@")
    return f"{local_part[:1]}…@{domain}", email if by.can(Permission.SEE_ADDRESSES) else ""
