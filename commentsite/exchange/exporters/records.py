"""Turn rows of the database into the records of an export."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row

from commentsite.comments.states import CommentState
from commentsite.encryption import Encryption
from commentsite.exchange.exporters import queries as export_queries
from commentsite.exchange.exporters.queries import Parts
from commentsite.exchange.own_format import records
from commentsite.letters.feed_ids import derive_feed_id
from commentsite.letters.models import Block, Letter, LetterVersion, Media, ParagraphLink
from commentsite.site.models import SiteSettings

#: A comment that was not examined yet waits for a moderator on the next site.
_STATES = {CommentState.RECEIVED.value: CommentState.PENDING.value}
_NOTHING: Sequence[Row[Any]] = ()


def build_site(row: SiteSettings, base_url: str) -> records.Site:
    return records.Site(
        id=row.feed_namespace, base_url=base_url, title=row.title, tagline=row.tagline
    )


def iter_groups() -> Iterator[records.Group]:
    for row in export_queries.list_groups():
        yield records.Group(
            code=row.code, label=row.label, position=row.position, offered=row.offered
        )


def iter_rules() -> Iterator[records.Rules]:
    for version, clauses in export_queries.list_rules():
        yield records.Rules(
            version=version.version,
            published_at=version.published_at,
            summary=version.summary,
            clauses=[
                records.Clause(
                    code=clause.code,
                    number=clause.number,
                    title=clause.title,
                    text=clause.text,
                    since=clause.since,
                    is_retired=clause.is_retired,
                )
                for clause in clauses
            ],
        )


def iter_pages() -> Iterator[records.Page]:
    for row, versions, former_slugs in export_queries.list_pages():
        yield records.Page(
            id=row.id,
            slug=row.slug,
            versions=[
                records.PageVersion(
                    number=version.number,
                    title=version.title,
                    markdown=version.source_text,
                    saved_at=version.saved_at,
                    language=version.language,
                    saved_by=version.saved_by_name,
                )
                for version in versions
            ],
            placement=row.placement,  # type: ignore[arg-type]  # a Placement
            position=row.position,
            is_public=row.is_public,
            former_slugs=former_slugs,
        )


def build_letter(letter: Letter, namespace: str) -> records.Letter:
    """Build the record of a letter, which `queries.load_letter` has loaded.

    `namespace` is that of the ids of entries in feeds, which stay the same on another site.
    """
    links = export_queries.load_paragraph_links(letter.id)
    return records.Letter(
        id=letter.id,
        slug=letter.slug,
        state=str(letter.state),  # type: ignore[arg-type]  # a LetterState
        title=letter.title,
        created_at=letter.created_at,
        versions=[_build_version(row, links.get(row.id, [])) for row in letter.versions],
        version_number=letter.version_number,
        standfirst=letter.standfirst,
        editors_note=letter.editors_note,
        occasion=letter.occasion,
        addressee=letter.addressee,
        body_concerned=letter.body_concerned,
        source=letter.source,
        licence=letter.licence,
        language=letter.language,
        topics=list(letter.topics),
        date_written=letter.date_written,
        date_received=letter.date_received,
        scheduled_for=letter.scheduled_for,
        published_at=letter.published_at,
        updated_at=letter.updated_at,
        feed_id=letter.feed_id or derive_feed_id(namespace, f"letter {letter.id}"),
        comments_open=letter.comments_open,
        comments_open_at=letter.comments_open_at,
        comments_close_at=letter.comments_close_at,
        grace_hours=letter.grace_hours,
        withdrawal_reason=letter.withdrawal_reason,
        withdrawn_at=letter.withdrawn_at,
        superseded_by=letter.superseded_by_id,
        translation_of=letter.translation_of_id,
        translator=letter.translator,
        authors=[
            records.Author(
                name=author.name,
                group=author.stakeholder_group,
                capacity=str(author.capacity),
                organisation=author.organisation,
            )
            for author in letter.authors
        ],
        former_slugs=[
            records.FormerSlug(slug=row.slug, until=row.until)
            for row in export_queries.list_former_slugs(letter.id)
        ],
        permissions=[
            records.Permission(
                given_by=row.given_by,
                method=str(row.method),
                recorded_at=row.recorded_at,
                scopes=list(row.scopes),
                given_on=row.given_on,
                statement=row.statement,
                revoked_at=row.revoked_at,
            )
            for row in export_queries.list_permissions(letter.id)
        ],
        pictures=[_build_picture(row) for row in export_queries.list_pictures(letter.id)],
        working_copy=_build_working_copy(letter.id),
    )


def _build_version(row: LetterVersion, links: Iterable[ParagraphLink]) -> records.Version:
    return records.Version(
        number=row.number,
        title=row.title,
        markdown=row.source_text,
        created_at=row.created_at,
        standfirst=row.standfirst,
        change=str(row.change),
        change_note=row.change_note,
        published_at=row.published_at,
        original_name=row.original_name,
        original=row.original or None,
        blocks=[_build_block(block) for block in row.blocks],
        earlier_paragraphs=[
            records.ParagraphFate(
                pid=link.pid, relation=link.relation, score=link.score, target_pid=link.target_pid
            )
            for link in links
        ],
    )


def _build_block(row: Block) -> records.Block:
    return records.Block(
        kind=str(row.kind),
        html=row.html,
        text=row.text,
        pid=row.pid,
        number=row.number,
        label=row.label,
        language=row.language,
    )


def _build_picture(row: Media) -> records.Picture:
    return records.Picture(
        sha256=row.sha256,
        extension=row.extension,  # type: ignore[arg-type]  # checked when it was stored
        width=row.width,
        height=row.height,
        created_at=row.created_at,
        published_at=row.published_at,
    )


def _build_working_copy(letter_id: int) -> records.WorkingCopy | None:
    row = export_queries.find_working_copy(letter_id)
    if row is None:
        return None
    return records.WorkingCopy(
        title=row.title,
        markdown=row.source_text,
        saved_at=row.saved_at,
        standfirst=row.standfirst,
        editors_note=row.editors_note,
    )


def build_comment(
    row: Row[Any], parts: Parts, namespace: str, encryption: Encryption | None
) -> records.Comment:
    """Build the record of a comment. `encryption` is there only if addresses are exported."""
    number = row.id
    email = encryption.decrypt(row.email_sealed) if encryption and row.email_sealed else None
    return records.Comment(
        id=number,
        letter=row.letter_id,
        state=_STATES.get(row.state, row.state),
        name=row.name,
        body=row.body,
        html=row.body_html,
        submitted_at=row.submitted_at,
        changed_at=row.changed_at,
        letter_version=row.letter_version,
        parent=row.parent_id,
        answers=row.replied_to_id,
        shown_by=row.representative_id,
        campaign=row.campaign_id,
        is_pseudonym=row.is_pseudonym,
        group=row.stakeholder_group,
        organisation=row.organisation,
        capacity=row.capacity,
        author_role=row.author_role,
        has_organisation_domain=row.has_organisation_domain,
        delegation_verified_at=row.delegation_verified_at,
        email=email or "",
        email_confirmed_at=row.email_confirmed_at,
        kind=row.kind,
        stance=row.stance,
        quote_as=row.quote_as,
        language=row.language,
        is_late=row.is_late,
        rules_version=row.rules_version,
        edited_at=row.edited_at,
        published_at=row.published_at,
        erased_at=row.erased_at,
        feed_id=row.feed_id
        or (derive_feed_id(namespace, f"comment {number}") if row.published_at else ""),
        targets=[
            records.Target(pid=item.pid, stance=item.stance) for item in parts["targets"][number]
        ]
        if number in parts["targets"]
        else [],
        revisions=[
            records.Revision(version=item.version, body=item.body, replaced_at=item.replaced_at)
            for item in parts["revisions"].get(number, _NOTHING)
        ],
        history=build_history(number, parts) if number in parts["with_history"] else [],
        objection=_build_objection(parts["objections"][number][0], is_erased=bool(row.erased_at))
        if number in parts["objections"]
        else None,
    )


def _build_objection(row: Row[Any], *, is_erased: bool) -> records.Objection:
    return records.Objection(
        status=row.status,
        recorded_at=row.recorded_at,
        pids=list(row.pids),
        recorded_by=row.recorded_by,
        response=row.response,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        author_satisfied=row.author_satisfied,
        author_reaction="" if is_erased else row.author_reaction,
    )


def build_history(number: int, parts: Parts) -> list[records.HistoryEvent]:
    """Return what happened to a comment, here and before it came here, in the order of the times."""
    events = [
        msgspec.convert(event, records.HistoryEvent)
        for item in parts["imported"].get(number, _NOTHING)
        for event in item.history
    ]
    events += [_describe_decision(item) for item in parts["decisions"].get(number, _NOTHING)]
    events += [_describe_appeal(item) for item in parts["appeals"].get(number, _NOTHING)]
    events += [
        records.HistoryEvent(
            event="report",
            at=item.sent_at,
            rule=item.rule,
            rules_version=item.rules_version,
            text=item.text,
            state=item.state,
            ended_at=item.closed_at,
        )
        for item in parts["reports"].get(number, _NOTHING)
    ]
    events += [
        records.HistoryEvent(event="note", at=item.written_at, by=item.staff_name, text=item.body)
        for item in parts["notes"].get(number, _NOTHING)
    ]
    return sorted(events, key=lambda event: event.at)


def _describe_decision(item: Row[Any]) -> records.HistoryEvent:
    return records.HistoryEvent(
        event="decision",
        at=item.decided_at,
        by=item.moderator_name,
        by_group=item.moderator_group,
        verdict=item.verdict,
        rule=item.rule,
        rules_version=item.rules_version,
        settled=item.is_applied,
        text=item.note,
        facts=item.facts,
        ended_at=item.undone_at,
    )


def _describe_appeal(item: Row[Any]) -> records.HistoryEvent:
    return records.HistoryEvent(
        event="appeal",
        at=item.filed_at,
        by=item.decided_by_name,
        by_group=item.decided_by_group,
        state=item.state,
        text=item.text,
        facts=item.facts,
        question=item.question,
        answer=item.answer,
        ended_at=item.changed_at,
    )
