"""Run the application's commands in this process."""

from tests.support.factories import close_database


def run_command(app, *args):
    """Run a command with its arguments, and return click's result."""
    with app.app_context():
        result = app.test_cli_runner().invoke(args=[str(a) for a in args])
        close_database()
    return result
