"""The data of the comment form, before it is stored as a comment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from commentsite.comments.hashing import hash_text
from commentsite.comments.sanitizer import render_comment_html
from commentsite.comments.states import QuoteConsent
from commentsite.text.plain_text import clean_text


@dataclass(frozen=True)
class Submission:
    """The fields of the form as the reader entered them, and facts about the request.

    The text is normalised once, when it is first needed. The values of `kind`, `capacity`, `stance`
    and `quote_as` are validated by the form.
    """

    name: str
    email: str
    stakeholder_group: str
    organisation: str
    capacity: str
    body: str
    kind: str
    paragraphs: tuple[str, ...]  # ids of the paragraphs that the comment is about
    stance: str
    parent_id: int | None
    notify_of_replies: bool
    honeypot: str  # a hidden field, which only a program fills in
    form_age: float  # seconds between showing and sending the form
    network_address: str | None  # stored as a keyed hash only
    is_burst: bool = False
    is_pseudonym: bool = False
    quote_as: str = QuoteConsent.GROUP
    language: str = ""  # of the text, a BCP 47 tag; empty: to be detected
    form_language: str = ""  # of the interface; empty: that of the site
    paragraph_stances: Mapping[str, str] = field(default_factory=dict)  # stance by paragraph id

    @cached_property
    def clean_body(self) -> str:
        """The text as it is stored: NFC, plain newlines, no control characters."""
        return clean_text(self.body)

    @cached_property
    def body_html(self) -> str:
        return render_comment_html(self.clean_body)

    @cached_property
    def body_hash(self) -> str:
        return hash_text(self.clean_body)
