"""Letters with moderated comments: the application and everything behind it."""

from commentsite.app import create_app

__all__ = ["create_app"]
