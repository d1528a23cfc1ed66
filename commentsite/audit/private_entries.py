"""Keep the content of some entries out of the public log, and let the log still prove that it was not changed.

The public log must not tell which member of staff has no second factor, or when one changes: that would be a list
of the weakest accounts. An entry about the security of an account is therefore published as a commitment, the
hash of a random salt and its content. The salt has 256 bits, so that the few possible contents cannot be tried.
Salt and content are kept in a table of their own. The entry with its commitment is chained and signed like every
other, so a later change of the content does not go unnoticed: `commentsite verify` computes the commitment again.

Entries that were written before this rule hold their content themselves, and their hash covers it without a salt.
The public log leaves out their content too (see `export`), and gives the hashes that the chain and the tree need.
A patient reader can still find such a content by trying every possible time, and earlier downloads of the log hold
it. No later change can mend that, since the chain must not be rewritten. The public log leaves the content out all
the same, so that it cannot simply be read there.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from commentsite.audit.hash_chain import canonical_json
from commentsite.audit.models import PrivateAuditEntry

PRIVATE_ACTION = "staff.private"
#: The names of actor and object in the public part of a private entry.
PRIVATE_LABEL = "staff"
#: All other actions on staff accounts are private, also those that a later version adds.
PUBLIC_STAFF_ACTIONS = frozenset(
    {
        PRIVATE_ACTION,
        "staff.added",
        "staff.invited",
        "staff.invitation_taken_back",
        "staff.joined",
        "staff.role_changed",
    }
)


def is_private(action: str) -> bool:
    """Return whether the public log keeps back the content of entries with this action."""
    return action.startswith("staff.") and action not in PUBLIC_STAFF_ACTIONS


def compute_commitment(content: Mapping[str, Any], salt: str) -> str:
    """Return SHA-256 over the bytes of the salt and the canonical JSON of the content, in hex."""
    return sha256(bytes.fromhex(salt) + canonical_json(content)).hexdigest()


def private_content(entry: PrivateAuditEntry) -> dict[str, Any]:
    """Return the fields that the commitment covers."""
    return {
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "details": entry.details,
    }


def is_commitment_valid(details: Mapping[str, Any], private: PrivateAuditEntry | None) -> bool:
    """Return whether the stored content is the one to which the details of a private entry commit."""
    if private is None:
        return False
    stated = details.get("commitment")
    return bool(stated == compute_commitment(private_content(private), private.salt))
