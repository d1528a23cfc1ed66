"""Letters with moderated comments: the application and everything behind it."""

import gc

# Nothing of what is imported is garbage. To look for it among all of it takes a fifth of a start, now
# and each time it is done again.
_collects = gc.isenabled()
gc.disable()

from commentsite.app import create_app  # noqa: E402

gc.freeze()
if _collects:
    gc.enable()

__all__ = ["create_app"]
