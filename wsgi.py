"""The module that a WSGI server imports: `wsgi:app`."""

import gc

# Nothing of what is imported is garbage. A collection during the start would look through all of it,
# and a server that forks would copy the pages that its processes share.
gc.disable()

from commentsite.app import create_server_app  # noqa: E402  # imported without garbage collection

app = create_server_app()
gc.freeze()
gc.enable()
