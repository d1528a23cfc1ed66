"""The facts about a letter that webhooks receive."""

from commentsite.letters.models import Letter


def describe_letter(letter: Letter) -> dict[str, str | int]:
    """Return slug, state and number of the current version. Titles and names are left to the public page."""
    return {"slug": letter.slug, "state": str(letter.state), "version": letter.version_number}
