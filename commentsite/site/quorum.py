"""Define how many moderators must agree to a refusal."""

from enum import StrEnum


class ModerationMode(StrEnum):
    """The moderators who must agree before a comment is refused, removed or redacted."""

    SOLO = "solo"  # one moderator
    PAIR = "pair"  # two moderators
    CROSS_GROUP = "cross_group"  # two moderators of different stakeholder groups
