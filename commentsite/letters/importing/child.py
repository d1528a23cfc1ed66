"""The child process of `bounded`: run one reader on the task from the standard input."""

import pickle
import resource
import sys
from importlib import import_module

from commentsite.letters.importing import bounded
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.process_limits import lower_limit


def main() -> None:
    """Set the limits, then read the task and write the answer of the reader."""
    lower_limit(resource.RLIMIT_AS, bounded.MAX_MEMORY_BYTES)
    lower_limit(resource.RLIMIT_CPU, bounded.MAX_SECONDS)
    lower_limit(resource.RLIMIT_FSIZE, bounded.MAX_WRITTEN_BYTES)
    lower_limit(resource.RLIMIT_CORE, 0)
    name, args = pickle.loads(sys.stdin.buffer.read())  # noqa: S301  # written by our own server
    module, _, function = name.partition(":")
    try:
        answer = bounded.encode_answer(getattr(import_module(module), function)(*args))
    except UnreadableFile as error:
        answer = bounded.encode_problem(error.problem)
    except MemoryError:
        answer = bounded.encode_problem(FileProblem.TOO_LARGE)
    except RecursionError:
        answer = bounded.encode_problem(FileProblem.TOO_COMPLEX)
    if len(answer) >= bounded.MAX_RESULT_BYTES:
        answer = bounded.encode_problem(FileProblem.TOO_LARGE)
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
