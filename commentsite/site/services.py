"""Make the site once, and change what is decided about it."""

from typing import TypedDict, Unpack

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.db import session
from commentsite.errors import Invalid, NotFound
from commentsite.site import queries
from commentsite.site.models import SiteSettings, StakeholderGroup

DEFAULT_GROUPS = {
    "CIV": "civil society",
    "TEC": "technical community",
    "GOV": "government",
    "BUS": "business",
    "ACA": "academia",
    "IGO": "intergovernmental organisation",
    "MED": "media",
    "IND": "individual, no group",
    "UND": "prefer not to say",
}


class SiteChanges(TypedDict):
    """Everything the settings page sends at once."""

    title: str
    tagline: str
    contact: str
    answer_hours: int
    hold_links: int
    banned_words: str
    email_confirmation: str


def ensure_site() -> None:
    """Make settings and groups on a new database; leave an existing site as it is."""
    if queries.settings_row():
        return
    session().add(
        SiteSettings(
            id=1,
            title="Letters on Internet Governance",
            tagline="Letters by people who take part in governing the Internet, and what others have to say to them.",
        ),
    )
    for position, (code, label) in enumerate(DEFAULT_GROUPS.items()):
        session().add(StakeholderGroup(code=code, label=label, position=position))
    session().flush()


def change_settings(*, by: Actor, **changes: Unpack[SiteChanges]) -> list[str]:
    """Take over what differs and return the names of what changed; nothing different, nothing written."""
    by.require(Permission.CHANGE_SETTINGS)
    row = queries.settings_row()
    if row is None:
        msg = "The site has not been set up."
        raise NotFound(msg)
    if not changes["title"].strip():
        msg = "Enter a title."
        raise Invalid(msg, field="title")
    changed = sorted(name for name, value in changes.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, changes[name])  # type: ignore[literal-required]  # the names are SiteChanges' own
    if changed:
        row.version += 1
        record(by.label, "site.changed", "site:1", settings=changed, version=row.version)
    return changed
