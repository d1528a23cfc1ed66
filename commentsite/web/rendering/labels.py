"""The words on screen for every stored code: states, roles, positions, checks.

Each dict maps codes to labels. A template finds it under the same name: `rendering.filters` makes every
name that ends in `_LABELS` a Jinja global.
"""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from commentsite.accounts.permissions import RoleName
from commentsite.comments.states import LanguageSource
from commentsite.exchange.importers.records import System

# Comments, as their authors and readers see them

CAPACITY_LABELS = {
    "personal": _l("for myself"),
    "on_behalf_of": _l("on behalf of my organisation"),
    "delegate": _l("as a delegate"),
    "former_member": _l("as a former member"),
    "undisclosed": _l("prefer not to say"),
}
COMMENT_KIND_LABELS = {
    "general": _l("the letter as a whole"),
    "paragraph": _l("certain paragraphs"),
    "omission": _l("something the letter leaves out"),
    "question": _l("a question to the author"),
}
STANCE_LABELS = {
    "none": _l("no position"),
    "support": _l("supports"),
    "support_with_changes": _l("supports with changes"),
    "oppose": _l("opposes"),
    "neutral": _l("neutral"),
}
#: The choice of a commenter how a record of positions may refer to their comment.
QUOTE_CONSENT_LABELS = {
    "name": _l("may be quoted by name"),
    "group": _l("may be quoted by group"),
    "count": _l("only to be counted"),
}
LANGUAGE_SOURCE_LABELS = {
    LanguageSource.DETECTED: _l("detected"),
    LanguageSource.AUTHOR: _l("chosen by the author"),
    LanguageSource.MODERATOR: _l("set by a moderator"),
    LanguageSource.IMPORTED: _l("named by the imported file"),
}
AUTHOR_ROLE_LABELS = {
    "author": _l("author of the letter"),
    "staff": _l("staff of this site"),
}
COMMENT_STATE_LABELS = {
    "received": _l("Received"),
    "awaiting_email": _l("Email address not confirmed"),
    "pending": _l("Waiting"),
    "published": _l("Published"),
    "returned": _l("Returned"),
    "refused": _l("Refused"),
    "spam": _l("Spam"),
    "withdrawn": _l("Withdrawn"),
    "restricted": _l("Removed"),
}

# Letters

LETTER_STATE_LABELS = {
    "draft": _lp("letter", "Draft"),
    "review": _lp("letter", "In review"),
    "scheduled": _lp("letter", "Scheduled"),
    "published": _lp("letter", "Published"),
    "superseded": _lp("letter", "Superseded"),
    "withdrawn": _lp("letter", "Withdrawn"),
}
AUTHOR_CAPACITY_LABELS = {
    "personal": _l("as a private person"),
    "on_behalf_of": _l("on behalf of the organisation"),
    "delegate": _l("as a delegate"),
    "former_member": _l("as a former member"),
    "undisclosed": _l("not stated"),
}
VERSION_CHANGE_LABELS = {
    "first": _l("first version"),
    "editorial": _l("editorial correction"),
    "substantive": _l("substantive change"),
}
PERMISSION_SCOPE_LABELS = {
    "publish": _l("to publish the letter"),
    "translate": _l("to translate the letter"),
    "archive": _l("to archive the letter"),
}
PERMISSION_METHOD_LABELS = {
    "email": _l("by email"),
    "letter": _l("by letter"),
    "spoken": _l("in conversation"),
    "licence": _l("by an open licence"),
    "own_work": _l("the author published it here"),
    "stated": _l("as stated by the person who submitted it"),
}

# Records of positions

#: As sentences, where a reader looks for the result. OUTCOME_LABELS has the words for forms.
OUTCOME_SENTENCES = {
    "not_assessed": _l("The outcome is not assessed."),
    "agreed": _l("Agreed text."),
    "agreed_with_reservations": _l("Agreed text, with reservations."),
    "divergent_positions_recorded": _l("Divergent positions."),
    "no_agreed_text": _l("No agreed text."),
    "no_report": _l("No report."),
}
GROUP_POSITION_LABELS = {
    "not_heard": _l("not heard"),
    "too_few": _l("too few"),
    "supports": _l("supports"),
    "opposes": _l("opposes"),
    "uncertain": _l("uncertain"),
}
PARAGRAPH_STATE_LABELS = {
    "not_discussed": _l("No position"),
    "too_few": _l("Too few people"),
    "divergence": _l("Groups diverge"),
    "single_group": _l("One group only"),
    "convergence": _l("Groups agree"),
    "convergence_open_objection": _l("Groups agree, an objection is open"),
    "unresolved": _l("Not resolved"),
}
OBJECTION_STATUS_LABELS = {
    "open": _l("open"),
    "addressed": _l("answered"),
    "accommodated": _l("text changed"),
    "withdrawn": _l("withdrawn"),
}
OUTCOME_LABELS = {
    "not_assessed": _l("not assessed"),
    "agreed": _l("agreed"),
    "agreed_with_reservations": _l("agreed with reservations"),
    "divergent_positions_recorded": _l("divergent positions recorded"),
    "no_agreed_text": _l("no agreed text"),
    "no_report": _l("no report"),
}
ORDER_RULE_LABELS = {
    "first_stated": _l("by the time when each position was first stated"),
    "title": _l("by title"),
    "lot": _l("by lot"),
}
HOLDER_KIND_LABELS = {
    "group": _l("stakeholder group"),
    "organisation": _l("organisation"),
    "person": _l("person"),
}
COMMENT_USE_LABELS = {
    "quoted": _l("quoted"),
    "merged": _l("merged into a position"),
    "answered": _l("answered"),
    "not_used": _l("not used"),
}
ALTERNATIVE_STATUS_LABELS = {
    "proposed": _l("proposed"),
    "bracketed": _l("in brackets: not agreed"),
    "agreed": _l("agreed"),
    "withdrawn": _l("withdrawn"),
    "promoted": _l("a position of its own"),
}
INQUIRY_STATE_LABELS = {
    "waiting": _l("not read yet"),
    "open": _l("waits for an answer"),
    "answered": _l("answered"),
    "spam": _l("spam"),
}
INQUIRY_RESULT_LABELS = {
    "changed": _l("The record was changed."),
    "partly_changed": _l("The record was changed in part."),
    "not_changed": _l("The record was not changed."),
}

# Decisions and appeals

VERDICT_LABELS = {
    "publish": _l("publish"),
    "return": _l("return"),
    "refuse": _l("refuse"),
    "spam": _l("spam"),
    "restrict": _l("remove"),
    "restore": _l("restore"),
    "redact": _l("redact"),
}
DETECTION_LABELS = {
    "report": _l("A reader reported the comment."),
    "rule": _l("An automatic check brought the comment to the moderators’ attention."),
    "reading": _l("A moderator found it when reading the comment."),
}
RULE_CHANGE_LABELS = {
    "new": _l("new"),
    "retired": _l("retired"),
    "restored": _l("in force again"),
    "reworded": _l("reworded"),
    "renumbered": _l("renumbered"),
}
APPEAL_STATE_LABELS = {
    "filed": _l("Waiting for review"),
    "asked": _l("Waiting for the author’s answer"),
    "answered": _l("The author has answered"),
    "upheld": _l("The decision was upheld"),
    "overturned": _l("The decision was overturned"),
    "varied": _l("The decision was changed"),
    "inadmissible": _l("The appeal was dismissed"),
    "withdrawn": _l("The appeal was withdrawn"),
}

# The moderation desk

SCREENING_CHECK_LABELS = {
    "trap": _l("the hidden field was filled in"),
    "sanction": _l("a sanction on the email address"),
    "banned_word": _l("a word on the list"),
    "links": _l("many links"),
    "links_unknown": _l("a link from a new sender"),
    "name_like": _l("a name that resembles a reserved name"),
    "repeat": _l("the same text was sent before"),
    "near_repeat": _l("similar to the text of another comment"),
    "history": _l("spam or refusals from the same network address"),
    "too_fast": _l("sent faster than a person types"),
    "burst": _l("many comments in a short time"),
    "disposable": _l("a disposable email address"),
    "akismet": _l("spam according to the external check"),
    "reported": _l("reported by readers"),
    "not_theirs": _l("reported as not sent by the owner of the email address"),
    "edited": _l("changed by its author"),
    "first_reading": _l("first review"),
    "not_examined": _l("automatic checks failed"),
}
AWAITING_LABELS = {
    "second": _l("needs a second vote"),
    "third": _l("needs a third vote"),
    "conflict": _l("needs a moderator without a conflict of interest"),
    "look": _l("published, not yet reviewed"),
}
SHORTCUT_LABELS = {
    "next": _l("Next comment"),
    "previous": _l("Previous comment"),
    "select": _l("Select"),
    "publish": _l("Publish, restore"),
    "refuse": _l("Refuse, remove"),
    "return": _l("Return"),
    "spam": _l("Spam"),
    "undo": _l("Undo"),
    "find": _l("Search"),
    "help": _l("Show the shortcuts"),
}

# Staff and settings

ROLE_LABELS = {
    RoleName.MODERATOR: _l("moderator"),
    RoleName.EDITOR: _l("editor"),
    RoleName.STEWARD: _l("steward"),
}
SANCTION_LEVEL_LABELS = {
    "note": _l("note to moderators"),
    "hold": _l("always held"),
    "suspended": _l("suspended"),
}
MODERATION_MODE_LABELS = {
    "solo": _l("one moderator decides"),
    "pair": _l("two moderators must agree"),
    "cross_group": _l("two moderators of different stakeholder groups must agree"),
}
PREMODERATION_LABELS = {
    "hold_all": _l("before publication: a moderator reads every comment first"),
    "hold_unknown": _l(
        "before publication, except for authors with a published comment and a confirmed email address"
    ),
    "publish_and_look": _l(
        "after publication: comments appear at once and a moderator reviews them"
    ),
}
EMERGENCY_SWITCH_LABELS = {
    "hold": _l("All comments are held for a moderator"),
    "confirmed": _l("Only confirmed email addresses may comment"),
    "closed": _l("Comments are closed"),
}
DIGEST_FREQUENCY_LABELS = {
    "off": _l("never"),
    "immediate": _l("immediately"),
    "hourly": _l("every hour"),
    "daily": _l("once a day"),
}
DIGEST_SUBJECT_LABELS = {
    "waiting": _l("comments that wait for a decision"),
    "second": _l("comments that need another vote"),
    "appeals": _l("appeals"),
    "reports": _l("reports by readers"),
}
EMAIL_CONFIRMATION_LABELS = {
    "off": _l("no confirmation is needed"),
    "first_time": _l("the commenter confirms an email address that is new to the site"),
    "before_queue": _l("the commenter confirms the email address for every comment"),
}

# Pages besides letters

PLACEMENT_LABELS = {
    "menu": _l("In the menu at the top"),
    "footer": _l("In the footer"),
    "none": _l("Nowhere"),
}

# Other systems

IMPORT_SYSTEM_LABELS = {
    System.WORDPRESS: "WordPress (WXR)",
    System.DISQUS: "Disqus (XML)",
    System.ISSO: "Isso",
    System.REMARK42: "Remark42",
    System.WALINE: "Waline",
    System.TWIKOO: "Twikoo",
    System.ARTALK: "Artalk (Artrans)",
    System.DJANGO_COMMENTS_XTD: "django-comments-xtd",
    System.PLONE: "Plone",
    System.MBOX: _l("Mailing list (mbox)"),
    System.ANNOTATIONS: _l("Web annotations (Hypothesis, JSON-LD)"),
    System.JSON: _l("Another site of this kind (export)"),
}
IMPORTED_REPORT_LABELS = {
    "open": _l("No moderator had decided about the report"),
    "upheld": _l("A moderator removed the comment"),
    "kept": _l("A moderator left the comment published"),
    "gone": _l("The author withdrew the comment first"),
}
