"""Locate the folders of templates, static files and migrations."""

from pathlib import Path


def find_resource_folder(folder: str) -> Path:
    """Return a folder by its name. A wheel holds it inside the package, a clone beside the package."""
    package = Path(__file__).parent
    inside = package / folder
    return inside if inside.is_dir() else package.parent / folder
