"""The log as the public reads it: a line an entry, a line a head, and proofs about single entries.

The lines never change once they are there; new ones only follow. The bytes inside a line are
exactly what is hashed or signed, so nobody needs our code to check them.
"""

import json
from typing import Any

from commentsite.audit import merkle, signing
from commentsite.audit import queries as audit_queries
from commentsite.audit.hash_chain import canonical_json
from commentsite.audit.models import AuditEntry, TreeHead
from commentsite.audit.stored_tree import StoredTree, hash_entry_leaf
from commentsite.errors import Conflict, NotFound


def export_lines(first: int, last: int) -> list[bytes]:
    """Return the lines of some entries, and of the heads that end with one of them."""
    heads = {head.size: head for head in audit_queries.list_tree_heads_between(first, last)}
    lines = []
    for entry in audit_queries.list_entries_between(first, last):
        lines.append(format_entry(entry))
        if entry.seq in heads:
            lines.append(format_tree_head(heads[entry.seq]))
    return lines


def format_entry(entry: AuditEntry) -> bytes:
    """Return an entry as a line: the bytes its hash is made of, and the hash."""
    fields = canonical_json(audit_queries.hashed_fields(entry))
    return b'{"entry":%b,"hash":"%b"}\n' % (fields, entry.hash.encode())


def format_tree_head(head: TreeHead) -> bytes:
    """Return a head as a line: the bytes that are signed, and the signature."""
    return b'{"head":%b,"signature":"%b"}\n' % (signed_bytes(head), head.signature.encode())


def signed_bytes(head: TreeHead) -> bytes:
    """Return what the signature of a head is about."""
    return signing.tree_head_bytes(
        head.size, head.root, head.at.isoformat(timespec="microseconds"), head.key_id
    )


def list_state_changes(obj: str) -> list[AuditEntry]:
    """Return the entries with which an object came into a state, oldest first."""
    turns: list[AuditEntry] = []
    state = None
    for entry in audit_queries.list_entries_about(obj):
        if entry.details.get("state", state) != state:
            state = entry.details["state"]
            turns.append(entry)
    return turns


def export_inclusion_proofs(obj: str) -> dict[str, Any]:
    """Return the proofs that the turns of an object are in the log as the newest head signs it.

    `waiting` names the entries that no head covers yet. Raises Conflict when the log does not
    hold, rather than hand out a proof that proves nothing.
    """
    head, tree = audit_queries.find_latest_tree_head(), StoredTree()
    proved, waiting = [], []
    for entry in list_state_changes(obj):
        if head is None or entry.seq > head.size:
            waiting.append(entry.seq)
            continue
        path = merkle.inclusion_proof(entry.seq - 1, head.size, tree.subtree)
        root = bytes.fromhex(head.root)
        if not merkle.is_included(hash_entry_leaf(entry), entry.seq - 1, head.size, path, root):
            msg = "The log does not lead to its newest head. The stewards must look into it."
            raise Conflict(msg)
        proved.append({"line": format_entry(entry).decode(), "path": [step.hex() for step in path]})
    return {
        "heads": [format_tree_head(head).decode()] if head else [],
        "entries": proved,
        "waiting": waiting,
    }


def export_tree_heads() -> dict[str, Any]:
    """Return every head, in the form of a proof about no entry, so that one program checks both."""
    lines = [
        format_tree_head(head).decode()
        for head in audit_queries.list_tree_heads_between(1, audit_queries.get_last_entry()[0])
    ]
    return {"heads": lines, "entries": []}


def export_consistency_proof(old: int, new: int) -> dict[str, Any]:
    """Return the proof that a head's entries are those of an earlier head and more. Raises NotFound without such heads."""
    first, second = audit_queries.find_tree_head(old), audit_queries.find_tree_head(new)
    if first is None or second is None or old > new:
        msg = "No two heads cover this many entries. Name an earlier and a later one from the list of heads."
        raise NotFound(msg)
    path = merkle.consistency_proof(old, new, StoredTree().subtree)
    return {
        "from": format_tree_head(first).decode(),
        "to": format_tree_head(second).decode(),
        "path": [step.hex() for step in path],
    }


def find_first_difference(copy: bytes) -> str | None:
    """Say where a downloaded copy of the log differs from the log as it is here; None when nowhere."""
    theirs = copy.splitlines(keepends=True)
    last, at, number = audit_queries.get_last_entry()[0], 0, 0
    while number < len(theirs):
        ours = export_lines(at + 1, min(at + 1000, last))
        if not ours:
            return f"The copy has a line {number + 1}; the log here ends before it."
        for line in ours:
            if number < len(theirs) and theirs[number] != line:
                named = json.loads(line)
                what = (
                    f"entry {named['entry']['seq']}"
                    if "entry" in named
                    else f"the head of entry {named['head']['size']}"
                )
                return f"Line {number + 1} of the copy, {what}, differs from the log here."
            number += 1
        at += 1000
    return None
