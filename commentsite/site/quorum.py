"""How many people a refusal needs: on the whole site, or on one letter."""

from enum import StrEnum


class ModerationMode(StrEnum):
    """Who has to agree before words of somebody are refused, removed or hidden."""

    SOLO = "solo"  # one moderator
    PAIR = "pair"  # two moderators
    CROSS_GROUP = "cross_group"  # two moderators of different stakeholder groups
