"""The links in the head and the foot of every page of the site."""

from dataclasses import dataclass, replace
from functools import lru_cache

from flask import request, url_for

from commentsite.letters.text.paragraphs import render_document
from commentsite.site.identity import ImageName
from commentsite.site.pages.states import Placement
from commentsite.site.queries import Site
from commentsite.text.direction import get_direction
from commentsite.web.caching.fragments import cached_fragment
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

    def build() -> list[NavigationLink]:
        return [
            NavigationLink(_("Letters"), url_for("home.letters")),
            NavigationLink(_("Rules"), url_for("rules.show")),
            NavigationLink(_("Transparency"), url_for("transparency.show")),
            *_link_pages(site, Placement.MENU),
        ]

    return _mark_current(cached_fragment("menu", build))


def build_footer_links(site: Site) -> list[NavigationLink]:
    """Return the links in the foot."""

    def build() -> list[NavigationLink]:
        return [
            *_link_pages(site, Placement.FOOTER),
            NavigationLink(_("Moderation rules"), url_for("rules.show")),
            NavigationLink(_("Privacy"), url_for("privacy.show")),
            NavigationLink(_("Accessibility"), url_for("accessibility.show")),
            NavigationLink(_("Transparency report"), url_for("transparency.show")),
            NavigationLink(_("Subscribe by email"), url_for("subscribe.new")),
            NavigationLink(_("Feed of letters"), url_for("feeds.letters_atom")),
            NavigationLink(_("API"), url_for("api_documentation.index")),
            NavigationLink(_("Staff sign-in"), url_for("security.login")),
        ]

    return _mark_current(cached_fragment("footer links", build))


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
        NavigationLink(page.title, url_for("pages.show", slug=page.slug), language=page.language)
        for page in site.pages
        if page.placement == placement
    ]


def _mark_current(links: list[NavigationLink]) -> list[NavigationLink]:
    path = request.path
    return [
        replace(link, is_current=True)
        if path == link.url or (link.url.endswith("/") and path.startswith(link.url))
        else link
        for link in links
    ]


def build_contact_url(contact: str) -> str:
    """Return the address of a contact of the site: of a page, or `mailto:` with an email address. Empty for other words."""
    if contact.startswith(("http://", "https://")):
        return contact
    return f"mailto:{contact}" if "@" in contact and " " not in contact else ""
