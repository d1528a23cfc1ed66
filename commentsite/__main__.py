"""The program: `commentsite` on the command line, or `python -m commentsite`."""

import gc


def main() -> None:
    """Load the application without collecting garbage, then run the command."""
    # Nothing of what is imported is garbage. A collection during the start, and another at the end of
    # each command, would look through all of it: together half a second. Freezing takes it out of sight.
    gc.disable()
    from commentsite.app import main as run  # noqa: PLC0415  # after the line above, see there

    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
