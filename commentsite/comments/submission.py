"""What somebody sends, before it is a comment."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Submission:
    """What somebody sent, as typed."""

    name: str
    email: str
    stakeholder_group: str
    organisation: str
    capacity: str
    body: str
    kind: str
    paragraphs: tuple[str, ...]
    stance: str
    parent: int | None
    notify: bool
    nickname: str
    form_age: float  # seconds since the form was made
    address: str | None  # where it came from; kept only as a keyed hash
    is_burst: bool = False
    ask_outside: bool = False  # the site asks a service of others about words, and says so
