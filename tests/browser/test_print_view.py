"""The page of a letter printed from the browser holds what the page holds, and nothing that only a screen can use."""

from tests.support.factories import mark_published, store_numbered_comment
from tests.support.pdf import count_words, read_page, read_with_pdftotext

PAGE = "/letters/hello"


def print_page(page, address):
    page.goto(address)
    page.emulate_media(media="print")
    return read_with_pdftotext(page.pdf(format="A4"))


def publish_comments(app, count, **changes):
    with app.app_context():
        for number in range(1, count + 1):
            given = {key: value for key, value in changes.items() if number > 1}
            mark_published(store_numbered_comment(app, number, **given).id)


def test_folded_replies_are_printed_and_controls_are_not(site_app, site, page):
    publish_comments(site_app, 12, parent_id=1)  # eleven replies, which the page folds
    printed = print_page(page, site + PAGE)
    html = site_app.test_client().get(PAGE).text
    assert "<details" in html
    wanted = count_words(read_page(html))
    found = count_words(printed)
    assert {word: n for word, n in wanted.items() if found[word] < n} == {}
    for control in (
        "Leave a comment",
        "Comment on this",
        "Reply",
        "Report",
        "Oldest first",
        "Send",
    ):
        assert control not in printed


def test_a_printed_page_is_complete_without_javascript(site_app, site, browser):
    publish_comments(site_app, 12, parent_id=1)
    context = browser.new_context(java_script_enabled=False)
    try:
        printed = print_page(context.new_page(), site + PAGE)
    finally:
        context.close()
    assert "Text number 12" in printed


def test_one_of_several_pages_of_comments_says_where_all_of_them_are(site_app, site, page):
    publish_comments(site_app, 51)
    printed = print_page(page, f"{site}{PAGE}?page=2")
    assert "This is page 2 of 3 of the comments." in printed
    assert f"{site}{PAGE}/letter.pdf" in printed.replace(" ", "")
    page.emulate_media(media="screen")
    assert not page.get_by_text("This is page 2 of 3 of the comments.").is_visible()


def test_nothing_is_cut_off_at_the_edge_of_the_paper(site_app, site, page):
    word = "Unbreakable" * 30
    publish_comments(site_app, 1, body="x")
    with site_app.app_context():
        code = "    " + "column_of_code " * 30
        mark_published(store_numbered_comment(site_app, 2, body=f"{word}\n\n{code} end_of_code").id)
    printed = print_page(page, site + PAGE).replace(" ", "").replace("-", "")
    assert word in printed
    assert "end_of_code" in printed


def test_the_address_of_a_link_is_printed_once(site_app, site, page):
    body = "See https://example.org/a_b for more."
    publish_comments(site_app, 1)
    with site_app.app_context():
        mark_published(store_numbered_comment(site_app, 2, body=body).id)
    printed = print_page(page, site + PAGE).replace(" ", "")
    assert printed.count("https://example.org/a_b") == 1
    assert f"PDFoftheletteranditscomments:{site}{PAGE}/letter.pdf" in printed
    assert "Lettersarepublishedastheirauthorswrotethem" not in printed
