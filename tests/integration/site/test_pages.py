"""Pages besides letters on both databases: versions, former addresses, and what a deletion leaves."""

from dataclasses import replace

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.site.identity import DrawnImage, ImageName, store_images
from commentsite.site.pages.queries import (
    find_page_by_former_slug,
    list_page_versions,
    list_public_pages,
)
from commentsite.site.pages.services import PageDraft, change_page, create_page, delete_page
from commentsite.site.queries import find_image, load_site
from commentsite.site.setup import check_setup_token, issue_setup_token

ABOUT = PageDraft("About", "about", "Text.", "en", "menu", None, is_public=True)


def test_a_deleted_page_leaves_neither_versions_nor_addresses(any_app):
    with transaction():
        page_id = create_page(ABOUT, by=SYSTEM).id
    with transaction():
        change_page(page_id, 1, replace(ABOUT, slug="us", source_text="More."), by=SYSTEM)
    assert [version.number for version in list_page_versions(page_id)] == [2, 1]
    assert find_page_by_former_slug("about").slug == "us"
    assert [page.slug for page in load_site().pages] == ["us"]
    with transaction():
        change_page(page_id, 2, replace(ABOUT, slug="us", is_public=False), by=SYSTEM)
    with transaction():
        delete_page(page_id, by=SYSTEM)
    assert list_page_versions(page_id) == []
    assert find_page_by_former_slug("about") is None
    with transaction():
        create_page(ABOUT, by=SYSTEM)
    assert [page.title for page in list_public_pages()] == ["About"]


def test_pictures_and_the_setup_token_are_stored_on_both_databases(any_app):
    image = DrawnImage(b"\x89PNG\0\xff", "png", 10, 5)
    with transaction():
        store_images({ImageName.LOGO: image}, is_icon_own=False, by=SYSTEM)
        token = issue_setup_token()
    assert find_image(ImageName.LOGO).content == image.content
    assert load_site().images["logo"].is_own
    check_setup_token(token)
