"""The list of comments on the page of a letter: its order, the filters a reader chose, counts by group."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any

from flask import request, url_for
from markupsafe import Markup

from commentsite.comments.filters.queries import CommentFilter, MatchCount
from commentsite.comments.states import Stance
from commentsite.comments.threads.queries import CommentCounts, CommentOrder
from commentsite.db.pagination import MAX_COUNT
from commentsite.letters.language_tags import normalise_language
from commentsite.letters.models import Letter
from commentsite.letters.states import LetterState
from commentsite.web.caching.fragments import Fragment, cached_fragment, load_macro
from commentsite.web.context import current_site
from commentsite.web.http.parameters import parse_id
from commentsite.web.public.letters.comment_view import ThreadItem
from commentsite.web.rendering.filters import get_group_label
from commentsite.web.rendering.i18n import format_number, ngettext
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import STANCE_LABELS
from commentsite.web.rendering.language_names import name_language, name_languages

GROUPS_NOT_EXPECTED = {"UND", "IND"}  # undisclosed, and individuals: neither stands for a group
ROLES = ("author", "staff")
MIN_COMMENTS_TO_FILTER = 2
MIN_LANGUAGES_TO_FILTER = 2
NO_CHANGE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class ListChoice:
    """The comments that the query string of a letter's page asks for, with values that there are."""

    chosen: CommentFilter
    order: CommentOrder
    page: int

    def to_arguments(self, others: Mapping[str, str] = NO_CHANGE) -> dict[str, str]:
        """Return the query string of this choice, without its page. `others` replace values."""
        values = {
            "group": self.chosen.group,
            "stance": self.chosen.stance,
            "paragraph": self.chosen.paragraph,
            "replies": self.chosen.role,
            "language": self.chosen.language,
            "sort": self.order.value,
        }
        values |= others
        if values["sort"] == CommentOrder.OLDEST:
            values["sort"] = ""
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class GroupCount:
    """The number of published comments from one stakeholder group."""

    label: str
    count: int


@dataclass(frozen=True)
class Option:
    """An option of a select."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class OrderLink:
    """A link to the same comments in another order."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class ChosenFilter:
    """A filter in words, and the address of the list without it."""

    label: str
    clear_label: str
    clear_url: str


@dataclass(frozen=True)
class FilterForm:
    """The form that narrows the list. `summary` says how many comments match."""

    is_shown: bool
    fields: tuple[
        tuple[str, str, tuple[Option, ...]], ...
    ]  # name, label and options of each select
    sort: str  # to carry on, empty for the default
    chosen: tuple[ChosenFilter, ...]
    summary: str
    reset_url: str


@dataclass(frozen=True)
class Pager:
    """The place of a page among others. The addresses are empty on the first and the last page."""

    page: int
    page_count: int
    previous_url: str
    next_url: str


@dataclass(frozen=True)
class ListTools:
    """The counts, the links and the form above the list of comments."""

    groups: tuple[GroupCount, ...]
    silent_groups: tuple[str, ...]  # labels of the groups without a comment
    is_of_withdrawn_letter: bool
    orders: tuple[OrderLink, ...] = ()
    form: FilterForm | None = None  # None on paper
    map_url: str = ""  # of the consensus map, if there are positions on paragraphs

    def render(self, letter: Letter) -> Markup:
        return load_macro("components/comment_list.html", "list_tools")(self, letter)


@dataclass(frozen=True)
class CommentList:
    """One page of the comments."""

    heading: str
    notice: str  # where there is nothing to list
    tools: Markup
    threads: tuple[ThreadItem, ...]
    pages: Pager
    is_filtered: bool = False
    map_url: str = ""  # of the consensus map, if there are positions on paragraphs


def render_list_tools(  # noqa: PLR0913  # what the tools show
    letter: Letter,
    choice: ListChoice,
    counts: CommentCounts,
    paragraph_labels: Mapping[str, str],
    count: MatchCount | None,
    *,
    map_url: str,
) -> Markup:
    """Return what stands above the list of comments. `count` is that of the chosen filter, None without one."""

    def render() -> Fragment:
        groups, silent_groups = build_group_counts(counts.by_group)
        tools = ListTools(
            groups=groups,
            silent_groups=silent_groups,
            is_of_withdrawn_letter=is_withdrawn(letter),
            orders=build_order_links(letter, choice),
            form=build_filter_form(letter, choice, counts, paragraph_labels, count),
            map_url=map_url,
        )
        return Fragment(tools.render(letter))

    if choice.chosen:  # a crawler follows many filters, and few are read twice
        return render().html
    key = (
        "list tools",
        (letter.slug, letter.state, letter.published_comment_count),
        choice.order,
        (*counts.by_group.items(),),
        (*counts.by_paragraph.items(),),
        (*counts.by_language.items(),),
        (*paragraph_labels.items(),),
        map_url,
    )
    return cached_fragment(key, render).html


def read_choice(paragraph_ids: Container[str]) -> ListChoice:
    """Return the choice of the request. A value that there is not counts as not given."""

    def read(name: str, allowed: Container[str]) -> str:
        value = request.args.get(name, "")
        return value if value and value in allowed else ""

    sort = read("sort", [order.value for order in CommentOrder])
    return ListChoice(
        CommentFilter(
            group=read("group", current_site().groups),
            stance=read("stance", [stance for stance in STANCE_LABELS if stance != Stance.NONE]),
            paragraph=read("paragraph", paragraph_ids),
            role=read("replies", ROLES),
            language=normalise_language(request.args.get("language", "")),
        ),
        CommentOrder(sort) if sort else CommentOrder.OLDEST,
        parse_id(request.args.get("page", "")) or 1,
    )


def build_heading(letter: Letter) -> str:
    """Return the number of published comments in words, the same on every page about the letter."""
    count = letter.published_comment_count
    if count:
        return str(ngettext("%(num)d comment", "%(num)d comments", count))
    return str(_("No comments") if is_withdrawn(letter) else _("No comments yet"))


def build_notice(letter: Letter, choice: ListChoice, count: MatchCount | None) -> str:
    """Return the sentence in place of an empty list, or an empty string."""
    if choice.chosen:
        return "" if count and count.comments else str(_("No comment matches this choice."))
    if letter.published_comment_count or is_withdrawn(letter):
        return ""
    return str(_("Comments appear here after moderation."))


def is_withdrawn(letter: Letter) -> bool:
    return letter.state == LetterState.WITHDRAWN


def build_group_counts(
    counts: Mapping[str, int],
) -> tuple[tuple[GroupCount, ...], tuple[str, ...]]:
    """Return the counts with labels, and the labels of the groups that have not commented."""
    groups = tuple(GroupCount(get_group_label(code), count) for code, count in counts.items())
    silent = [
        code
        for code in current_site().offered_groups
        if code not in GROUPS_NOT_EXPECTED | {*counts}
    ]
    return groups, tuple(get_group_label(code) for code in silent)


def build_page_url(
    letter: Letter, choice: ListChoice, *, page: int = 1, others: Mapping[str, str] = NO_CHANGE
) -> str:
    """Return the address of a page of comments. `others` replace values of the choice."""
    arguments: dict[str, Any] = choice.to_arguments(others)
    return url_for(
        "letters.show",
        slug=letter.slug,
        page=page if page > 1 else None,
        _anchor="comments",
        **arguments,
    )


def get_order_labels() -> dict[CommentOrder, str]:
    return {
        CommentOrder.OLDEST: str(_("Oldest first")),
        CommentOrder.NEWEST: str(_("Newest first")),
        CommentOrder.ANSWERED: str(_("Most answered first")),
    }


def build_order_links(letter: Letter, choice: ListChoice) -> tuple[OrderLink, ...]:
    return tuple(
        OrderLink(
            label,
            build_page_url(letter, choice, others={"sort": order}),
            is_current=order == choice.order,
        )
        for order, label in get_order_labels().items()
    )


def build_filter_form(
    letter: Letter,
    choice: ListChoice,
    counts: CommentCounts,
    paragraph_labels: Mapping[str, str],
    count: MatchCount | None,
) -> FilterForm:
    """Return the form with the values that its letter has. `count` is that of the chosen filter."""
    chosen = choice.chosen
    groups = {
        code: _label_with_count(get_group_label(code), n) for code, n in counts.by_group.items()
    }
    stances = {code: str(label) for code, label in STANCE_LABELS.items() if code != Stance.NONE}
    paragraphs = {
        pid: _label_with_count(label, counts.by_paragraph[pid])
        for pid, label in paragraph_labels.items()
        if pid in counts.by_paragraph
    }
    languages = _label_languages(counts.by_language, chosen.language)
    roles = {"author": str(_("author of the letter")), "staff": str(_("staff of this site"))}
    fields = (
        ("group", str(_("Group")), chosen.group, groups),
        ("stance", str(_("Position")), chosen.stance, stances),
        ("paragraph", str(_("Paragraph")), chosen.paragraph, paragraphs),
        ("replies", str(_("Who wrote the comment")), chosen.role, roles),
        *((("language", str(_("Language")), chosen.language, languages),) if languages else ()),
    )
    everything = {"group": _("all groups"), "stance": _("all positions")}
    everything |= {"paragraph": _("all paragraphs"), "replies": _("everyone")}
    everything["language"] = _("all languages")
    labels = {
        "group": get_group_label(chosen.group),
        "stance": stances.get(chosen.stance, ""),
        "paragraph": _("paragraph %(n)s", n=paragraph_labels.get(chosen.paragraph, "")),
        "replies": roles.get(chosen.role, ""),
        "language": name_language(chosen.language),
    }
    return FilterForm(
        is_shown=bool(chosen) or letter.published_comment_count >= MIN_COMMENTS_TO_FILTER,
        fields=tuple(
            (
                name,
                label,
                tuple(
                    Option(option, text, is_chosen=option == value)
                    for option, text in chain([("", str(everything[name]))], options.items())
                ),
            )
            for name, label, value, options in fields
        ),
        sort=choice.to_arguments().get("sort", ""),
        chosen=tuple(
            ChosenFilter(
                labels[name],
                str(_("Remove the filter “%(filter)s”", filter=labels[name])),
                build_page_url(letter, choice, others={name: ""}),
            )
            for name, _label, value, _options in fields
            if value
        ),
        summary=_describe_count(letter, count) if count else "",
        reset_url=build_page_url(letter, ListChoice(CommentFilter(), choice.order, page=1)),
    )


def _label_with_count(label: str, count: int) -> str:
    return _("%(label)s (%(count)s)", label=label, count=format_number(count))


def _label_languages(counts: Mapping[str, int], chosen: str) -> dict[str, str]:
    """Return the names of languages with their counts by code. None if there is nothing to choose between."""
    if len(counts) < MIN_LANGUAGES_TO_FILTER and not chosen:
        return {}
    return {
        code: _label_with_count(name, counts.get(code, 0))
        for code, name in name_languages({*counts, chosen})
    }


def _describe_count(letter: Letter, count: MatchCount) -> str:
    if count.comments >= MAX_COUNT:
        return str(_("More than %(n)s comments match.", n=format_number(MAX_COUNT - 1)))
    shown = ngettext(
        "%(found)s of %(num)d comment.",
        "%(found)s of %(num)d comments.",
        letter.published_comment_count,
        found=format_number(count.comments),
    )
    return f"{shown} {describe_texts(count)}".strip()


def describe_texts(count: MatchCount) -> str:
    """Return a sentence if several people sent the same text, which the list shows once."""
    if count.texts >= count.comments:
        return ""
    return str(
        ngettext(
            "Several people sent the same text, so the list shows %(num)d text.",
            "Several people sent the same text, so the list shows %(num)d texts.",
            count.texts,
        )
    )
