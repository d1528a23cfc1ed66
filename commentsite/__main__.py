"""Entry point of the program, as `commentsite` and as `python -m commentsite`."""

import gc

# Imported modules are never garbage, so a collection during the start would only cost time: a fifth of it.
gc.disable()

from commentsite.app import main  # noqa: E402  # imported without garbage collection

if __name__ == "__main__":
    main()
