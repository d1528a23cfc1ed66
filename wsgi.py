"""What a WSGI server imports: `wsgi:app`."""

from commentsite.app import served_app

app = served_app()
