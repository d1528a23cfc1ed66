"""File an appeal from a receipt, and rule on it at the desk, over HTTP."""

import re

from tests.support.clients import csrf_token, fetch_page, receipt_token

APPEAL_TEXT = "I quoted a public register, and paragraph two is about nothing else."
RULING_FACTS = "The register is public; nothing in it is private."


def appealable_decision(page: str) -> str:
    """Return the number of the decision that a receipt's appeal form names."""
    return re.search(r'name="decision" value="(\d+)"', page)[1]


def file_appeal(client, receipt: str, words: str = APPEAL_TEXT, **changes):
    page = fetch_page(client, receipt)
    sent = {
        "receipt_form": receipt_token(page),
        "decision": appealable_decision(page) if 'name="decision"' in page else "1",
        "words": words,
        **changes,
    }
    return client.post(f"{receipt}/appeal", data=sent)


def act_on_appeal(client, receipt: str, act: str, number: int = 1, **changes):
    """Answer a question about an appeal, or withdraw the appeal, as its author."""
    sent = {"receipt_form": receipt_token(fetch_page(client, receipt)), "appeal": number, **changes}
    return client.post(f"{receipt}/appeal/{act}", data=sent)


def appeal_case_form(reviewer, number: int = 1) -> dict:
    """Return the fields that each form of an appeal's page at the desk holds."""
    page = reviewer.get(f"/desk/appeals/{number}").text
    shown = re.search(r'name="shown" value="([^"]+)"', page)
    return {"csrf_token": csrf_token(page), "shown": shown[1] if shown else "1.1"}


def rule_on_appeal(reviewer, outcome: str, number: int = 1, facts: str = RULING_FACTS, **changes):
    sent = {**appeal_case_form(reviewer, number), "outcome": outcome, "facts": facts, **changes}
    return reviewer.post(f"/desk/appeals/{number}/outcome", data=sent)
