"""Export the audit log to the public: one JSON line for each entry and checkpoint, and proofs about entries.

The export is append-only: a line does not change once it is published. The only exception are lines of old entries
with private content, which earlier versions published in full. The bytes inside a line are exactly the bytes that
are hashed or signed, so an independent program can check them (see static/verify.py). In the exported format a
checkpoint (tree head) is called "head".
"""

import json
from typing import Any

from commentsite.audit import merkle, signing
from commentsite.audit import queries as audit_queries
from commentsite.audit.hash_chain import canonical_json
from commentsite.audit.models import AuditEntry, TreeHead
from commentsite.audit.private_entries import is_private
from commentsite.audit.stored_tree import StoredTree, hash_entry_leaf
from commentsite.errors import Conflict, NotFound

EXPORT_BATCH_SIZE = 1000  # entries


def export_lines(first: int, last: int) -> list[bytes]:
    """Return the lines of the entries first to last, each followed by the checkpoint that ends with it."""
    heads = {head.size: head for head in audit_queries.list_tree_heads_between(first, last)}
    lines = []
    for entry in audit_queries.list_entries_between(first, last):
        lines.append(format_public_entry(entry))
        if entry.seq in heads:
            lines.append(format_tree_head(heads[entry.seq]))
    return lines


def format_public_entry(entry: AuditEntry) -> bytes:
    """Return the line of an entry in the public log.

    An old entry with private content (see `private_entries`) is given by its number and its hashes: the hash of
    the chain, which the next entry contains, and the leaf of the tree, which the checkpoints cover.
    """
    if not is_private(entry.action):
        return format_entry(entry)
    fields = canonical_json({"leaf": hash_entry_leaf(entry).hex(), "seq": entry.seq})
    return b'{"private":%b,"hash":"%b"}\n' % (fields, entry.hash.encode())


def format_entry(entry: AuditEntry) -> bytes:
    """Return the line of an entry with its content: the bytes that are hashed, and the hash."""
    fields = canonical_json(audit_queries.hashed_fields(entry))
    return b'{"entry":%b,"hash":"%b"}\n' % (fields, entry.hash.encode())


def format_tree_head(head: TreeHead) -> bytes:
    """Return the line of a checkpoint: the bytes that are signed, and the signature."""
    return b'{"head":%b,"signature":"%b"}\n' % (signed_bytes(head), head.signature.encode())


def signed_bytes(head: TreeHead) -> bytes:
    """Return the bytes that the signature of a checkpoint covers."""
    return signing.tree_head_bytes(
        head.size, head.root, head.at.isoformat(timespec="microseconds"), head.key_id
    )


def list_state_changes(obj: str) -> list[AuditEntry]:
    """Return the entries that changed the state of an object such as "comment:12" or erased it, the oldest first."""
    changes: list[AuditEntry] = []
    state = None
    for entry in audit_queries.list_entries_about(obj):
        if entry.details.get("state", state) != state or entry.action.endswith(".erased"):
            state = entry.details["state"]
            changes.append(entry)
    return changes


def export_inclusion_proofs(obj: str) -> dict[str, Any]:
    """Return proofs that the latest checkpoint covers the state changes of an object.

    `waiting` lists the entries that no checkpoint covers yet. Raises Conflict if the stored log does not match
    the checkpoint, because the proof would be invalid.
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
            msg = "The audit log does not match its latest checkpoint. Ask the stewards of the site to investigate."
            raise Conflict(msg)
        proved.append({"line": format_entry(entry).decode(), "path": [step.hex() for step in path]})
    return {
        "heads": [format_tree_head(head).decode()] if head else [],
        "entries": proved,
        "waiting": waiting,
    }


def export_tree_heads() -> dict[str, Any]:
    """Return all checkpoints in the format of `export_inclusion_proofs`, so that one program checks both."""
    lines = [
        format_tree_head(head).decode()
        for head in audit_queries.list_tree_heads_between(1, audit_queries.get_last_entry()[0])
    ]
    return {"heads": lines, "entries": []}


def export_consistency_proof(old: int, new: int) -> dict[str, Any]:
    """Return the proof that the log of a checkpoint begins with the log of an earlier checkpoint.

    `old` and `new` are the sizes of the checkpoints. Raises NotFound if one does not exist.
    """
    first, second = audit_queries.find_tree_head(old), audit_queries.find_tree_head(new)
    if first is None or second is None or old > new:
        msg = "There are no checkpoints of these sizes. Choose an earlier and a later size from the list of checkpoints."
        raise NotFound(msg)
    path = merkle.consistency_proof(old, new, StoredTree().subtree)
    return {
        "from": format_tree_head(first).decode(),
        "to": format_tree_head(second).decode(),
        "path": [step.hex() for step in path],
    }


def find_first_difference(copy: bytes) -> str | None:
    """Return a sentence about the first line of a downloaded copy that differs from this log, or None."""
    copied_lines = copy.splitlines(keepends=True)
    last, exported, number = audit_queries.get_last_entry()[0], 0, 0
    while number < len(copied_lines):
        own_lines = export_lines(exported + 1, min(exported + EXPORT_BATCH_SIZE, last))
        if not own_lines:
            return f"The copy has a line {number + 1}, but this log ends before it."
        for line in own_lines:
            if number < len(copied_lines) and not _is_same_line(copied_lines[number], line):
                content = json.loads(line)
                name = (
                    f"the checkpoint of entry {content['head']['size']}"
                    if "head" in content
                    else f"entry {(content.get('entry') or content['private'])['seq']}"
                )
                return f"Line {number + 1} of the copy, {name}, differs from this log."
            number += 1
        exported += EXPORT_BATCH_SIZE
    return None


def _is_same_line(copied: bytes, line: bytes) -> bool:
    """Return whether a line of a copy says what this log says. An old copy can hold a private entry in full."""
    if copied == line or not line.startswith(b'{"private":'):
        return copied == line
    seq = json.loads(line)["private"]["seq"]
    return [copied] == [format_entry(e) for e in audit_queries.list_entries_between(seq, seq)]
