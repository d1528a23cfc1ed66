"""Change the logo, the icon and the accent colour of the site."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Invalid, SiteError
from commentsite.letters.importing.bounded import run_bounded
from commentsite.letters.importing.errors import UnreadableFile
from commentsite.letters.importing.images import ImageProblem
from commentsite.letters.importing.site_images import draw_icons, draw_logo
from commentsite.site import identity
from commentsite.site.accent import derive_dark_accent, parse_colour
from commentsite.site.identity import ICONS, DrawnImage, ImageName
from commentsite.site.queries import find_image
from commentsite.web.context import current_actor, current_site, require_staff
from commentsite.web.desk.letters.form_values import read_upload
from commentsite.web.errors import add_retry_after, get_status, translate_error
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_appearance", __name__, url_prefix="/desk/settings/appearance")
bp.before_request(require_staff(Permission.CHANGE_SETTINGS))
BUILT_IN_ACCENT, BUILT_IN_ACCENT_DARK = "#1e3f80", "#a6bff5"  # as in static/css/tokens.css


@dataclass(frozen=True)
class ColourForm:
    """The colours as typed. Empty: the built-in or derived colour, which `shown` and `shown_dark` name."""

    accent: str
    accent_dark: str
    shown: str
    shown_dark: str


@bp.get("/")
def show() -> Response:
    return _render_page()


@bp.get("/<action>")
def leave_action(action: str) -> AnyResponse:  # noqa: ARG001  # part of the address
    """Lead to the page. A browser gets here when a steward had to sign in again, or reloads an error."""
    return redirect(url_for("desk_appearance.show"), 303)


@bp.post("/colours")
def change_colours() -> AnyResponse:
    """Store the accent colours, or the built-in ones if the button for those was pressed."""
    is_reset = "reset" in request.form
    typed = ("", "") if is_reset else (request.form.get("accent", ""), _read_dark())
    try:
        with transaction():
            changed = identity.change_colours(
                parse_colour(typed[0], "accent"),
                parse_colour(typed[1], "accent_dark"),
                by=current_actor(),
            )
    except SiteError as error:
        return _render_page(error)
    flash(
        _("The accent colour is saved.") if changed else _("The accent colour was not different.")
    )
    return redirect(url_for("desk_appearance.show"), 303)


@bp.post("/logo")
def upload_logo() -> AnyResponse:
    """Store a logo, and icons drawn from it unless the site has icons of their own."""
    try:
        drawn = _draw("logo", draw_logo)
        with transaction():
            identity.store_images(drawn, is_icon_own=False, by=current_actor())
    except SiteError as error:
        return _render_page(error)
    flash(_("The logo is saved."))
    return redirect(url_for("desk_appearance.show"), 303)


@bp.post("/icon")
def upload_icon() -> AnyResponse:
    try:
        drawn = _draw("icon", draw_icons)
        with transaction():
            identity.store_images(drawn, is_icon_own=True, by=current_actor())
    except SiteError as error:
        return _render_page(error)
    flash(_("The icon is saved."))
    return redirect(url_for("desk_appearance.show"), 303)


@bp.post("/logo/remove")
def remove_logo() -> AnyResponse:
    """Remove the logo, with the icons that were drawn from it."""
    drawn = tuple(name for name, image in current_site().images.items() if not image.is_own)
    with transaction():
        identity.remove_images(
            (ImageName.LOGO, *(ImageName(name) for name in drawn)), by=current_actor()
        )
    flash(_("The logo is removed. Pages show the title of the site."))
    return redirect(url_for("desk_appearance.show"), 303)


@bp.post("/icon/remove")
def remove_icon() -> AnyResponse:
    """Remove the icons. If the site has a logo, new ones are drawn from it."""
    logo = find_image(ImageName.LOGO)
    drawn = _parse_drawn(run_bounded(draw_icons, logo.content)) if logo else {}
    with transaction():
        identity.remove_images(ICONS, by=current_actor())
        if drawn:
            identity.store_images(drawn, is_icon_own=False, by=current_actor())
    flash(_("The icon is removed."))
    return redirect(url_for("desk_appearance.show"), 303)


def _read_dark() -> str:
    """Return the colour for dark mode, '' if it is to be derived from the other one."""
    return request.form.get("accent_dark", "") if request.form.get("dark") == "own" else ""


def _draw(field: str, draw: Callable[[bytes], dict[str, Any]]) -> dict[ImageName, DrawnImage]:
    """Draw the pictures of an upload. Raises Invalid."""
    _filename, content = read_upload(field)
    if not content:
        msg = "Choose a picture file first."
        raise Invalid(msg, field=field)
    if content.lstrip()[:5].lower() in {b"<?xml", b"<svg "} or b"<svg" in content[:500].lower():
        msg = "An SVG file can hold a script, so it is not used. Save the picture as PNG, JPEG or WebP."
        raise Invalid(msg, field=field)
    try:
        result = dict(run_bounded(draw, content))
    except UnreadableFile as error:  # it took more than the limits of the child
        raise Invalid(_PROBLEMS[ImageProblem.NOT_A_PICTURE], field=field) from error
    if "problem" in result:
        raise Invalid(_PROBLEMS[ImageProblem(result["problem"])], field=field)
    return _parse_drawn(result)


_PROBLEMS = {
    ImageProblem.TOO_LARGE: "This file is larger than 2 MB. Choose a smaller picture.",
    ImageProblem.TOO_MANY_PIXELS: "This picture has more than 20 million pixels. Choose a smaller one.",
    ImageProblem.NOT_A_PICTURE: "This file is not a PNG, JPEG or WebP picture. Choose another one.",
}


def _parse_drawn(result: dict[str, Any]) -> dict[ImageName, DrawnImage]:
    """Return the pictures in the answer of the child, which a hostile file may have written."""
    return {
        ImageName(name): DrawnImage(
            bytes(image["content"]), "png", int(image["width"]), int(image["height"])
        )
        for name, image in result.items()
    }


def _build_colour_form() -> ColourForm:
    site = current_site()
    if request.method == "POST" and "accent" in request.form:
        accent, accent_dark = request.form["accent"].strip(), _read_dark().strip()
    else:
        accent, accent_dark = site.accent, site.accent_dark
    derived = derive_dark_accent(site.accent) if site.accent else ""
    return ColourForm(
        accent,
        accent_dark,
        accent or BUILT_IN_ACCENT,
        accent_dark or derived or BUILT_IN_ACCENT_DARK,
    )


def _render_page(error: SiteError | None = None) -> Response:
    site = current_site()
    page = render_template(
        "desk/admin/appearance.html",
        actor=current_actor(),
        colours=_build_colour_form(),
        has_own_colours=bool(site.accent or site.accent_dark),
        has_own_icon=any(image.is_own for name, image in site.images.items() if name in ICONS),
        problem=translate_error(error) if error else "",
        wrong=error.field if error else None,
    )
    return add_retry_after(make_response(page, get_status(error) if error else 200), error)
