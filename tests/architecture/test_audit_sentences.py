"""Every action that the program can write to the audit log has a sentence at the desk."""

import ast
import re
from pathlib import Path

from commentsite.audit.queries import SIGNING_KEY_ADDED, TREE_HEAD_SIGNED
from commentsite.comments.appeals.states import OUTCOMES
from commentsite.moderation.decisions.policy import Verdict
from commentsite.web.desk.admin.audit_sentences import ACTIONS, DECISION_SENTENCES, SENTENCES
from tests.support.audit import list_entries
from tests.support.source_code import parse_module

PACKAGE = Path(__file__).parents[2] / "commentsite"
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
#: Functions that store an entry, or pass an action on to one that does.
WRITERS = re.compile(r"_?(record|append|change|move|mark|lift)_\w+|Event")
#: These follow from an enum, so they are no literals of the code.
COMPUTED = {f"appeal.{outcome}" for outcome in OUTCOMES} | {SIGNING_KEY_ADDED, TREE_HEAD_SIGNED}


def literals_in(node):
    return {
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def find_actions(tree):
    """Yield the strings that reach the log: arguments of writers, and values of a name "action"."""
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from find_actions_of_call(node)
            case ast.Assign(targets=[ast.Name(id="action")]):
                yield from literals_in(node.value)
            case ast.arguments():
                for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                    if argument.arg == "action" and default is not None:
                        yield from literals_in(default)


def find_actions_of_call(node):
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if WRITERS.fullmatch(name):
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            yield from literals_in(argument)
    for keyword in node.keywords:
        if keyword.arg == "action":
            yield from literals_in(keyword.value)


def list_written_actions():
    written = set(COMPUTED)
    for file in PACKAGE.rglob("*.py"):
        found = find_actions(parse_module(file))
        written |= {text for text in found if ACTION.fullmatch(text)}
    return written


def test_every_action_in_the_code_has_a_sentence():
    written = list_written_actions()
    assert {"comment.undone", "letter.published", "staff.kept_out"} <= written
    assert written - set(ACTIONS) == set()
    assert set(ACTIONS) - written == {"staff.private"}  # stored in place of other actions


def test_every_verdict_has_a_sentence():
    assert set(DECISION_SENTENCES) == {str(verdict) for verdict in Verdict}


def test_a_noun_that_languages_would_inflect_stands_in_the_sentence_and_is_no_value_of_it():
    # A comment, a letter or a person is a value, because its title or name is. Other values stand in parentheses.
    about = (
        "comment.",
        "objection.",
        "appeal.",
        "letter.",
        "summary.",
        "embed.",
        "staff.",
        "interest.",
    )
    inserted = {
        action
        for sentences in SENTENCES.values()
        for action, sentence in sentences.items()
        if "%(object)s" in str(sentence).replace("(%(object)s)", "")
    }
    assert {action for action in inserted if not action.startswith(about)} == set()
    assert not inserted & {"staff.invited", "staff.invitation_taken_back", "staff.joined"}


def test_every_entry_of_the_demo_has_a_sentence(demo_app):
    with demo_app.app_context():
        assert {entry.action for entry in list_entries()} <= set(ACTIONS)
