"""Build the bar with which a moderator decides a case, and the fields that some verdicts open.

The bar is one row of buttons. A verdict whose author is told a rule and a reason opens the fields first:
at once where scripts run, and otherwise because the form arrives without them and the page comes back
with the fields open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.errors import Invalid
from commentsite.moderation.decisions.policy import Verdict, requires_explanation, requires_rule
from commentsite.web.desk.moderation.prepared_notes import NoteChoice
from commentsite.web.http.languages import current_direction
from commentsite.web.rendering.i18n import gettext as _

#: The verdicts that have a button, in the order of the buttons. Hiding text has a form of its own.
BUTTON_VERDICTS = (
    Verdict.PUBLISH,
    Verdict.RESTORE,
    Verdict.RETURN,
    Verdict.REFUSE,
    Verdict.RESTRICT,
    Verdict.SPAM,
)
FIELDS = ("reason", "facts", "note")


@dataclass(frozen=True)
class CaseInput:
    """The input of a moderator for a case that is shown again, and its error."""

    typed: Mapping[str, str] = field(default_factory=dict)
    verdict: str = ""
    error_field: str = ""
    error_text: str = ""
    reply_text: str | None = None  # a reply by staff that was not published

    @property
    def has_text(self) -> bool:
        """Return whether the moderator wrote something that must not be lost."""
        return any(self.typed.get(name, "").strip() for name in ("facts", "note", "redact_words"))

    @property
    def is_beside_field(self) -> bool:
        """Return whether the error stands beside a field, and so not above the case."""
        is_of_decision = self.error_field in FIELDS and self.verdict != Verdict.REDACT
        return is_of_decision or self.reply_text is not None


NO_INPUT = CaseInput()


@dataclass(frozen=True)
class VerdictButton:
    """A button that decides a case. `shortcut` is the keyboard action that presses it."""

    verdict: str
    css_class: str
    icon: str
    label: str
    shortcut: str
    has_fields: bool
    needs_explanation: bool


@dataclass(frozen=True)
class DecisionForm:
    """The form below a case. `open_verdict` is the verdict whose fields are open, or ""."""

    buttons: list[VerdictButton]
    asks_reason: bool
    open_verdict: str
    shows_fields: bool
    typed: Mapping[str, str]
    errors: Mapping[str, str]  # by field
    prepared_notes: list[NoteChoice]
    note_buttons: list[VerdictButton]  # verdicts in the author's favour, with a note to the author

    @property
    def field_buttons(self) -> list[VerdictButton]:
        return [button for button in self.buttons if button.has_fields]

    @property
    def shows_bar(self) -> bool:
        return self.open_verdict not in {button.verdict for button in self.field_buttons}


def read_case_input(form: Mapping[str, str], error: Exception | None, message: str) -> CaseInput:
    """Return what a form holds. A form without the fields opened them: that is no mistake yet."""
    is_opening = isinstance(error, Invalid) and error.field in FIELDS and "facts" not in form
    return CaseInput(
        typed=form,
        verdict=form.get("verdict", ""),
        error_field=(error.field or "") if isinstance(error, Invalid) else "",
        error_text="" if is_opening else message,
    )


def build_decision_form(
    comment: Comment,
    offered: list[Verdict],
    case_input: CaseInput,
    prepared_notes: list[NoteChoice],
) -> DecisionForm:
    """Build the form for the verdicts offered. A field that was filled in stays, whatever is offered now."""
    typed = case_input.typed
    is_published = comment.state == CommentState.PUBLISHED
    buttons = [_build_button(verdict, is_published=is_published) for verdict in offered]
    has_text = case_input.has_text and case_input.verdict != Verdict.REDACT
    shows_fields = (case_input.verdict in offered and case_input.is_beside_field) or has_text
    return DecisionForm(
        buttons=buttons,
        asks_reason=any(requires_rule(verdict) for verdict in offered)
        or bool(typed.get("reason") or typed.get("facts")),
        open_verdict=case_input.verdict if shows_fields else "",
        shows_fields=shows_fields,
        typed=typed,
        errors={case_input.error_field: case_input.error_text}
        if case_input.is_beside_field and case_input.error_text
        else {},
        prepared_notes=prepared_notes,
        note_buttons=[
            button
            for button in buttons
            if button.verdict in {Verdict.PUBLISH, Verdict.RESTORE} and not is_published
        ],
    )


def _build_button(verdict: Verdict, *, is_published: bool) -> VerdictButton:
    publish = _("Keep published") if is_published else _("Publish")
    restore = _("Show the hidden text again") if is_published else _("Restore")
    back = "↪" if current_direction() == "rtl" else "↩"
    css_class, icon, label, shortcut = {
        Verdict.PUBLISH: ("good", "✓", publish, "publish"),
        Verdict.RESTORE: ("good", "✓", restore, "publish"),
        Verdict.RETURN: ("wait", back, _("Return"), "return"),
        Verdict.REFUSE: ("stop", "✕", _("Refuse"), "refuse"),
        Verdict.RESTRICT: ("stop", "✕", _("Remove"), "refuse"),
        Verdict.SPAM: ("stop", "!", _("Spam"), "spam"),
    }[verdict]
    return VerdictButton(
        verdict.value,
        css_class,
        icon,
        label,
        shortcut,
        has_fields=requires_rule(verdict),
        needs_explanation=requires_explanation(verdict),
    )
