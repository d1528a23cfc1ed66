"""Work out what the publication page of a letter offers, by the state of the letter and the actor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from commentsite.accounts.permissions import Actor, Permission
from commentsite.errors import SiteError
from commentsite.letters import queries as letter_queries
from commentsite.letters.importing.queries import find_current_import
from commentsite.letters.models import Letter, LetterVersion
from commentsite.letters.publication.services import (
    find_review_obstacle,
    list_publication_obstacles,
)
from commentsite.letters.states import UNPUBLISHED_STATES, LetterState, PermissionScope
from commentsite.letters.text.queries import list_versions
from commentsite.site.queries import Site
from commentsite.web.errors import translate_error
from commentsite.web.rendering.filters import format_day, join_list
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import (
    EMAIL_CONFIRMATION_LABELS,
    MODERATION_MODE_LABELS,
    PREMODERATION_LABELS,
)
from commentsite.web.rendering.language_names import get_translated_name
from commentsite.web.rendering.time_zones import format_for_field

_NO_COMMENT_SETTINGS = frozenset({LetterState.WITHDRAWN, LetterState.SUPERSEDED})


@dataclass(frozen=True)
class Choice:
    """A radio button. `note` says which choice "as on the whole site" means today."""

    value: str
    label: str
    is_selected: bool
    note: str = ""


@dataclass(frozen=True)
class CommentSetting:
    """A setting of the site that a letter may override, as radio buttons."""

    field: str
    legend: str
    hint: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Condition:
    """A line of the checklist: a condition of publication, and whether it is met."""

    name: str
    is_met: bool
    sentence: str  # what the letter has, or what is missing
    address: str  # where to change it, empty when nothing has to be done
    link: str


@dataclass(frozen=True)
class PublishingPage:
    """The parts of the publication page, each with whether it is offered."""

    revision: int  # of the text shown; sent along with each action
    checklist: Sequence[Condition]  # empty for a letter that is public
    versions: Sequence[LetterVersion]
    comment_settings: Sequence[CommentSetting]
    opens: str  # the comment period, as a field for date and time takes it
    closes: str
    is_unpublished: bool
    may_publish: bool  # the actor, as soon as the checklist allows
    can_publish: bool  # now
    missing: int  # conditions
    can_schedule: bool
    can_send_for_review: bool
    can_return_to_draft: bool
    can_correct: bool
    has_changes: bool  # since the latest version
    can_rename: bool
    can_supersede: bool
    can_withdraw: bool
    can_restore: bool
    can_delete: bool


def build_publishing_page(letter: Letter, actor: Actor, site: Site) -> PublishingPage:
    """Build the page. Another editor's action may come first, so that each action checks again."""
    copy = letter_queries.find_working_copy(letter)
    state, may_publish = letter.state, actor.can(Permission.PUBLISH_LETTERS)
    is_unpublished = state in UNPUBLISHED_STATES
    needs_two = site.letters_need_two
    checklist = _build_checklist(letter, actor, needs_two=needs_two) if is_unpublished else ()
    missing = sum(1 for condition in checklist if not condition.is_met)
    can_publish = may_publish and is_unpublished and not missing
    has_comment_settings = may_publish and state not in _NO_COMMENT_SETTINGS
    return PublishingPage(
        revision=copy.revision if copy else letter.copy_revision,
        checklist=checklist,
        versions=list_versions(letter),
        comment_settings=_build_comment_settings(letter, site) if has_comment_settings else (),
        opens=format_for_field(letter.comments_open_at),
        closes=format_for_field(letter.comments_close_at),
        is_unpublished=is_unpublished,
        may_publish=may_publish,
        can_publish=can_publish,
        missing=missing,
        can_schedule=can_publish and state != LetterState.SCHEDULED,
        can_send_for_review=state == LetterState.DRAFT,
        can_return_to_draft=is_unpublished and state != LetterState.DRAFT,
        can_correct=state == LetterState.PUBLISHED,
        has_changes=copy is not None,
        can_rename=may_publish and state != LetterState.WITHDRAWN,
        can_supersede=may_publish and state == LetterState.PUBLISHED,
        can_withdraw=may_publish and state in {LetterState.PUBLISHED, LetterState.SUPERSEDED},
        can_restore=state == LetterState.WITHDRAWN
        and actor.can(Permission.RESTORE_LETTERS, letter.id),
        can_delete=is_unpublished and letter.published_at is None,
    )


def _build_checklist(letter: Letter, actor: Actor, *, needs_two: bool) -> tuple[Condition, ...]:
    """Build a line for each condition, in the order in which an editor usually meets them."""
    missing = {error.field: error for error in list_publication_obstacles(letter)}
    record, on_import = "desk_letter_metadata.edit", find_current_import(letter)
    received, written = letter.date_received, letter.date_written
    day = _("Written on %(date)s", date=format_day(written)) if written else ""
    if received and not day:
        day = _("Received on %(date)s", date=format_day(received))
    lines = [
        _describe(
            missing.get("authors"), _("Author"), join_list(a.name for a in letter.authors),
            _link(record, letter, "authors"), _("Name the author"),
        ),
        _describe(
            missing.get("language"), _("Language"), get_translated_name(letter.language),
            _link(record, letter, "language"), _("Choose the language"),
        ),
        _describe(
            missing.get("date_written"), _("Date"), day,
            _link(record, letter, "date_written"), _("Enter the date"),
        ),
        _describe(
            missing.get("permission"), _("Permission"), _name_permission(letter),
            _link("desk_letter_permissions.index", letter), _("Record the permission"),
        ),
    ]  # fmt: skip
    if on_import is not None and on_import.remarks:
        lines.append(
            _describe(
                missing.get("import"), _("Import"), _("The remarks on the import are confirmed."),
                "#import", _("Check the remarks"),
            )
        )  # fmt: skip
    if needs_two:
        lines.append(_describe_review(letter, actor))
    return tuple(lines)


def _link(endpoint: str, letter: Letter, anchor: str | None = None) -> str:
    return url_for(endpoint, slug=letter.slug, _anchor=anchor)


def _describe(error: SiteError | None, name: str, met: str, address: str, link: str) -> Condition:
    if error is None:
        return Condition(name, is_met=True, sentence=met, address="", link="")
    return Condition(
        name, is_met=False, sentence=translate_error(error), address=address, link=link
    )


def _name_permission(letter: Letter) -> str:
    """Return who gave the permission to publish."""
    return join_list(
        permission.given_by
        for permission in letter_queries.list_permissions(letter)
        if PermissionScope.PUBLISH in permission.scopes and permission.revoked_at is None
    )


def _describe_review(letter: Letter, actor: Actor) -> Condition:
    met = _("The letter was sent to review by another person.")
    return _describe(find_review_obstacle(letter, actor), _("Second person"), met, "", "")


def _build_comment_settings(letter: Letter, site: Site) -> tuple[CommentSetting, ...]:
    anonymity = {
        "yes": _("hidden from moderators until they have decided"),
        "no": _("shown to moderators"),
    }
    return (
        CommentSetting(
            field="email_confirmation",
            legend=_("Email confirmation before moderation"),
            hint="",
            choices=_build_choices(
                EMAIL_CONFIRMATION_LABELS, letter.email_confirmation, site.email_confirmation
            ),
        ),
        CommentSetting(
            field="intake",
            legend=_("Moderation: before or after publication"),
            hint=_("A comment that a check flags always waits for a moderator."),
            choices=_build_choices(
                PREMODERATION_LABELS, letter.premoderation_policy, site.premoderation_policy
            ),
        ),
        CommentSetting(
            field="is_blind",
            legend=_("Name and organisation of a commenter"),
            hint="",
            choices=_build_choices(
                anonymity, letter.author_anonymity, "yes" if site.has_author_anonymity else "no"
            ),
        ),
        CommentSetting(
            field="moderation_mode",
            legend=_("Refusing or removing a comment"),
            hint=_("This does not apply to spam."),
            choices=_build_choices(
                MODERATION_MODE_LABELS, letter.moderation_mode, site.moderation_mode
            ),
        ),
    )


def _build_choices(labels: Mapping[str, str], selected: str, site_value: str) -> tuple[Choice, ...]:
    """Build the choices of a setting. An empty value means the setting of the site."""
    as_site = Choice("", _("as on the whole site"), not selected, note=labels[site_value])
    return (
        as_site,
        *(Choice(value, label, selected == value) for value, label in labels.items()),
    )
