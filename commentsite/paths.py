"""TODO docstring of commentsite.paths."""

from pathlib import Path


def find_resource_folder(folder: str) -> Path:
    """Return the folder of templates or static files: beside the package in a clone, inside it in a wheel."""
    package = Path(__file__).parent
    inside = package / folder
    return inside if inside.is_dir() else package.parent / folder
