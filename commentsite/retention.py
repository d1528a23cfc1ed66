"""Retention periods of personal data, and the table that the privacy page shows.

The constants below are used twice: the purge tasks of the worker delete data after these periods, and the
table states the same periods to readers. A period changed here changes both. The texts of the table are
translated when the page is rendered.
"""

from dataclasses import dataclass
from datetime import timedelta

NETWORK_ADDRESS_TTL = timedelta(days=7)
MESSAGE_TTL = timedelta(days=7)
UNCONFIRMED_COMMENT_TTL = timedelta(days=7)
UNCONFIRMED_SUBSCRIPTION_TTL = timedelta(days=7)
SESSION_TTL = timedelta(hours=12)
# A member of staff confirms the password again before changing the own account after this time.
REAUTHENTICATION_WINDOW = timedelta(minutes=15)
INVITATION_TTL = timedelta(hours=72)
BATCH_TTL = timedelta(days=1)  # the comments selected for a bulk decision
EXPIRED_TOKEN_TTL = timedelta(days=30)  # of the API, counted from the end of the token
HOLDER_ADDRESS_TTL = timedelta(days=365)  # counted from the last question to a holder
INQUIRY_ADDRESS_TTL = timedelta(days=30)  # counted from the answer to the inquiry
ENDED_SANCTION_TTL = timedelta(days=90)  # counted from the end of the sanction


@dataclass(frozen=True)
class RetentionRule:
    """One row of the table: a kind of data, how it is stored and who sees it, and for how long."""

    data: str
    storage: str
    period: str  # with the placeholder %(n)d for `amount`
    amount: int = 0  # days or hours


RETENTION_RULES = (
    RetentionRule(
        "Your comment, name, group, organisation, capacity",
        "Shown to moderators, and to everyone once published",
        "Until you erase it",
    ),
    RetentionRule(
        "Your choice how a summary of the comments may refer to yours",
        "Shown to you and to the editors. It decides whether a record of positions names you",
        "Until you erase the comment. A published record stays as it is",
    ),
    RetentionRule(
        "Your email address",
        "Encrypted, with a keyed hash. Shown only to authorised staff. Never in feeds, exports or logs",
        "Until you erase it",
    ),
    RetentionRule(
        "Your comment, if the site asks you to confirm your email address and you did not",
        "Not shown to moderators or readers",
        "%(n)d days, then the comment is erased",
        UNCONFIRMED_COMMENT_TTL.days,
    ),
    RetentionRule(
        "Your network address",
        "Only as a keyed hash: to limit mass submissions, to show moderators earlier decisions, and to count each report once",
        "%(n)d days",
        NETWORK_ADDRESS_TTL.days,
    ),
    RetentionRule(
        "Emails to you",
        "Encrypted until sent, or if sending failed. After that only a keyed hash of your address, to limit the number of emails to it. A site without a mail server stores emails as files, until you erase the comment they are about",
        "The text until sent, or %(n)d days if sending failed or if it is a file. The hash for %(n)d days",
        MESSAGE_TTL.days,
    ),
    RetentionRule(
        "The notifications you chose, and those that are due",
        "With your comment: your choice, and the numbers of comments",
        "Until you change your choice, or until the notification is sent",
    ),
    RetentionRule(
        "Your subscription to new letters or to comments by email: your address, and the letter or topic",
        "The address encrypted, with a keyed hash. Not shown to anyone. Staff see how many subscriptions there are",
        "Until you end it, or %(n)d days if you did not confirm it",
        UNCONFIRMED_SUBSCRIPTION_TTL.days,
    ),
    RetentionRule(
        "Earlier versions of your comment",
        "Stored when you edit it, not shown",
        "Until you erase it",
    ),
    RetentionRule(
        "Your report of another comment",
        "Shown to moderators without your identity",
        "As long as the comment",
    ),
    RetentionRule(
        "Your appeal, questions about it and your answers, and the reasons for the ruling",
        "Shown to you and to moderators",
        "Until you erase the comment",
    ),
    RetentionRule(
        "Notes of moderators on a decision", "Shown to you and to moderators", "Without limit"
    ),
    RetentionRule(
        "Actions on a comment",
        "In the public audit log: numbers and codes, no text and no names",
        "Without limit",
    ),
    RetentionRule(
        "Sanctions on an email address: a note, pre-moderation of all comments, or a suspension",
        "With a keyed hash of the address and the reason. Shown to moderators with comments from the address, and to its owner if it is a suspension",
        "At most one year, and %(n)d days after the end",
        ENDED_SANCTION_TTL.days,
    ),
    RetentionRule(
        "Your email address, if editors asked you whether a text states your position fairly",
        "Encrypted. Not shown to anyone. Your answer and your note are public, your name only if you agreed",
        "%(n)d days after the last question to you",
        HOLDER_ADDRESS_TTL.days,
    ),
    RetentionRule(
        "Your request to correct a record of positions: name, group, organisation and text",
        "Shown to editors, and to everyone once an editor has read it",
        "Without limit. Editors delete your name if you ask for it",
    ),
    RetentionRule(
        "Your email address with such a request",
        "Encrypted, with a keyed hash. Not shown to anyone",
        "%(n)d days after the answer",
        INQUIRY_ADDRESS_TTL.days,
    ),
    RetentionRule(
        "Sessions of staff",
        "Time and kind of browser, no network address. Shown to that member of staff",
        "%(n)d hours",
        SESSION_TTL.seconds // 3600,
    ),
    RetentionRule(
        "Tokens with which programs of staff use the API",
        "A hash, the name that the member of staff chose, and the day of the last use. Shown to that member of staff and to stewards",
        "Until revoked, or %(n)d days after the end",
        EXPIRED_TOKEN_TTL.days,
    ),
    RetentionRule(
        "Invitations to join the staff",
        "The email address, encrypted, with a keyed hash. Shown to stewards",
        "%(n)d hours, or until used",
        INVITATION_TTL.days * 24,
    ),
    RetentionRule(
        "Requests to reset a password",
        "The email address, encrypted, with a keyed hash. Not shown",
        "Until they are handled, usually within seconds",
    ),
    RetentionRule(
        "Cookies",
        "None for readers, one for staff",
        "%(n)d hours",
        SESSION_TTL.seconds // 3600,
    ),
)
