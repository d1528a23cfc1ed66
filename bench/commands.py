"""Run a command of the program and measure its time and its memory."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_INTERVAL = 0.05  # seconds


@dataclass(frozen=True)
class CommandRun:
    """Seconds of the clock, those of the processors with the command's own children, and its memory at its peak."""

    seconds: float
    cpu_seconds: float
    peak_mib: float


def run_command(command: Sequence[str], environment: Mapping[str, str]) -> CommandRun:
    """Run a command to its end. Its exit status must be 0.

    The kernel keeps the peak for each program that a process executes. `ru_maxrss` would begin with the memory of
    the benchmark, from which the process was forked.
    """
    start, peak = time.perf_counter(), 0.0
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as child:
        status = Path(f"/proc/{child.pid}/status")
        while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
            peak = _read_peak(status) or peak
            time.sleep(_INTERVAL)
        child.returncode = os.waitstatus_to_exitcode(ended[1])
    assert child.returncode == 0, f"{command} ended with {child.returncode}"
    usage = ended[2]
    return CommandRun(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, peak)


def _read_peak(status: Path) -> float:
    """Return the highest resident memory so far in MiB, or 0 for a process that has ended."""
    value = status.read_text().partition("VmHWM:")[2].split()
    return int(value[0]) / 1024 if value else 0.0
