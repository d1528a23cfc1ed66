"""What is kept and for how long: one table, which the page about privacy shows and the worker keeps to."""

from dataclasses import dataclass
from datetime import timedelta

NETWORK_ADDRESS_TTL = timedelta(days=7)
MESSAGE_TTL = timedelta(days=7)
UNCONFIRMED_COMMENT_TTL = timedelta(days=7)
SESSION_TTL = timedelta(hours=12)
REAUTHENTICATION_WINDOW = timedelta(
    minutes=15
)  # after which a password is asked again before anything of one's own changes
INVITATION_TTL = timedelta(hours=72)
BATCH_TTL = timedelta(days=1)  # what a moderator chose to decide about together
ENDED_SANCTION_TTL = timedelta(days=90)  # after they ended


@dataclass(frozen=True)
class RetentionRule:
    """One thing that is stored: what, how and for whose eyes, and how long."""

    data: str
    storage: str
    period: str  # in words, with %(n)d for the days or hours
    amount: int = 0


RETENTION_RULES = (
    RetentionRule(
        "Your comment, name, group, organisation, capacity",
        "Shown when published; before, to moderators",
        "Until you erase it",
    ),
    RetentionRule(
        "Your email address",
        "Encrypted, beside a keyed hash. Never shown but to authorised staff; never in feeds, exports or logs",
        "Until you erase it",
    ),
    RetentionRule(
        "A comment whose address was not confirmed, where confirming is asked",
        "Nobody reads it",
        "%(n)d days, then it is erased",
        UNCONFIRMED_COMMENT_TTL.days,
    ),
    RetentionRule(
        "Your network address",
        "Only as a keyed hash, against floods, to tell moderators what was refused from it, and so that who reports a comment counts once",
        "%(n)d days",
        NETWORK_ADDRESS_TTL.days,
    ),
    RetentionRule(
        "Messages to you",
        "Encrypted until sent, and where it could not be sent; then only a keyed hash of the address they went to, so that no mailbox is flooded. Where a site has no mail server, messages stay as files on it, until you erase the comment they are about",
        "The text until sent, or %(n)d days where it could not be or is a file; the hash for %(n)d days",
        MESSAGE_TTL.days,
    ),
    RetentionRule(
        "What you want to hear of, and what we have yet to tell you",
        "Beside your comment: your choice, and numbers of comments",
        "Until you change it, or are told",
    ),
    RetentionRule(
        "Earlier wordings of your comment",
        "Kept when you change it; not shown",
        "Until you erase it",
    ),
    RetentionRule(
        "What you report about a comment of somebody else",
        "Shown to moderators, with nothing that says who you are",
        "As long as the comment",
    ),
    RetentionRule(
        "What you say in an appeal, what you are asked and answer, and why it was decided so",
        "Shown to you and to moderators",
        "Until you erase the comment",
    ),
    RetentionRule(
        "Notes of moderators on a decision", "Shown to you and to moderators", "For ever"
    ),
    RetentionRule(
        "What was done to a comment",
        "In the log, which is public: numbers and codes, no words and no names",
        "For ever",
    ),
    RetentionRule(
        "What is decided about whoever writes from an address: a note, reading everything first, a suspension",
        "Under a keyed hash of the address, with the reason. Shown to moderators beside comments from it, and to its owner when it is a suspension",
        "For a year at most, and %(n)d days after it ended",
        ENDED_SANCTION_TTL.days,
    ),
    RetentionRule(
        "Where staff are signed in",
        "When, and which kind of browser; no network address. Shown to themselves",
        "%(n)d hours",
        SESSION_TTL.seconds // 3600,
    ),
    RetentionRule(
        "Invitations to the staff",
        "The address encrypted, beside a keyed hash. Shown to stewards",
        "%(n)d hours, or until used",
        INVITATION_TTL.days * 24,
    ),
    RetentionRule(
        "Cookies",
        "None for readers; one for staff while signed in",
        "%(n)d hours",
        SESSION_TTL.seconds // 3600,
    ),
)
