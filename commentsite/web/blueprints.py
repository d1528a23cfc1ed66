"""TODO docstring of commentsite.web.blueprints."""

from commentsite.web.account import invitations
from commentsite.web.desk import home as desk_home
from commentsite.web.desk import profile
from commentsite.web.desk.admin import audit_log as admin_audit_log
from commentsite.web.desk.admin import (
    dsa_export,
    emergency_switches,
    outbox,
    people,
    rules,
    settings,
)
from commentsite.web.desk.letters import index, metadata, publishing, text
from commentsite.web.desk.moderation import (
    affiliation,
    appeals,
    bulk,
    case,
    conflicts,
    decisions,
    quality_reviews,
    sanctions,
)
from commentsite.web.public.comments import (
    campaigns,
    email_confirmation,
    receipts,
    reports,
    submit,
    unsubscribe,
)
from commentsite.web.public.letters import (
    citations,
    documents,
    feeds,
    paragraphs,
    pdf,
    show,
    versions,
)
from commentsite.web.public.site import (
    audit_log,
    health,
    home,
    metrics,
    policies,
    transparency_data,
)
from commentsite.web.rendering import assets

BLUEPRINT_MODULES = (
    assets,
    home,
    show,
    submit,
    receipts,
    email_confirmation,
    feeds,
    policies,
    audit_log,
    health,
    desk_home,
    conflicts,
    decisions,
    case,
    bulk,
    appeals,
    outbox,
    index,
    admin_audit_log,
    people,
    rules,
    settings,
    emergency_switches,
    versions,
    unsubscribe,
    documents,
    citations,
    pdf,
    paragraphs,
    reports,
    campaigns,
    metrics,
    affiliation,
    publishing,
    metadata,
    text,
    profile,
    sanctions,
    invitations,
    transparency_data,
    dsa_export,
    quality_reviews,
)
