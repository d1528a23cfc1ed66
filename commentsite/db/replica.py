"""Read public pages from a replica of the database, if there is one."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from commentsite.db.session import REPLICA_BIND, db, session

REPLICA_RETRY_AFTER = 5.0  # seconds
Result = TypeVar("Result")
logger = logging.getLogger("commentsite")
_replica_down = {"until": 0.0}


def on_replica(work: Callable[[], Result]) -> Result:
    """Run `work`, which must only read, on the replica, or on the primary if the replica is absent or fails.

    After a failure the replica is not tried for REPLICA_RETRY_AFTER. Otherwise every reader would wait for
    its connection timeout.
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
        logger.warning("the database replica does not answer: %s", type(problem.orig).__name__)
    finally:
        current.rollback()
        current.info.pop(REPLICA_BIND, None)
    return work()
