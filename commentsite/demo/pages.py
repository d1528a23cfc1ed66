"""Seed the pages besides letters, the footer, and the facts about data protection of the demo site."""

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.site.pages.services import PageDraft, create_page
from commentsite.site.pages.states import Placement
from commentsite.site.queries import get_settings_for_update
from commentsite.site.services import dismiss_checklist

ABOUT = """\
This site publishes letters by people who take part in governing the Internet. Anyone can comment, without an account.

## Who reads the comments

Moderators from several stakeholder groups read every comment before it is published. They can refuse one only under a
[numbered rule](/rules), and every refusal states its reason. The [transparency report](/transparency) counts them all.

## How to have a letter published

Write to the address on the [contact page](/pages/contact). An editor answers within a week.
"""
CONTACT = """\
- Letters and corrections: letters@example.org
- Questions about a decision: use *Appeal* on the private page of your comment.
- Press: press@example.org
"""
PAGES = (
    PageDraft("About", "about", ABOUT, "en", Placement.MENU, None, is_public=True),
    PageDraft("Contact", "contact", CONTACT, "en", Placement.FOOTER, None, is_public=True),
)


def seed_pages() -> None:
    """Write the pages, and the settings that a steward fills in first."""
    for draft in PAGES:
        with transaction():
            create_page(draft, by=SYSTEM)
    with transaction():
        settings = get_settings_for_update()
        settings.contact = settings.contact or "letters@example.org"
        settings.controller = "Example Foundation, 1 Example Street, Geneva"
        settings.version += 1
        dismiss_checklist(by=SYSTEM)
