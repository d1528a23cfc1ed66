"""The links in the head and the foot of every page of the site."""

from dataclasses import dataclass
from functools import lru_cache

from flask import request, url_for

from commentsite.letters.text.paragraphs import render_document
from commentsite.site.identity import ImageName
from commentsite.site.pages.states import Placement
from commentsite.site.queries import Site
from commentsite.text.direction import get_direction
from commentsite.web.rendering.i18n import gettext as _


@dataclass(frozen=True)
class NavigationLink:
    """A link of a menu. `language` is that of the label if it is not the page's own."""

    label: str
    url: str
    is_current: bool = False
    language: str = ""

    @property
    def direction(self) -> str:
        """The direction of the label, for the HTML attribute `dir`."""
        return get_direction(self.language)


@dataclass(frozen=True)
class Picture:
    """A picture of the site and the size in pixels at which it is shown."""

    url: str
    width: int
    height: int


MAX_LOGO_HEIGHT, MAX_LOGO_WIDTH = 48, 200  # CSS pixels


def build_menu(site: Site) -> list[NavigationLink]:
    """Return the links in the head: the parts of the site, and the pages that stand in the menu."""
    return [
        _link(_("Letters"), url_for("home.letters")),
        _link(_("Rules"), url_for("rules.show")),
        _link(_("Transparency"), url_for("transparency.show")),
        *_link_pages(site, Placement.MENU),
    ]


def build_footer_links(site: Site) -> list[NavigationLink]:
    """Return the links in the foot."""
    return [
        *_link_pages(site, Placement.FOOTER),
        _link(_("Moderation rules"), url_for("rules.show")),
        _link(_("Privacy"), url_for("privacy.show")),
        _link(_("Accessibility"), url_for("accessibility.show")),
        _link(_("Transparency report"), url_for("transparency.show")),
        _link(_("Subscribe by email"), url_for("subscribe.new")),
        _link(_("Feed of letters"), url_for("feeds.letters_atom")),
        _link(_("API"), url_for("api_documentation.index")),
        _link(_("Staff sign-in"), url_for("security.login")),
    ]


def build_logo(site: Site) -> Picture | None:
    """Return the logo at the size at which the head shows it."""
    logo = site.images.get(ImageName.LOGO)
    if logo is None:
        return None
    factor = min(1, MAX_LOGO_HEIGHT / logo.height, MAX_LOGO_WIDTH / logo.width)
    return Picture(
        image_url(site, ImageName.LOGO),
        max(1, round(logo.width * factor)),
        max(1, round(logo.height * factor)),
    )


def image_url(site: Site, name: ImageName) -> str:
    """Return the address of a picture of the site, or '' if there is none. It contains a hash of the picture."""
    image = site.images.get(name)
    if image is None:
        return ""
    return url_for("site_images.show", name=image.name, v=image.sha256[:10])


@lru_cache(maxsize=64)
def render_footer(source: str) -> str:
    """Return the HTML of the footer text."""
    return render_document(source)


def _link_pages(site: Site, placement: Placement) -> list[NavigationLink]:
    return [
        _link(page.title, url_for("pages.show", slug=page.slug), page.language)
        for page in site.pages
        if page.placement == placement
    ]


def _link(label: str, url: str, language: str = "") -> NavigationLink:
    path = request.path
    is_current = path == url or (url.endswith("/") and path.startswith(url))
    return NavigationLink(label, url, is_current, language)


def build_contact_url(contact: str) -> str:
    """Return the address of a contact of the site: of a page, or `mailto:` with an email address. Empty for other words."""
    if contact.startswith(("http://", "https://")):
        return contact
    return f"mailto:{contact}" if "@" in contact and " " not in contact else ""
