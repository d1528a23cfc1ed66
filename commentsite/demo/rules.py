"""Publish a second version of the moderation rules on the demo site."""

from datetime import datetime

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import session, transaction
from commentsite.site.models import RulesVersion
from commentsite.site.queries import get_current_rulebook
from commentsite.site.rule_editing import publish_rules
from commentsite.site.rulebook import ClauseInput

REWORDED_CLAUSES = {
    "R4": "No private data of others: addresses, telephone numbers, health, family, and what they wrote to you alone.",
    "R7": "Say it once. The same text from the same person is published once; the same text from many people is shown once, with all their names.",
}
NEW_CLAUSE = ClauseInput(
    "",
    10,
    "written by a machine without saying so",
    "Say so if a machine wrote most of your comment. A comment speaks for a person who stands by it.",
)
SUMMARY = (
    "Rule 4 names private messages, after one was quoted here. Rule 7 says what happens to letters "
    "that many people sign. Rule 10 is new: readers asked to be told when a machine wrote a comment."
)


def backdate_first_version(moment: datetime) -> None:
    """Date the first version of the rules before the oldest letter of the demo."""
    with transaction():
        session().get_one(RulesVersion, 1).published_at = moment


def publish_second_version() -> None:
    with transaction():
        rulebook = get_current_rulebook()
        edited = [
            ClauseInput(c.code, c.number, c.title, REWORDED_CLAUSES.get(c.code, c.text))
            for c in rulebook.all_clauses
        ]
        publish_rules(rulebook.version, [*edited, NEW_CLAUSE], SUMMARY, by=SYSTEM)
