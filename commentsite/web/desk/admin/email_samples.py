"""Sample data for each kind of email, so that stewards can see every message before the site sends it."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

_LETTER = {"letter_title": "On the cost of a quiet room", "slug": "on-the-cost-of-a-quiet-room"}
_RECEIPT = {"receipt_token": "sample", "code": "sample"}
_RULE = {"reason_number": "4", "reason_title": "Private data", "rules_version": "1"}
_NOTE = {
    "note": "Remove the telephone number in the second sentence.\n\nThe rest can stay as it is."
}
_FACTS = {"facts": "The second sentence contains the telephone number of a third person."}
_APPEALABLE = {"appeal_until": "2026-09-14"}
_UNSUBSCRIBE = {"unsubscribe": "/unsubscribe/1/sample"}
_SUBSCRIPTION = {"unsubscribe": "/subscriptions/sample?end=1"}
_ANNOUNCED = _LETTER | {
    "authors": "Ada Reader, Kofi Author",
    "standfirst": "A room where nobody speaks is not a room where everybody agrees.",
}
_COMMENT = _LETTER | _RECEIPT
_USE = _RECEIPT | {"note": ""}
_POSITION = _LETTER | {
    "contact_name": "Kofi Author",
    "question": "Who pays for the quiet room?",
    "position_title": "The library pays",
    "token": "sample",
}
_INQUIRY = _LETTER | {"answer_id": "5", "version": "", "note": ""}
_APPEAL = _COMMENT | {"hours": "24", "waits": ""}


@dataclass(frozen=True)
class EmailSample:
    """One message as it could be sent. Kinds whose words depend on the case have several."""

    name: str
    kind: str
    title: Any  # in words, translated when it is shown
    context: dict[str, Any]


def _received(name: str, title: Any, **changes: str) -> EmailSample:
    empty = {"known": "", "waits": "", "published": "", "others": ""}
    return EmailSample(name, "comment.received", title, _COMMENT | empty | changes)


SAMPLES = (
    EmailSample(
        "comment-confirm",
        "comment.confirm",
        _l("Confirm an email address, so that the comment is sent"),
        _COMMENT | {"waits": "yes", "others": "2"},
    ),
    EmailSample(
        "comment-confirm-notify",
        "comment.confirm",
        _l("Confirm an email address, for notifications"),
        _COMMENT | {"waits": "", "others": ""},
    ),
    _received("comment-received", _l("Comment received from a new address"), others="2"),
    _received(
        "comment-received-known", _l("Comment received from a confirmed address"), known="yes"
    ),
    _received(
        "comment-received-published",
        _l("Comment published before review"),
        published="yes",
        known="yes",
    ),
    _received(
        "comment-received-suspended",
        _l("Comment received from a suspended address"),
        known="yes",
        suspended_until="2026-09-14",
        suspended_rule="3",
        suspended_reason="Five comments in a week attacked other authors.",
    ),
    EmailSample(
        "comment-published", "comment.published", _l("Comment published"), _COMMENT | _NOTE
    ),
    EmailSample(
        "comment-returned",
        "comment.returned",
        _l("Comment returned for a change"),
        _COMMENT | _RULE | _NOTE | {"facts": ""},
    ),
    EmailSample(
        "comment-refused",
        "comment.refused",
        _l("Comment refused"),
        _COMMENT | _RULE | _FACTS | _NOTE | _APPEALABLE,
    ),
    EmailSample(
        "comment-restricted",
        "comment.restricted",
        _l("Comment removed"),
        _COMMENT | _RULE | _FACTS | {"note": ""} | _APPEALABLE,
    ),
    EmailSample(
        "comment-redacted",
        "comment.redacted",
        _l("Parts of a comment removed"),
        _COMMENT | _RULE | _FACTS | _NOTE | _APPEALABLE,
    ),
    EmailSample(
        "objection-answered",
        "objection.answered",
        _l("Objection answered"),
        _COMMENT,
    ),
    EmailSample(
        "comment-answered",
        "comment.answered",
        _l("Reply to a comment"),
        _LETTER | _UNSUBSCRIBE | {"answer_id": "27"},
    ),
    EmailSample(
        "comment-thread",
        "comment.thread",
        _l("New comment in a thread"),
        _LETTER | _UNSUBSCRIBE | {"answer_id": "27"},
    ),
    EmailSample(
        "comment-digest",
        "comment.digest",
        _l("Daily digest of replies"),
        _UNSUBSCRIBE
        | {
            "letters": [
                _LETTER | {"answer_ids": ["27", "31"]},
                {"letter_title": "رسالة إلى لجنة المياه", "slug": "water", "answer_ids": ["40"]},
            ],
            "more": "3",
        },
    ),
    EmailSample(
        "comment-closing",
        "comment.closing",
        _l("Letter closes for comments soon"),
        _LETTER | _UNSUBSCRIBE | {"closes": "2026-09-14T09:30+00:00"},
    ),
    EmailSample(
        "comment-used",
        "comment.used",
        _l("Use of a comment in a record of positions"),
        _LETTER
        | {"answers": [_USE | {"use": "not_used", "note": "It is about another letter."}]}
        | {"more": ""},
    ),
    EmailSample(
        "comment-used-several",
        "comment.used",
        _l("Use of several comments in a record of positions"),
        _LETTER
        | {
            "answers": [
                _USE | {"use": "quoted"},
                _USE | {"use": "merged"},
                _USE | {"use": "answered", "note": "The fee was set in the spring."},
            ],
            "more": "3",
        },
    ),
    EmailSample(
        "position-asked",
        "position.asked",
        _l("Question to the holder of a position"),
        _POSITION | {"reminder": ""},
    ),
    EmailSample(
        "position-asked-reminder",
        "position.asked",
        _l("Reminder to the holder of a position"),
        _POSITION | {"contact_name": "", "reminder": "yes"},
    ),
    EmailSample(
        "inquiry-published",
        "inquiry.published",
        _l("Request to correct a record is public"),
        _INQUIRY,
    ),
    EmailSample(
        "inquiry-answered",
        "inquiry.answered",
        _l("Request to correct a record answered, nothing changed"),
        _INQUIRY | {"result": "not_changed", "note": "The sentence quotes paragraph 3."},
    ),
    EmailSample(
        "inquiry-answered-changed",
        "inquiry.answered",
        _l("Request to correct a record answered, with a change"),
        _INQUIRY | {"result": "changed", "note": "You are right.", "version": "2"},
    ),
    EmailSample("appeal-filed", "appeal.filed", _l("Appeal received"), _APPEAL),
    EmailSample(
        "appeal-filed-waits",
        "appeal.filed",
        _l("Appeal received, and no reviewer is available"),
        _APPEAL | {"waits": "yes"},
    ),
    EmailSample(
        "appeal-asked",
        "appeal.asked",
        _l("Question about an appeal"),
        _APPEAL | {"note": "Is the number that of an office?"},
    ),
    EmailSample(
        "appeal-inadmissible",
        "appeal.inadmissible",
        _l("Appeal dismissed"),
        _APPEAL | _FACTS,
    ),
    EmailSample("appeal-upheld", "appeal.upheld", _l("Appeal: decision upheld"), _APPEAL | _FACTS),
    EmailSample(
        "appeal-overturned",
        "appeal.overturned",
        _l("Appeal: decision reversed"),
        _APPEAL | _FACTS,
    ),
    EmailSample(
        "appeal-varied",
        "appeal.varied",
        _l("Appeal: decision changed"),
        _APPEAL | _RULE | _FACTS | {"how": "redact"},
    ),
    EmailSample(
        "subscription-confirm",
        "subscription.confirm",
        _l("Confirm a subscription to new letters"),
        {"letter_title": "", "topic": "", "token": "sample"},
    ),
    EmailSample(
        "subscription-confirm-comments",
        "subscription.confirm",
        _l("Confirm a subscription to comments"),
        _LETTER | {"topic": "", "token": "sample"},
    ),
    EmailSample(
        "subscription-letters",
        "subscription.letters",
        _l("New letter"),
        _SUBSCRIPTION | {"letters": [_ANNOUNCED], "more": "", "topic": ""},
    ),
    EmailSample(
        "subscription-letters-several",
        "subscription.letters",
        _l("Several new letters"),
        _SUBSCRIPTION
        | {
            "letters": [_ANNOUNCED, _ANNOUNCED | {"letter_title": "رسالة إلى لجنة المياه"}],
            "more": "3",
            "topic": "water",
        },
    ),
    EmailSample(
        "subscription-comments",
        "subscription.comments",
        _l("New comments on a letter"),
        _LETTER
        | _SUBSCRIPTION
        | {"count": "3", "answer_id": "27", "note": "", "version": "", "frequency": "daily"},
    ),
    EmailSample(
        "subscription-comments-correction",
        "subscription.comments",
        _l("Correction of a letter"),
        _LETTER
        | _SUBSCRIPTION
        | {
            "count": "",
            "answer_id": "",
            "note": "The third paragraph named the wrong year.",
            "version": "2",
            "frequency": "hourly",
        },
    ),
    EmailSample(
        "subscription-withdrawn",
        "subscription.withdrawn",
        _l("Letter withdrawn"),
        _LETTER | {"note": "The author asked for it."},
    ),
    EmailSample(
        "staff-invitation",
        "staff.invitation",
        _l("Invitation to the staff"),
        {"inviter": "Ada Reader", "role": "moderator", "token": "sample"},
    ),
    EmailSample(
        "staff-password-reset",
        "staff.password_reset",
        _l("Link to reset a password"),
        {"code": "sample"},
    ),
    EmailSample("staff-password", "staff.password", _l("Password of a staff member changed"), {}),
    EmailSample(
        "staff-address-changed",
        "staff.address_changed",
        _l("Address of a staff account changed"),
        {},
    ),
    EmailSample(
        "staff-factor-taken-away",
        "staff.factor_taken_away",
        _l("Two-step verification reset"),
        {},
    ),
    EmailSample(
        "staff-token-created",
        "staff.token_created",
        _l("API token created"),
        {"token_name": "Newsletter of the library"},
    ),
    EmailSample(
        "staff-digest",
        "staff.digest",
        _l("Digest for a staff member"),
        {
            "new": {"waiting": "3", "second": "1", "appeals": "1", "reports": "2"},
            "whole": {"waiting": "12", "second": "4", "appeals": "1", "reports": "5"},
            "since": "2026-09-14T09:30+00:00",
        },
    ),
    EmailSample(
        "staff-no-judge", "staff.no_judge", _l("No moderator can review an appeal"), _LETTER
    ),
    EmailSample(
        "staff-no-pair", "staff.no_pair", _l("No moderator can give the missing vote"), _LETTER
    ),
    EmailSample(
        "staff-webhook-disabled",
        "staff.webhook_disabled",
        _l("Webhook switched off"),
        {"webhook_name": "Newsletter of the library", "webhook_id": "1"},
    ),
)
