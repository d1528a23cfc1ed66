"""Render comments and their form for a frame inside another site's page."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, make_response, render_template
from markupsafe import Markup, escape

from commentsite import clock
from commentsite.comments.threads import queries as thread_queries
from commentsite.comments.threads.queries import CommentOrder
from commentsite.comments.threads.tree import build_threads, flatten_to_three_levels
from commentsite.letters.comment_window import get_current_window
from commentsite.letters.models import Letter
from commentsite.letters.text import queries as text_queries
from commentsite.web.context import current_site
from commentsite.web.embed.frame import list_origins_for_script
from commentsite.web.public.letters.comment_form import CommentForm
from commentsite.web.public.letters.comment_list import (
    OrderLink,
    Pager,
    build_heading,
    get_order_labels,
    read_choice,
)
from commentsite.web.public.letters.comment_view import (
    ThreadItem,
    build_thread_items,
    render_comments,
)
from commentsite.web.public.letters.form_view import FormAddresses, render_form_fields
from commentsite.web.public.letters.letter_view import describe_comment_window
from commentsite.web.public.letters.page import count_comments, load_thread_context


@dataclass(frozen=True)
class EmbedAddresses:
    """The addresses of one embedded page. `parameters` are those that name the page."""

    show: str
    submit: str
    preview: str
    full: str  # the page outside a frame
    parameters: tuple[tuple[str, str], ...] = ()

    def page(self, number: int, order: CommentOrder) -> str:
        """Return the address of a page of comments in an order."""
        values = (
            ("page", str(number) if number > 1 else ""),
            ("sort", "" if order is CommentOrder.OLDEST else order.value),
        )
        chosen = tuple((name, value) for name, value in values if value)
        return f"{_with(self.show, (*self.parameters, *chosen))}#comments"


@dataclass(frozen=True)
class EmbedView:
    """The embedded page as its template prints it. Empty strings are not shown."""

    title: str
    language: str
    origins: str
    addresses: EmbedAddresses
    threads: tuple[ThreadItem, ...]
    heading: str
    has_comments: bool
    orders: tuple[OrderLink, ...]
    pages: Pager
    notice: str
    is_form_shown: bool
    is_open: bool
    token: str
    fields: Markup
    has_errors: bool
    form_action: str


def render_embedded(  # noqa: PLR0913  # the parts of a page with a form
    letter: Letter,
    form: CommentForm | None = None,
    *,
    addresses: EmbedAddresses,
    subject: int | str,
    status: int = 200,
    problem: str = "",
    preview: bool = False,
) -> Response:
    """Return the comments of a letter and the form as the reader sent it. `subject` is that of its token."""
    choice = read_choice(())
    closed_until = current_site().closed_until(clock.now())
    is_open = get_current_window(letter).is_open and not closed_until
    blocks = text_queries.list_current_blocks(letter) if letter.id else []
    # Pages elsewhere have no paragraphs here that a comment could be about.
    choices = [] if letter.is_page else blocks
    thread_page = thread_queries.load_thread_page(
        letter.id, count_comments(letter).threads, page=choice.page, order=choice.order
    )
    thread = flatten_to_three_levels(build_threads(thread_page.comments))
    context = load_thread_context(letter, blocks, thread_page.comments, is_open=is_open)
    is_form_shown = is_open or bool(problem) or bool(form and form.body.data)
    token, fields = "", Markup()
    if is_form_shown:
        token, fields = render_form_fields(
            letter,
            choices,
            form,
            problem=problem,
            preview=preview,
            addresses=FormAddresses(
                preview=_with(addresses.preview, addresses.parameters),
                cancel=f"{_with(addresses.show, addresses.parameters)}#leave",
            ),
            subject=subject,
        )
    threads = build_thread_items(
        thread, render_comments(thread, context), slug=letter.slug, more=thread_page.more
    )
    number, last = thread_page.page, thread_page.page_count
    view = EmbedView(
        title=letter.title,
        language=letter.language,
        origins=list_origins_for_script(),
        addresses=addresses,
        threads=_point_at_letter(threads, addresses.full),
        heading=build_heading(letter),
        has_comments=letter.published_comment_count > 0,
        orders=tuple(
            OrderLink(label, addresses.page(1, order), is_current=order == choice.order)
            for order, label in get_order_labels().items()
        ),
        pages=Pager(
            number,
            last,
            addresses.page(number - 1, choice.order) if number > 1 else "",
            addresses.page(number + 1, choice.order) if number < last else "",
        ),
        notice=describe_comment_window(letter, is_open=is_open, site_closed_until=closed_until),
        is_form_shown=is_form_shown,
        is_open=is_open,
        token=token,
        fields=fields,
        has_errors=bool(problem or (form and form.errors)),
        form_action=f"{_with(addresses.submit, addresses.parameters)}#leave",
    )
    page = render_template("embed/comments.html", view=view, letter=letter)
    return make_response(page, status)


def _point_at_letter(items: tuple[ThreadItem, ...], letter_url: str) -> tuple[ThreadItem, ...]:
    """Let the links to paragraphs lead to the page of the letter, because its text is not in the frame."""
    target = f'href="{escape(letter_url)}#p-'
    return tuple(
        item._replace(
            html=Markup(item.html.replace('href="#p-', target)),  # noqa: S704  # our own HTML
            replies=_point_at_letter(item.replies, letter_url),
        )
        for item in items
    )


def _with(address: str, parameters: tuple[tuple[str, str], ...]) -> str:
    return f"{address}?{urlencode(parameters)}" if parameters else address
