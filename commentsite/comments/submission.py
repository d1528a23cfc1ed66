"""What somebody sends, before it is a comment."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    is_pseudonym: bool = False
    own_stances: Mapping[str, str] = field(
        default_factory=dict
    )  # by paragraph, where it has its own
    ask_outside: bool = False  # the site asks a service of others about words, and says so
