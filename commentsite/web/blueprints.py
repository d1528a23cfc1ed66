"""Register all blueprints. The tuple below is the table of contents of the site."""

from flask import Flask

from commentsite.web.account import invitations
from commentsite.web.desk import home as desk_home
from commentsite.web.desk import profile
from commentsite.web.desk.admin import audit_log as admin_audit_log
from commentsite.web.desk.admin import (
    comment_allowances,
    dsa_export,
    embed,
    emergency_switches,
    exchange,
    outbox,
    people,
    rules,
    settings,
    webhooks,
)
from commentsite.web.desk.letters import (
    author_addresses,
    imports,
    index,
    metadata,
    paste,
    permissions,
    publishing,
    text,
)
from commentsite.web.desk.moderation import (
    affiliation,
    appeals,
    bulk,
    case,
    conflicts,
    decisions,
    quality_reviews,
    queue_page,
    sanctions,
)
from commentsite.web.embed import script as embed_script
from commentsite.web.embed import views as embed_views
from commentsite.web.public.comments import (
    campaigns,
    email_confirmation,
    receipts,
    reports,
    submit,
    unsubscribe,
)
from commentsite.web.public.letters import (
    annotations,
    citations,
    documents,
    feeds,
    paragraphs,
    pdf,
    pictures,
    show,
    threads,
    versions,
)
from commentsite.web.public.site import (
    audit_log,
    health,
    home,
    metrics,
    privacy,
    transparency,
    well_known,
)
from commentsite.web.public.site import rules as public_rules
from commentsite.web.rendering import assets

BLUEPRINT_MODULES = (
    # Pages for readers
    home, show, versions, paragraphs, threads, documents, citations, pdf, pictures, feeds, annotations,
    submit, receipts, email_confirmation, unsubscribe, reports, campaigns,
    public_rules, privacy, transparency, audit_log,
    # Files and endpoints for programs
    assets, well_known, health, metrics,
    # Staff accounts
    invitations,
    # Inside pages of other sites
    embed_views, embed_script,
    # The desk
    desk_home, profile,
    queue_page, case, decisions, bulk, appeals, conflicts, affiliation, sanctions, quality_reviews,
    index, text, imports, paste, metadata, permissions, author_addresses, publishing,
    people, rules, settings, emergency_switches, comment_allowances, outbox, exchange, webhooks, embed, admin_audit_log, dsa_export,
)  # fmt: skip


def init_app(app: Flask) -> None:
    for module in BLUEPRINT_MODULES:
        app.register_blueprint(module.bp)
