"""Define the fields of a statement of reasons: names, maximum lengths and allowed values.

Source: version 2 of the interface of the European Union's transparency database (1 July 2025),
for statements under articles 17 and 24(5) of Regulation (EU) 2022/2065.
"""

import re
from datetime import date


def _prefixed(codes: str, prefix: str = "") -> frozenset[str]:
    return frozenset(prefix + code for code in codes.split())


MAX_STATEMENTS_PER_FILE = 100
EU_LANGUAGES = _prefixed(
    "BG CS DA DE EL EN ES ET FI FR GA HR HU IT LT LV MT NL PL PT RO SK SL SV",
)
EEA_COUNTRIES = _prefixed(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
)
UNLAWFUL_RULE = "R8"  # the only rule whose breach is illegal content
#: Category and keywords by rule code. Other rules have the category OTHER_VIOLATION_TC.
CATEGORY_BY_RULE: dict[str, tuple[str, tuple[str, ...]]] = {
    "R2": ("CYBER_VIOLENCE", ("KEYWORD_CYBER_HARASSMENT",)),
    "R3": ("ILLEGAL_OR_HARMFUL_SPEECH", ()),
    "R4": ("DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", ()),
    "R6": ("SCAMS_AND_FRAUD", ("KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING",)),
    UNLAWFUL_RULE: ("ILLEGAL_OR_HARMFUL_SPEECH", ()),
}
MAX_LENGTHS = {
    "decision_visibility_other": 500,
    "illegal_content_legal_ground": 500,
    "illegal_content_explanation": 2000,
    "incompatible_content_ground": 500,
    "incompatible_content_explanation": 2000,
    "decision_facts": 5000,
    "puid": 500,
}
VISIBILITY_PREFIX = "DECISION_VISIBILITY_"
ALLOWED_VALUES: dict[str, frozenset[str]] = {
    "decision_ground": _prefixed("ILLEGAL_CONTENT INCOMPATIBLE_CONTENT", "DECISION_GROUND_"),
    "category": _prefixed(
        "ANIMAL_WELFARE CONSUMER_INFORMATION CYBER_VIOLENCE CYBER_VIOLENCE_AGAINST_WOMEN "
        "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS ILLEGAL_OR_HARMFUL_SPEECH "
        "INTELLECTUAL_PROPERTY_INFRINGEMENTS NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS "
        "NOT_SPECIFIED_NOTICE OTHER_VIOLATION_TC PROTECTION_OF_MINORS RISK_FOR_PUBLIC_SECURITY "
        "SCAMS_AND_FRAUD SELF_HARM UNSAFE_AND_PROHIBITED_PRODUCTS VIOLENCE",
        "STATEMENT_CATEGORY_",
    ),
    "source_type": _prefixed(
        "ARTICLE_16 TRUSTED_FLAGGER VOLUNTARY TYPE_OTHER_NOTIFICATION", "SOURCE_"
    ),
    "automated_detection": _prefixed("Yes No"),
    "automated_decision": _prefixed("FULLY PARTIALLY NOT_AUTOMATED", "AUTOMATED_DECISION_"),
    "incompatible_content_illegal": _prefixed("Yes No"),
    "content_language": EU_LANGUAGES,
}
ALLOWED_LIST_VALUES: dict[str, frozenset[str]] = {
    "decision_visibility": _prefixed(
        "CONTENT_REMOVED CONTENT_DISABLED CONTENT_DEMOTED CONTENT_AGE_RESTRICTED "
        "CONTENT_INTERACTION_RESTRICTED CONTENT_LABELLED OTHER",
        VISIBILITY_PREFIX,
    ),
    "content_type": _prefixed(
        "APP AUDIO IMAGE PRODUCT SYNTHETIC_MEDIA TEXT VIDEO OTHER", "CONTENT_TYPE_"
    ),
    "territorial_scope": EEA_COUNTRIES,
}
REQUIRED_FIELDS = (
    "decision_ground", "content_type", "category", "territorial_scope", "content_date",
    "application_date", "decision_facts", "source_type", "automated_detection",
    "automated_decision", "puid",
)  # fmt: skip
#: At least one of these fields is required.
REQUIRED_ONE_OF = (
    "decision_visibility",
    "decision_monetary",
    "decision_provision",
    "decision_account",
)
#: Prefix of the fields that a decision ground requires.
GROUND_PREFIXES = {
    "DECISION_GROUND_ILLEGAL_CONTENT": "illegal_content",
    "DECISION_GROUND_INCOMPATIBLE_CONTENT": "incompatible_content",
}
EARLIEST_DATES = {"content_date": date(2000, 1, 1), "application_date": date(2020, 1, 1)}
PUID_PATTERN = re.compile(r"[A-Za-z0-9_-]+\Z")
EMAIL_PATTERN = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}")
NETWORK_ADDRESS_PATTERN = re.compile(
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}\b", re.IGNORECASE
)
