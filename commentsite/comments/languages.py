"""The language of a comment: detected by the program, chosen by its author, or corrected by a moderator.

The language tells browsers, screen readers and fonts how to treat the text, and readers filter by it. It is no part
of the words, so a correction is no edit.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.models import Comment
from commentsite.comments.queries import (
    list_comments_for_update,
    list_undetected_texts,
    lock_comments_of_letters,
)
from commentsite.comments.states import CommentState, LanguageSource
from commentsite.db.session import session
from commentsite.errors import Busy, Conflict, Invalid
from commentsite.letters.importing.language import (
    DetectionUnavailable,
    check_detection,
    detect_languages,
)
from commentsite.letters.language_tags import (
    UNDETERMINED,
    normalise_public_language,
    parse_language,
)
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter

MAX_COMMENTS_AT_ONCE = 500  # for one child process
BATCH_SIZE = 50  # stored in one transaction
#: Sources that are a choice of a person, which no detection replaces.
CHOSEN_SOURCES = frozenset({LanguageSource.AUTHOR, LanguageSource.MODERATOR})
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
logger = logging.getLogger("commentsite")


@dataclass
class DetectionPauses:
    """The pause before this process tries again to detect languages. Each failure in a row doubles it."""

    pause: timedelta | None = None  # None: the last detection went well
    retry_at: datetime | None = None

    def is_over(self) -> bool:
        return self.retry_at is None or self.retry_at <= clock.now()

    def record_failure(self) -> None:
        """Begin the next pause. The log gets one line for all failures in a row."""
        if self.pause is None:
            logger.error(
                "languages of comments cannot be detected; the pauses between attempts grow to an hour"
            )
        self.pause = min(2 * self.pause, LONGEST_PAUSE) if self.pause else FIRST_PAUSE
        self.retry_at = clock.now() + self.pause

    def record_success(self) -> None:
        if self.pause is not None:
            logger.warning("languages of comments are detected again")
        self.pause = self.retry_at = None


def detect_comment_languages(comment_ids: Sequence[int], pauses: DetectionPauses) -> dict[int, str]:
    """Detect the languages of comments that have none. Return BCP 47 tags by id, '' for an undetermined language.

    A detection takes half a second, so it runs outside of transactions. A comment is left out if its text could
    not be classified now, as during one of the `pauses`.
    """
    texts = list_undetected_texts(comment_ids)
    languages = _detect_languages([body for _id, body in texts], pauses)
    return {
        comment_id: language
        for (comment_id, _body), language in zip(texts, languages, strict=True)
        if language is not None
    }


def _detect_languages(texts: Sequence[str], pauses: DetectionPauses) -> list[str | None]:
    """Return the language of each text. While the child process fails, it is the one that the script tells, or None."""
    if pauses.is_over():
        try:
            if pauses.pause is not None:
                check_detection()  # the texts may need no child process
            languages = detect_languages(texts)
        except DetectionUnavailable:
            pauses.record_failure()
        except Busy:
            pass
        else:
            pauses.record_success()
            return languages
    return detect_languages(texts, by_script_only=True)


def set_detected_language(comment: Comment, language: str) -> None:
    """Set the detected language of a comment, unless the comment has had a language since the detection."""
    if comment.language_source == LanguageSource.UNKNOWN:
        comment.language, comment.language_source = language, LanguageSource.DETECTED


def store_detected_languages(languages: Mapping[int, str]) -> int:
    """Store detected languages, given by comment id, and return the number of comments that changed.

    Comments that have had a language since the detection keep it.
    """
    lock_comments_of_letters(languages)
    letter_ids, count = set(), 0
    for comment in list_comments_for_update(list(languages)):
        if comment.language_source != LanguageSource.UNKNOWN:
            continue
        language = languages[comment.id]
        set_detected_language(comment, language)
        count += 1
        if language and comment.state == CommentState.PUBLISHED:
            letter_ids.add(comment.letter_id)
    session().flush()
    for letter_id in sorted(letter_ids):
        bump_page_version(get_letter(letter_id))
    return count


def choose_language(comment: Comment, tag: str) -> None:
    """Take the author's choice for the text that they send now. '' asks for detection. Raises Invalid."""
    comment.language = _parse_language(tag)
    comment.language_source = LanguageSource.AUTHOR if comment.language else LanguageSource.UNKNOWN


def correct_language(comment: Comment, tag: str, *, by: Actor) -> None:
    """Correct the language of a comment, '' for undetermined. Its words and its version stay the same.

    Raises Invalid on a tag that is no code of a language, and Conflict when the comment is deleted.
    """
    by.require(Permission.MODERATE, comment.letter_id)
    language = _parse_language(tag)
    if comment.erased_at is not None:
        msg = "This comment is deleted, so it has no language."
        raise Conflict(msg)
    if language == comment.language and comment.language_source == LanguageSource.MODERATOR:
        return
    comment.language, comment.language_source = language, LanguageSource.MODERATOR
    session().flush()
    if comment.published_at is not None:
        bump_page_version(get_letter(comment.letter_id))
        session().flush()  # every transaction locks the row of the letter before the audit log
    record_event(
        by.label,
        "comment.language",
        f"comment:{comment.id}",
        state=str(comment.state),
        language=language,
    )


def _parse_language(tag: str) -> str:
    """Return the tag in its usual form, '' for none. Raises Invalid on a tag that names no language."""
    if parse_language(tag) == UNDETERMINED:
        return ""
    language = normalise_public_language(tag)
    if tag.strip() and not language:
        msg = "“%(language)s” is not a code of a language. Enter one like en, fr or zh-Hant."
        raise Invalid(msg, field="language", language=tag.strip()[:40])
    return language
