"""Stop work that would run on and on."""

import signal
from contextlib import contextmanager

MAX_CPU_SECONDS = 30  # far more than any text that may be sent takes


@contextmanager
def limited_cpu():
    """Raise TimeoutError in work that takes more CPU time than MAX_CPU_SECONDS.

    Time in which other processes run does not count.
    """

    def stop(_number, _frame):
        raise TimeoutError

    earlier = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MAX_CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, earlier)
