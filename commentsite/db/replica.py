"""TODO docstring of commentsite.db.replica."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from commentsite.db.session import REPLICA_BIND, db, session

REPLICA_RETRY_AFTER = 5.0  # seconds for which a replica that failed is not asked
Result = TypeVar("Result")
logger = logging.getLogger("commentsite")
_replica_down = {"until": 0.0}


def on_replica(work: Callable[[], Result]) -> Result:
    """Do what only reads what is public: on the replica; where there is none or it fails, as everything else.

    A replica that failed is left alone for a few seconds, so that its absence costs one reader and not all.
    """
    if REPLICA_BIND not in db.engines or time.monotonic() < _replica_down["until"]:
        return work()
    current = session()
    current.rollback()
    current.info[REPLICA_BIND] = True
    try:
        return work()
    except OperationalError as problem:
        _replica_down["until"] = time.monotonic() + REPLICA_RETRY_AFTER
        logger.warning("the replica does not answer: %s", type(problem.orig).__name__)
    finally:
        current.rollback()
        current.info.pop(REPLICA_BIND, None)
    return work()
