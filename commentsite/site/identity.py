"""Change how the site looks: its logo, its icon in browsers, and its accent colour."""

from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.site import queries as site_queries
from commentsite.site.accent import check_accent
from commentsite.site.models import SiteImage, SiteSettings


class ImageName(StrEnum):
    """The pictures of a site. The two icons are drawn from the logo if there is no picture of their own."""

    LOGO = "logo"
    ICON = "icon"  # 32 pixels
    TOUCH_ICON = "touch_icon"  # 180 pixels


class DrawnImage(NamedTuple):
    """A picture that was decoded and encoded again."""

    content: bytes
    extension: str
    width: int
    height: int


ICONS = (ImageName.ICON, ImageName.TOUCH_ICON)


def change_colours(accent: str, accent_dark: str, *, by: Actor) -> list[str]:
    """Store the accent colours and return the names of those that changed. Raises Invalid."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    check_accent(accent, accent_dark)
    row = site_queries.get_settings_for_update()
    wanted = {"accent": accent, "accent_dark": accent_dark}
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    if changed:
        _record(row, changed, by)
    return changed


def store_images(images: dict[ImageName, DrawnImage], *, is_icon_own: bool, by: Actor) -> None:
    """Store pictures in place of those of the same names.

    `is_icon_own` is False for icons that were drawn from the logo. They do not replace icons of their own.
    """
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    row = site_queries.get_settings_for_update()
    for name, drawn in images.items():
        image = site_queries.find_image(name) or SiteImage(name=name.value, is_own=False)
        if image.is_own and name in ICONS and not is_icon_own:
            continue
        image.is_own = name is ImageName.LOGO or is_icon_own
        image.content, image.extension = drawn.content, drawn.extension
        image.width, image.height = drawn.width, drawn.height
        image.sha256 = sha256(drawn.content).hexdigest()
        session().add(image)
    _record(row, sorted(images), by)


def remove_images(names: tuple[ImageName, ...], *, by: Actor) -> None:
    """Delete pictures. Names without a picture are ignored."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    row = site_queries.get_settings_for_update()
    removed = [image for name in names if (image := site_queries.find_image(name))]
    for image in removed:
        session().delete(image)
    if removed:
        _record(row, sorted(image.name for image in removed), by)


def _record(row: SiteSettings, changed: list[str], by: Actor) -> None:
    row.version += 1
    record_event(by.label, "site.changed", "site:1", settings=changed, version=row.version)
