"""Say what other word lists and numbers would have pointed out among the last comments, before they are in force."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from commentsite.comments.gathering import rules_of
from commentsite.comments.models import Comment
from commentsite.comments.recent import latest, published_since
from commentsite.comments.screening import Arrival, Facts, Past, found_by
from commentsite.comments.wordlists import languages_of
from commentsite.site.queries import Site
from commentsite.vault import Vault

MOST = 1_000
TRIED = frozenset({"banned_word", "links", "links_unknown", "disposable"})  # what the settings say


@dataclass(frozen=True)
class Changed:
    """A comment about which the new settings say something else, by which checks."""

    comment: Comment
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Simulation:
    """What the checks of the settings point out among the last comments, as they are and as they would be."""

    comments: int
    before: int
    after: int
    newly: tuple[Changed, ...]  # the newest first
    no_longer: tuple[Changed, ...]

    @property
    def is_same(self) -> bool:
        """Say whether nothing would be otherwise."""
        return not self.newly and not self.no_longer

    @property
    def newly_by_state(self) -> dict[str, int]:
        """Return where those stand that would be pointed out: published ones would have waited for nothing."""
        return dict(Counter(str(one.comment.state) for one in self.newly).most_common())


def simulate(now: Site, then: Site, vault: Vault) -> Simulation:
    """Try the settings in force and others on the last MOST comments; nothing is changed.

    A link counts as somebody's own where their address was confirmed and published before that
    comment came. Comments that are erased are left out: there is nothing to look at.
    """
    rows = latest(MOST)
    known = published_since(MOST)
    told: list[tuple[Comment, tuple[set[str], set[str]]]] = []
    for comment, language in rows:
        facts = [_facts(comment, language, site, known, vault) for site in (now, then)]
        before, after = ({r["rule"] for r in found_by(f, TRIED)} for f in facts)
        told.append((comment, (before, after)))
    return Simulation(
        comments=len(told),
        before=sum(bool(before) for _, (before, _after) in told),
        after=sum(bool(after) for _, (_before, after) in told),
        newly=_changed((c, after) for c, (before, after) in told if after and not before),
        no_longer=_changed((c, before) for c, (before, after) in told if before and not after),
    )


def _changed(found: Iterable[tuple[Comment, set[str]]]) -> tuple[Changed, ...]:
    return tuple(Changed(comment, tuple(sorted(rules))) for comment, rules in found)


def _facts(
    comment: Comment, language: str, site: Site, known: dict[str, datetime], vault: Vault
) -> Facts:
    email = vault.open(comment.email_sealed) if comment.email_sealed else None
    since = known.get(comment.email_hash or "")
    return Facts(
        name=comment.name,
        organisation=comment.organisation,
        body=comment.body,
        is_repeat=False,
        past=Past(is_published=since is not None and since < comment.submitted_at),
        arrival=Arrival(mail_domain=(email or "").rpartition("@")[2]),
        rules=rules_of(site, languages_of(language, comment.language or "")),
    )
