"""The application for a WSGI server, such as `gunicorn wsgi:app`."""

import gc

# Imported modules are never garbage, so a collection during the start would only cost time. Later collections
# skip what is frozen. They would otherwise write to its memory pages, and a server that forks would then
# hold a copy of these pages for each process.
gc.disable()

from commentsite.app import create_server_app  # noqa: E402  # imported without garbage collection

app = create_server_app()
gc.freeze()
gc.enable()
