"""What is kept and for how long: one table, which the page about privacy shows and the worker keeps to."""

from dataclasses import dataclass
from datetime import timedelta

ADDRESSES = timedelta(days=7)
MESSAGES = timedelta(days=7)
UNCONFIRMED = timedelta(days=7)
SIGNED_IN = timedelta(hours=12)
FRESH = timedelta(
    minutes=15
)  # after which a password is asked again before anything of one's own changes
INVITED = timedelta(hours=72)
BATCHES = timedelta(days=1)  # what a moderator chose to decide about together
SANCTIONS = timedelta(days=90)  # after they ended


@dataclass(frozen=True)
class Kept:
    """One thing that is stored: what, how and for whose eyes, and how long."""

    what: str
    how: str
    until: str  # in words, with %(n)d for the days or hours
    n: int = 0


TABLE = (
    Kept(
        "Your comment, name, group, organisation, capacity",
        "Shown when published; before, to moderators",
        "Until you erase it",
    ),
    Kept(
        "Your email address",
        "Encrypted, beside a keyed hash. Never shown but to authorised staff; never in feeds, exports or logs",
        "Until you erase it",
    ),
    Kept(
        "A comment whose address was not confirmed, where confirming is asked",
        "Nobody reads it",
        "%(n)d days, then it is erased",
        UNCONFIRMED.days,
    ),
    Kept(
        "Your network address",
        "Only as a keyed hash, against floods, to tell moderators what was refused from it, and so that who reports a comment counts once",
        "%(n)d days",
        ADDRESSES.days,
    ),
    Kept(
        "Messages to you",
        "Encrypted until sent, and where it could not be sent; then only a keyed hash of the address they went to, so that no mailbox is flooded. Where a site has no mail server, messages stay as files on it, until you erase the comment they are about",
        "The text until sent, or %(n)d days where it could not be or is a file; the hash for %(n)d days",
        MESSAGES.days,
    ),
    Kept(
        "What you want to hear of, and what we have yet to tell you",
        "Beside your comment: your choice, and numbers of comments",
        "Until you change it, or are told",
    ),
    Kept(
        "Earlier wordings of your comment",
        "Kept when you change it; not shown",
        "Until you erase it",
    ),
    Kept(
        "What you report about a comment of somebody else",
        "Shown to moderators, with nothing that says who you are",
        "As long as the comment",
    ),
    Kept(
        "What you say in an appeal, what you are asked and answer, and why it was decided so",
        "Shown to you and to moderators",
        "Until you erase the comment",
    ),
    Kept("Notes of moderators on a decision", "Shown to you and to moderators", "For ever"),
    Kept(
        "What was done to a comment",
        "In the log, which is public: numbers and codes, no words and no names",
        "For ever",
    ),
    Kept(
        "What is decided about whoever writes from an address: a note, reading everything first, a suspension",
        "Under a keyed hash of the address, with the reason. Shown to moderators beside comments from it, and to its owner when it is a suspension",
        "For a year at most, and %(n)d days after it ended",
        SANCTIONS.days,
    ),
    Kept(
        "Where staff are signed in",
        "When, and which kind of browser; no network address. Shown to themselves",
        "%(n)d hours",
        SIGNED_IN.seconds // 3600,
    ),
    Kept(
        "Invitations to the staff",
        "The address encrypted, beside a keyed hash. Shown to stewards",
        "%(n)d hours, or until used",
        INVITED.days * 24,
    ),
    Kept(
        "Cookies",
        "None for readers; one for staff while signed in",
        "%(n)d hours",
        SIGNED_IN.seconds // 3600,
    ),
)
