"""Work that libraries repeat for each application, done once for all the sites of a test process.

A process serves one site, so none of this would help it. A test run creates thousands of sites.
"""

import fcntl
import gc
import os
from collections.abc import Callable
from pathlib import Path
from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


class MemoryBytecodeCache(BytecodeCache):
    """Keep compiled templates in this process. Jinja asks by their source too, so a change is noticed."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


compiled_templates = MemoryBytecodeCache()
_compiled_statements = LRUCache(3000)


def prepare_once(tmp_path_factory, name: str, fill: Callable[[Path], object]) -> Path:
    """Return a folder that one process of the test run fills, and that all of them read."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, unfinished = root / name, root / f"{name}.part"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            fill(unfinished)
            unfinished.rename(folder)
    return folder


def share_compiled_statements(engine: Engine) -> None:
    """Let an engine find the statements that the engines of other sites compiled."""
    engine.update_execution_options(compiled_cache=_compiled_statements)


def share_work() -> None:
    """Prepare the libraries, once for each process of a test run."""
    _share_url_rules()
    # The cache of statements holds the dialect in its keys. Each engine has a dialect of its own.
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = lambda self, other: type(self) is type(other)
        dialect.__hash__ = lambda self: hash(type(self))


def rest_garbage_collector() -> None:
    """Leave what is imported out of the search for garbage, and search less often.

    Otherwise each of the many full searches goes through all modules again: a quarter of the run.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _share_url_rules() -> None:
    """Parse and compile each URL rule once, and not for each site."""
    compile_rule = Rule.compile
    compiled: dict[tuple, Rule] = {}

    def compile_once(rule: Rule) -> None:
        converters = tuple(rule.map.converters.values())
        key = (
            rule.rule, rule.subdomain, rule.host, rule.map.host_matching, rule.merge_slashes,
            repr(rule.defaults), converters,
        )  # fmt: skip
        if key not in compiled:
            compile_rule(rule)
            compiled[key] = rule
            return
        first = compiled[key]
        rule._parts, rule._trace, rule._converters = first._parts, first._trace, first._converters
        rule.arguments = set(first.arguments)
        rule._build = first._build.__func__.__get__(rule)
        rule._build_unknown = first._build_unknown.__func__.__get__(rule)

    Rule.compile = compile_once
