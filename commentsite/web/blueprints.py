"""Register all blueprints. The tuple below is the table of contents of the site."""

from flask import Flask

from commentsite.web.account import invitations, setup
from commentsite.web.api import blueprint as api
from commentsite.web.api import documentation as api_documentation
from commentsite.web.desk import checklist, profile, staff_bar, tokens
from commentsite.web.desk import home as desk_home
from commentsite.web.desk.admin import (
    appearance,
    comment_allowances,
    dsa_export,
    email,
    email_previews,
    embed,
    emergency_switches,
    exchange,
    exports,
    outbox,
    people,
    rules,
    settings,
    webhooks,
)
from commentsite.web.desk.admin import audit_log as admin_audit_log
from commentsite.web.desk.admin import pages as desk_pages
from commentsite.web.desk.letters import (
    author_addresses,
    deletion,
    imports,
    index,
    metadata,
    new_letter,
    objections,
    paste,
    permissions,
    publishing,
    text,
)
from commentsite.web.desk.letters.record import (
    alternatives,
    evidence,
    positions,
    preview,
    publication,
    texts,
    uses,
    workbench,
)
from commentsite.web.desk.letters.record import holders as record_sign_offs
from commentsite.web.desk.letters.record import inquiries as record_inquiries
from commentsite.web.desk.moderation import (
    affiliation,
    appeals,
    bulk,
    case,
    conflicts,
    decisions,
    prepared_notes,
    quality_reviews,
    queue_csv,
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
    authors,
    beside,
    cards,
    citations,
    consensus_map,
    documents,
    feeds,
    paragraphs,
    pdf,
    pictures,
    show,
    threads,
    versions,
)
from commentsite.web.public.records import citations as record_citations
from commentsite.web.public.records import files as record_files
from commentsite.web.public.records import holders, inquiries
from commentsite.web.public.records import pages as records
from commentsite.web.public.site import (
    accessibility,
    audit_log,
    health,
    home,
    metrics,
    pages,
    privacy,
    search,
    site_images,
    subscribe,
    transparency,
    well_known,
)
from commentsite.web.public.site import rules as public_rules
from commentsite.web.rendering import assets

BLUEPRINT_MODULES = (
    # Pages for readers
    home, search, show, versions, beside, consensus_map, paragraphs, threads, documents, citations, pdf, authors, cards, pictures, feeds, annotations,
    records, record_files, record_citations,
    submit, receipts, email_confirmation, unsubscribe, reports, campaigns,
    holders, inquiries,
    public_rules, privacy, accessibility, subscribe, transparency, audit_log, pages,
    # Files and endpoints for programs
    assets, site_images, well_known, health, metrics,
    # Staff accounts
    setup, invitations,
    # Inside pages of other sites
    embed_views, embed_script,
    # Programs of others
    api, api_documentation,
    # The desk
    desk_home, profile, tokens, checklist, staff_bar,
    queue_page, queue_csv, prepared_notes, case, decisions, bulk, appeals, conflicts, affiliation, sanctions, quality_reviews,
    index, new_letter, text, imports, paste, metadata, permissions, author_addresses, publishing, objections, deletion,
    workbench, texts, positions, evidence, alternatives, uses, record_sign_offs, publication, preview, record_inquiries,
    settings, appearance, desk_pages, email, people, rules, emergency_switches, comment_allowances, outbox, email_previews, exchange, exports, webhooks, embed, admin_audit_log, dsa_export,
)  # fmt: skip


def init_app(app: Flask) -> None:
    for module in BLUEPRINT_MODULES:
        app.register_blueprint(module.bp)
