"""Commit the audit log to the words of a comment, so that a later change of the words is found.

Each entry about a comment holds a salted hash of its name, organisation and text. The salt is stored with the
comment and deleted when the comment is erased. Then the hash cannot be matched with guessed words, and the log does
not change. Without the salt the hash of a short text could be guessed from the public log.
"""

from hashlib import sha256

from commentsite import tokens
from commentsite.audit.hash_chain import canonical_json
from commentsite.comments.models import Comment


def commit_words(comment: Comment) -> dict[str, str]:
    """Return the detail of an audit event about this comment. An erased comment has no words."""
    if comment.erased_at is not None:
        return {}
    if comment.words_salt is None:
        comment.words_salt = tokens.new_salt()
    return {
        "content_hash": hash_words(
            comment.words_salt, comment.name, comment.organisation, comment.body
        )
    }


def hash_words(salt: str, name: str, organisation: str, body: str) -> str:
    """Return SHA-256 over the salt and the canonical JSON of the words, in hex."""
    words = {"name": name, "organisation": organisation, "body": body}
    return sha256(bytes.fromhex(salt) + canonical_json(words)).hexdigest()
