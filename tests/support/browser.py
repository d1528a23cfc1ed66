"""Steps that several browser tests take."""

from axe_playwright_python.sync_playwright import Axe

from tests.support.factories import PASSWORD

WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


def type_comment(page, body: str = "A comment typed in a browser.") -> None:
    page.fill("#body", body)
    page.fill("#name", "Ada Reader")
    page.fill("#email", "ada@example.org")
    page.select_option("#stakeholder_group", "CIV")
    page.wait_for_timeout(2300)  # a form sent within two seconds is taken for a robot's


def sign_in_browser(page, site: str, email: str = "mod@staff.example") -> None:
    page.goto(f"{site}/account/login")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit], main input[type=submit]")
    page.wait_for_url("**/desk/**")


def accessibility_violations(page, *, only: list[str] | None = WCAG) -> list[str]:
    """Run axe with the rules of these tags, or with all its rules, and return each violation."""
    options = {"runOnly": only} if only else None
    found = Axe().run(page, options=options).response["violations"]
    return [f"{v['id']}: {[node['target'] for node in v['nodes']][:3]}" for v in found]
