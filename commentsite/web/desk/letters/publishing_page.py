"""Work out what the publication page of a letter offers, by the state of the letter and the actor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from commentsite.accounts.permissions import Actor, Permission
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter, LetterVersion
from commentsite.letters.publication.services import list_publication_obstacles
from commentsite.letters.states import UNPUBLISHED_STATES, LetterState
from commentsite.letters.text.queries import list_versions
from commentsite.site.queries import Site
from commentsite.web.errors import translate_error
from commentsite.web.rendering.labels import (
    EMAIL_CONFIRMATION_LABELS,
    MODERATION_MODE_LABELS,
    PREMODERATION_LABELS,
)
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
    """A setting of the site that a letter may override: one form with radio buttons."""

    field: str
    endpoint: str  # of the view that saves it
    legend: str
    hint: str
    button: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Obstacle:
    """A sentence about what has to happen before publication, and where."""

    sentence: str
    field: str  # "permission" or "import"


@dataclass(frozen=True)
class PublishingPage:
    """The parts of the publication page, each with whether it is offered."""

    revision: int  # of the text shown; sent along with each action
    obstacles: Sequence[Obstacle]
    versions: Sequence[LetterVersion]
    comment_settings: Sequence[CommentSetting]
    opens: str  # the comment period, as a field for date and time takes it
    closes: str
    can_publish: bool
    can_schedule: bool
    can_send_for_review: bool
    can_return_to_draft: bool
    can_correct: bool
    has_changes: bool  # since the latest version
    can_rename: bool
    can_supersede: bool
    can_withdraw: bool


def build_publishing_page(letter: Letter, actor: Actor, site: Site) -> PublishingPage:
    """Build the page. Another editor's action may come first, so that each action checks again."""
    copy = letter_queries.find_working_copy(letter)
    state, may_publish = letter.state, actor.can(Permission.PUBLISH_LETTERS)
    is_unpublished = state in UNPUBLISHED_STATES
    has_comment_settings = may_publish and state not in _NO_COMMENT_SETTINGS
    return PublishingPage(
        revision=copy.revision if copy else letter.copy_revision,
        obstacles=_list_obstacles(letter) if is_unpublished else (),
        versions=list_versions(letter),
        comment_settings=_build_comment_settings(letter, site) if has_comment_settings else (),
        opens=format_for_field(letter.comments_open_at),
        closes=format_for_field(letter.comments_close_at),
        can_publish=may_publish and is_unpublished,
        can_schedule=may_publish and is_unpublished and state != LetterState.SCHEDULED,
        can_send_for_review=state == LetterState.DRAFT,
        can_return_to_draft=is_unpublished and state != LetterState.DRAFT,
        can_correct=state == LetterState.PUBLISHED,
        has_changes=copy is not None,
        can_rename=may_publish and state != LetterState.WITHDRAWN,
        can_supersede=may_publish and state == LetterState.PUBLISHED,
        can_withdraw=may_publish and state in {LetterState.PUBLISHED, LetterState.SUPERSEDED},
    )


def _list_obstacles(letter: Letter) -> tuple[Obstacle, ...]:
    errors = list_publication_obstacles(letter)
    return tuple(Obstacle(translate_error(error), error.field or "") for error in errors)


def _build_comment_settings(letter: Letter, site: Site) -> tuple[CommentSetting, ...]:
    anonymity = {
        "yes": _("hidden from moderators until they have decided"),
        "no": _("shown to moderators"),
    }
    return (
        CommentSetting(
            field="email_confirmation",
            endpoint="desk_letter_publishing.set_email_confirmation",
            legend=_("Email confirmation before moderation"),
            hint="",
            button=_("Save email confirmation"),
            choices=_build_choices(
                EMAIL_CONFIRMATION_LABELS, letter.email_confirmation, site.email_confirmation
            ),
        ),
        CommentSetting(
            field="intake",
            endpoint="desk_letter_publishing.set_premoderation",
            legend=_("Moderation: before or after publication"),
            hint=_("A comment that a check flags always waits for a moderator."),
            button=_("Save moderation"),
            choices=_build_choices(
                PREMODERATION_LABELS, letter.premoderation_policy, site.premoderation_policy
            ),
        ),
        CommentSetting(
            field="is_blind",
            endpoint="desk_letter_publishing.set_anonymity",
            legend=_("Name and organisation of a commenter"),
            hint="",
            button=_("Save anonymity"),
            choices=_build_choices(
                anonymity, letter.author_anonymity, "yes" if site.has_author_anonymity else "no"
            ),
        ),
        CommentSetting(
            field="moderation_mode",
            endpoint="desk_letter_publishing.set_moderation_mode",
            legend=_("Refusing or removing a comment"),
            hint=_("This does not apply to spam."),
            button=_("Save refusals and removals"),
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
