"""Use an application once before its server forks, so that the serving processes share more memory."""

import logging

from flask import Flask

from commentsite.db.session import db
from commentsite.letters.queries import list_published_letters

logger = logging.getLogger("commentsite")


def warm_up(app: Flask) -> None:
    """Render the front page and the newest letter, and close the connections to the database.

    Templates and SQL statements are then compiled once, and not by each process. A page that fails does not keep
    the site from starting.
    """
    try:
        _render(app, "/")
        with app.app_context():
            newest = list_published_letters(per_page=1).letters
        for letter in newest:
            _render(app, f"/letters/{letter.slug}")
    except Exception:
        logger.exception("A page could not be rendered before the start.")
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def _render(app: Flask, path: str) -> None:
    with app.test_request_context(path):
        app.preprocess_request()
        app.dispatch_request()  # without the hooks that log and count the request
