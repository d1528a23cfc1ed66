"""Store the comments of several requests in one transaction, when they wait for one another anyway.

SQLite has one writer, and each commit waits for the disk. While one request stores its comment, others arrive and
wait. The next of them stores all that wait in its own transaction. A request is answered after its comment is
committed, so none is acknowledged that is not stored. If the transaction fails, all its requests get the error.
"""

import threading
from dataclasses import dataclass

from commentsite.accounts.permissions import Actor
from commentsite.comments.submit import PreparedSubmission, store_submissions
from commentsite.db.session import core_transaction
from commentsite.errors import Conflict

MAX_TOGETHER = 50  # so that a transaction stays short


@dataclass
class _Waiting:
    prepared: PreparedSubmission
    result: int | BaseException | None = None  # the id of the comment, or the error


class SharedCommit:
    """Takes the comments of the threads of one process."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._turn = threading.Lock()

    def store(self, prepared: PreparedSubmission, *, by: Actor) -> int:
        """Store a comment durably and return its id. It opens a transaction.

        Raises Conflict when the same address has already sent the same text to the letter.
        """
        own = _Waiting(prepared)
        self._waiting.append(own)
        with self._turn:
            while own.result is None:
                together = self._waiting[:MAX_TOGETHER]
                del self._waiting[:MAX_TOGETHER]
                _store(together, by)
        if isinstance(own.result, BaseException):
            raise own.result
        return own.result


def _store(together: list[_Waiting], by: Actor) -> None:
    results: list[int | Conflict]
    try:
        with core_transaction() as connection:
            results = store_submissions(
                connection, [waiting.prepared for waiting in together], by=by
            )
    except BaseException as error:
        for waiting in together:
            waiting.result = error
        raise
    for waiting, result in zip(together, results, strict=True):
        waiting.result = result
