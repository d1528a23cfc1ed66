"""Entry point of the program, as `commentsite` and as `python -m commentsite`."""

import gc

# Imported modules are never garbage, so a collection during the start would only cost time: a fifth of it. Later ones
# skip what is frozen, a tenth of the time of a long import or export.
gc.disable()

from commentsite.app import main  # noqa: E402  # imported without garbage collection

# Here, and not in `main`: a process that multiprocessing starts anew imports this module and does not call it.
gc.freeze()
gc.enable()

if __name__ == "__main__":
    main()
