"""What a WSGI server imports: `wsgi:app`."""

from commentsite import create_app

app = create_app()
