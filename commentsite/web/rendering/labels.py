"""How codes are said in words: capacities, positions, states, reasons."""

from flask_babel import lazy_gettext as _l

from commentsite.accounts.permissions import RoleName

CAPACITIES = {
    "personal": _l("for myself"),
    "on_behalf_of": _l("on behalf of my organisation"),
    "delegate": _l("as a delegate"),
    "former_member": _l("as a former member"),
    "undisclosed": _l("I would rather not say"),
}
KINDS = {
    "general": _l("the letter as a whole"),
    "paragraph": _l("some of its paragraphs"),
    "omission": _l("something the letter leaves out"),
    "question": _l("a question to the author"),
}
STANCES = {
    "none": _l("no position"),
    "support": _l("supports"),
    "support_with_changes": _l("supports with changes"),
    "oppose": _l("opposes"),
    "neutral": _l("neutral"),
}
KEY_ACTS = {
    "next": _l("Next"),
    "previous": _l("Previous"),
    "select": _l("Select"),
    "publish": _l("Publish, restore"),
    "refuse": _l("Refuse, remove"),
    "return": _l("Return"),
    "spam": _l("Spam"),
    "undo": _l("Undo"),
    "find": _l("Find"),
    "help": _l("These keys"),
}
STATES = {
    "awaiting_email": _l("Address not confirmed"),
    "pending": _l("Waiting"),
    "published": _l("Published"),
    "returned": _l("Returned"),
    "refused": _l("Refused"),
    "spam": _l("Spam"),
    "withdrawn": _l("Withdrawn"),
    "restricted": _l("Removed"),
}
LETTER_STATES = {
    "draft": _l("Draft"),
    "review": _l("In review"),
    "scheduled": _l("Scheduled"),
    "published": _l("Published"),
    "superseded": _l("Superseded"),
    "withdrawn": _l("Withdrawn"),
}
SCOPES = {
    "publish": _l("to publish it"),
    "translate": _l("to translate it"),
    "archive": _l("to archive it"),
}
WAYS = {
    "email": _l("by email"),
    "letter": _l("by letter"),
    "spoken": _l("in conversation"),
    "licence": _l("by an open licence"),
    "own_work": _l("the author published it here"),
    "stated": _l("as stated by who brought it"),
}
CHANGES = {
    "first": _l("first version"),
    "editorial": _l("editorial correction"),
    "substantive": _l("change of substance"),
}
ROLES = {
    RoleName.MODERATOR: _l("moderator"),
    RoleName.EDITOR: _l("editor"),
    RoleName.STEWARD: _l("steward"),
}
FEW_ANSWERS = 8  # more stand folded until somebody opens them
LEVELS = {
    "note": _l("note to moderators"),
    "hold": _l("always held"),
    "suspended": _l("suspended"),
}
MODES = {
    "solo": _l("one moderator decides"),
    "pair": _l("two moderators have to agree"),
    "cross_group": _l("two moderators of different stakeholder groups have to agree"),
}
WAITS = {
    "second": _l("needs a second person"),
    "third": _l("needs a third person"),
    "conflict": _l("waits for an unconflicted moderator"),
    "look": _l("published, to be looked at"),
}
VIEWS = {
    "second": _l("Needs a second person"),
    "conflict": _l("Waiting for an unconflicted moderator"),
    "look": _l("Published unread"),
}
APPEALS = {
    "filed": _l("Waits to be read"),
    "asked": _l("A question is asked"),
    "answered": _l("The question is answered"),
    "upheld": _l("The decision was upheld"),
    "overturned": _l("The decision was overturned"),
    "varied": _l("The decision was changed"),
    "inadmissible": _l("The appeal was not taken"),
    "withdrawn": _l("The appeal was taken back"),
}
APPEAL_VIEWS = {
    "waiting": _l("Waiting"),
    "asked": _l("With the author"),
    "mine": _l("Mine"),
    "decided": _l("Decided"),
}
RHYTHMS = {
    "off": _l("not at all"),
    "immediate": _l("at once"),
    "hourly": _l("every hour"),
    "daily": _l("once a day"),
}
SUBJECTS = {
    "waiting": _l("comments that wait"),
    "second": _l("what needs a second person"),
    "appeals": _l("appeals"),
    "reports": _l("reports by readers"),
}
POLICIES = {
    "hold_all": _l("every comment waits until a moderator has read it"),
    "hold_unknown": _l("who was published before and confirms the address is published at once"),
    "publish_and_look": _l("comments are published at once, and a moderator looks afterwards"),
}
SWITCHES = {
    "hold": _l("Everything waits for a moderator"),
    "confirmed": _l("Only confirmed addresses"),
    "closed": _l("No comments are taken"),
}
FOUND = {
    "report": _l("A reader reported it."),
    "rule": _l("A check of this site pointed it out to the moderators."),
    "reading": _l("Found on reading it."),
}
RULE_CHANGES = {
    "new": _l("new"),
    "retired": _l("retired"),
    "restored": _l("in force again"),
    "reworded": _l("reworded"),
    "renumbered": _l("has another number"),
}
VERDICTS = {
    "publish": _l("publish"),
    "return": _l("return"),
    "refuse": _l("refuse"),
    "spam": _l("spam"),
    "restrict": _l("remove"),
    "restore": _l("restore"),
    "redact": _l("hide some words"),
}
HELD = {
    "trap": _l("the hidden field was filled"),
    "sanction": _l("a sanction on its address"),
    "banned_word": _l("a word on the list"),
    "links": _l("many links"),
    "links_unknown": _l("a link of somebody new"),
    "name_like": _l("a name like another’s"),
    "repeat": _l("the same words were sent before"),
    "near_repeat": _l("nearly the words of another"),
    "history": _l("spam or refusals from the same network address"),
    "too_fast": _l("sent faster than people type"),
    "burst": _l("many comments at once"),
    "disposable": _l("a throw-away address"),
    "akismet": _l("taken for advertising by the service asked"),
    "reported": _l("readers reported it"),
    "not_theirs": _l("the owner of its address did not send it"),
    "edited": _l("changed by its author"),
    "first_reading": _l("first reading"),
}
