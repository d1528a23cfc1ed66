"""Show errors of services as messages of a command."""

import click

from commentsite.errors import SiteError


class site_errors_as_messages:  # noqa: N801  # used like a function
    """Turn a SiteError into its message and exit code 1."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, SiteError):
            raise click.ClickException(error.message % error.details) from None
