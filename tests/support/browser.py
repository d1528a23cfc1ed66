"""Steps that several browser tests take."""

from axe_playwright_python.sync_playwright import Axe

from tests.support.factories import PASSWORD

WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
#: Rules that axe leaves out unless they are asked for: targets of 24 pixels, visible labels in names, and others.
MORE_RULES = [
    "css-orientation-lock",
    "focus-order-semantics",
    "label-content-name-mismatch",
    "p-as-heading",
    "table-fake-caption",
    "target-size",
    "td-has-header",
]


def type_comment(page, body: str = "A comment typed in a browser.") -> None:
    page.fill("#body", body)
    page.fill("#name", "Ada Reader")
    page.fill("#email", "ada@example.org")
    page.select_option("#stakeholder_group", "CIV")
    page.wait_for_timeout(2300)  # a form sent within two seconds is taken for a robot's


def follow(page, selector: str) -> None:
    """Click on something that leads to another page, and wait until that page is loaded."""
    with page.expect_navigation():
        page.click(selector)


def sign_in_browser(page, site: str, email: str = "mod@staff.example") -> None:
    page.goto(f"{site}/account/login")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit], main input[type=submit]")
    page.wait_for_url("**/desk/**")


def publish_first_letter(page, site: str) -> None:
    """Write a letter in the browser, with its author and permission, and publish it as signed-in staff."""
    page.goto(f"{site}/desk/letters/new")
    page.fill("#title", "The first letter")
    page.fill("#author-1", "Ada Delegate")
    page.select_option("#author-group-1", "CIV")
    page.fill("#date_written", "2026-10-09")
    page.select_option("#language", "en")
    page.fill("#text", "It is short, and it says why this site exists.")
    page.click("text=Save draft")
    page.wait_for_url("**/desk/letters/the-first-letter/edit")
    page.click("nav.tabs >> text=Permission")
    page.fill("#given_by", "Ada Delegate")
    page.click("text=Record permission")
    page.wait_for_selector("text=The permission is recorded")
    follow(page, "button:has-text('Publish now')")


def accessibility_violations(
    page, *, only: list[str] | None = WCAG, further: list[str] = MORE_RULES
) -> list[str]:
    """Run axe with the rules of these tags, or with all its usual rules and `further` ones, and return each violation."""
    page.wait_for_load_state()  # a page that has just begun has no root for axe
    more = {"rules": {rule: {"enabled": True} for rule in further}}
    options = {"runOnly": only} if only else more
    found = Axe().run(page, options=options).response["violations"]
    nodes = {v["id"]: [node for node in v["nodes"] if not _is_under_a_bar(node)] for v in found}
    return [
        f"{rule}: {[node['target'] for node in broken][:3]}"
        for rule, broken in nodes.items()
        if broken
    ]


def _is_under_a_bar(node) -> bool:
    """Return whether a target is only too small because a bar that stays in view covers a part of it."""
    keys = [(check.get("data") or {}).get("messageKey") for check in node["any"]]
    return "partiallyObscured" in keys
