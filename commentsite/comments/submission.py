"""What somebody sends, before it is a comment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from commentsite.comments.hashing import hash_text
from commentsite.comments.sanitizer import clean_text, render_comment_html


@dataclass(frozen=True)
class Submission:
    """The fields of the form as typed. The text is normalised when it is first asked for, and once."""

    name: str
    email: str
    stakeholder_group: str
    organisation: str
    capacity: str
    body: str
    kind: str
    paragraphs: tuple[str, ...]
    stance: str
    parent_id: int | None
    notify_of_replies: bool
    honeypot: str
    form_age: float  # seconds since the form was made
    network_address: str | None  # where it came from; kept only as a keyed hash
    is_burst: bool = False
    is_pseudonym: bool = False
    paragraph_stances: Mapping[str, str] = field(
        default_factory=dict
    )  # by paragraph, where it has its own
    has_external_check: bool = False  # the site asks a service of others about words, and says so

    @cached_property
    def clean_body(self) -> str:
        """The text as it is stored: NFC, plain newlines, no control characters."""
        return clean_text(self.body)

    @cached_property
    def body_html(self) -> str:
        """The text as it is shown."""
        return render_comment_html(self.clean_body)

    @cached_property
    def body_hash(self) -> str:
        """The hash that texts share when they differ only in case and spaces."""
        return hash_text(self.clean_body)
