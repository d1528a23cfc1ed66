"""Search the full-text indexes, with the same results on SQLite (FTS5) and PostgreSQL (tsvector)."""

import re
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    SQLColumnExpression,
    Subquery,
    column,
    exists,
    text,
)
from sqlalchemy import table as table_clause

from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import is_postgresql, session
from commentsite.search.tokenizer import TOKENIZER_VERSION, Phrase

Parameters = dict[str, str]
#: SQL with the values of its parameters.
Condition = tuple[str, Parameters]
#: A prefix is looked up in the texts, not in the index, if at least this share of a sample of them has it.
MIN_SAMPLE_SHARE = 0.2
SAMPLE_SIZE = 500  # texts
MAX_IDS_READ = 10_000
_PADDED_WORDS = "' ' || words || ' '"


@dataclass(frozen=True)
class SearchResult:
    """The ids of one page of matches, and the number of all matches, counted up to MAX_COUNT + 1."""

    ids: list[int]
    total: int


def find_letter_matches(phrases: list[Phrase], *, limit: int, offset: int = 0) -> SearchResult:
    """Find letters that contain every phrase, those with the most phrases in the title first, then the newest.

    More than MAX_COUNT matches are sorted by id only, because ranking reads every match.
    """
    if not phrases:
        return SearchResult([], 0)
    condition, parameters = _build_condition("search_letter", phrases)
    count_query = f"SELECT count(*) FROM (SELECT 1 FROM search_letter WHERE {condition} LIMIT {MAX_COUNT + 1}) AS n"  # noqa: S608  # built from constants
    total = int(session().execute(text(count_query), parameters).scalar_one())
    order = "rowid DESC"
    page_parameters: dict[str, str | int] = {**parameters, "limit": limit, "offset": offset}
    if total <= MAX_COUNT:
        rank, rank_parameters = _build_title_rank(phrases)
        order = f"{rank} DESC, rowid DESC"
        page_parameters |= rank_parameters
    page_query = f"SELECT rowid FROM search_letter WHERE {condition} ORDER BY {order} LIMIT :limit OFFSET :offset"  # noqa: S608  # built from constants
    rows = session().execute(text(page_query), page_parameters)
    return SearchResult([row[0] for row in rows], total)


def select_letter_matches(phrases: list[Phrase], *, limit: int) -> Subquery:
    """Return a subquery with the newest letters that contain every phrase.

    Its columns are `rowid` and `title_matches`, the number of phrases that stand in the title.
    """
    condition, parameters = _build_condition("search_letter", phrases)
    rank, rank_parameters = _build_title_rank(phrases)
    query = f"SELECT rowid, {rank} AS title_matches FROM search_letter WHERE {condition} ORDER BY rowid DESC LIMIT {limit:d}"  # noqa: S608  # built from constants
    return (
        text(query)
        .bindparams(**parameters, **rank_parameters)
        .columns(column("rowid", BigInteger), column("title_matches", BigInteger))
        .subquery("matches")
    )


def find_record_ids(phrase: Phrase) -> set[int]:
    """Return the ids of all records of positions that contain a phrase. There are few of them."""
    condition, parameters = _build_condition("search_record", [phrase])
    query = f"SELECT rowid FROM search_record WHERE {condition}"  # noqa: S608  # built from constants
    return set(session().execute(text(query), parameters).scalars())


def select_comment_matches(phrases: list[Phrase], *, limit: int) -> Subquery:
    """Return a subquery with the column `rowid`: the newest comments that contain every phrase."""
    indexed = _build_condition("search_comment", phrases)
    in_texts = _build_all_likes((_PADDED_WORDS,), phrases, "p")
    return _select_first(
        "search_comment",
        indexed,
        in_texts if _is_merged(phrases) else None,
        limit=limit,
        order=_Order(is_newest_first=True),
    )


def _is_merged(phrases: list[Phrase]) -> bool:
    """Return whether the index merges lists of words before it gives the first row."""
    return not is_postgresql() and any(phrase.is_prefix for phrase in phrases)


@dataclass(frozen=True)
class _Order:
    """The order of the ids, from the one after `after_id`."""

    is_newest_first: bool
    after_id: int | None = None

    @property
    def sql(self) -> str:
        return "DESC" if self.is_newest_first else "ASC"

    @property
    def start(self) -> str:
        """The condition of the rows after `after_id`."""
        if self.after_id is None:
            return "TRUE"
        return f"rowid {'<' if self.is_newest_first else '>'} {self.after_id:d}"


def _select_first(
    table: str,
    indexed: Condition,
    in_texts: Condition | None,
    *,
    limit: int,
    order: _Order,
) -> Subquery:
    """Return a subquery with the column `rowid`: the first texts that match.

    `indexed` and `in_texts` are the same condition, for the index and for the stored tokens. The second is None
    where the index gives its first rows at once. For a prefix, FTS5 first merges the lists of all words that begin
    with it. That takes 35 ms where a word is in most of a million comments, so the first texts are read instead.
    """
    condition, parameters = indexed
    bounds: dict[str, int] = {}
    if in_texts is not None:
        last_id = _find_last_of_first(table, in_texts, limit=limit, order=order)
        if last_id is not None:
            comparison = ">=" if order.is_newest_first else "<="
            condition, parameters = f"rowid {comparison} :last_id AND {in_texts[0]}", in_texts[1]
            bounds["last_id"] = last_id
    query = _build_select("rowid", table, condition, order, f"{limit:d}")
    return (
        text(query)
        .bindparams(**parameters, **bounds)
        .columns(column("rowid", BigInteger))
        .subquery("matches")
    )


def _find_last_of_first(
    table: str, in_texts: Condition, *, limit: int, order: _Order
) -> int | None:
    """Return the id of the last of the first `limit` matches, if reading the texts finds it sooner than the index.

    That is where MIN_SAMPLE_SHARE of the first texts match, and where it is among MAX_IDS_READ ids.
    """
    condition, parameters = in_texts
    sample = _build_select(condition, table, "TRUE", order, f"{SAMPLE_SIZE}")
    if sum(session().execute(text(sample), parameters).scalars()) < MIN_SAMPLE_SHARE * SAMPLE_SIZE:
        return None
    first_id = f"({_build_select('rowid', table, 'TRUE', order, '1')})"
    end = f">= {first_id} - {MAX_IDS_READ}"
    if not order.is_newest_first:
        end = f"<= {first_id} + {MAX_IDS_READ}"
    is_within = f"rowid {end} AND {condition}"
    query = _build_select("rowid", table, is_within, order, f"1 OFFSET {limit - 1:d}")
    last_id: int | None = session().execute(text(query), parameters).scalar()
    return last_id


def _build_select(columns: str, table: str, condition: str, order: _Order, limit: str) -> str:
    return f"SELECT {columns} FROM {table} WHERE {order.start} AND {condition} ORDER BY rowid {order.sql} LIMIT {limit}"  # noqa: S608  # built from constants


# --- The index of the desk

_DESK = table_clause("search_desk", column("rowid", BigInteger))
_NO_TOKEN_CHARACTER = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True)
class DeskFacets:
    """Properties of a comment by which the desk narrows a search. "" and None match any."""

    state: str = ""
    letter_id: int | None = None
    group: str = ""

    def list_tokens(self) -> list[str]:
        """Return the facets as tokens, such as `statepending`."""
        values = (("state", self.state), ("letter", self.letter_id), ("group", self.group))
        return [
            f"{name}{_NO_TOKEN_CHARACTER.sub('', str(value).lower())}"
            for name, value in values
            if value
        ]

    def list_lexemes(self) -> list[str]:
        """Return the tokens as they stand among the words of a tsvector. No word begins with this sign."""
        return [f"§{token}" for token in self.list_tokens()]


def select_desk_matches(
    phrases: list[Phrase],
    facets: DeskFacets,
    *,
    limit: int,
    after_id: int | None = None,
    is_newest_first: bool = False,
) -> Subquery:
    """Return a subquery with the column `rowid`: comments whose text or author contains every phrase.

    They are in the order of their ids, from the one after `after_id`.
    """
    indexed = _build_desk_condition(phrases, facets)
    likes, patterns = _build_all_likes(("author", "body"), phrases, "p")
    for n, token in enumerate(facets.list_tokens()):
        likes += f" AND ' ' || facets || ' ' LIKE :f{n}"
        patterns[f"f{n}"] = f"% {token} %"
    return _select_first(
        "search_desk",
        indexed,
        (likes, patterns) if _is_merged(phrases) else None,
        limit=limit,
        order=_Order(is_newest_first, after_id),
    )


def desk_text_contains(
    comment_id: SQLColumnExpression[int], phrases: list[Phrase]
) -> ColumnElement[bool]:
    """Return the condition that the text of a comment, without its author, contains every phrase."""
    condition, parameters = (
        _build_all_likes(("body",), phrases, "b")
        if is_postgresql()
        else ("search_desk MATCH :body", {"body": f"body : ({_build_fts5_query(phrases)})"})
    )
    return exists().where(_DESK.c.rowid == comment_id, text(condition).bindparams(**parameters))


def find_last_desk_id() -> int:
    """Return the highest id in the index of the desk, or 0."""
    query = "SELECT rowid FROM search_desk ORDER BY rowid DESC LIMIT 1"
    return session().execute(text(query)).scalar() or 0


def _build_desk_condition(phrases: list[Phrase], facets: DeskFacets) -> Condition:
    if not is_postgresql():
        terms = [f'facets : "{token}"' for token in facets.list_tokens()]
        return "search_desk MATCH :q", {
            "q": " AND ".join([*terms, f"{{author body}} : ({_build_fts5_query(phrases)})"])
        }
    lexemes = [f"'{lexeme}'" for lexeme in facets.list_lexemes()]
    condition = "words @@ CAST(:q AS tsquery)"
    parameters = {"q": " & ".join([*lexemes, _build_tsquery(phrases)])}
    of_several_tokens = [
        phrase for phrase in phrases if any(len(spelling) > 1 for spelling in phrase.spellings)
    ]
    if of_several_tokens:
        likes, patterns = _build_all_likes(("author", "body"), of_several_tokens, "p")
        condition, parameters = f"{condition} AND {likes}", parameters | patterns
    return condition, parameters


def _build_all_likes(names: tuple[str, ...], phrases: list[Phrase], prefix: str) -> Condition:
    """Return the condition that each phrase stands in one of these columns of tokens."""
    conditions: list[str] = []
    parameters: Parameters = {}
    for i, phrase in enumerate(phrases):
        likes = [_build_like(name, phrase, f"{prefix}{i}") for name in names]
        conditions.append("(" + " OR ".join(like for like, _patterns in likes) + ")")
        parameters |= likes[0][1]
    return " AND ".join(conditions), parameters


# --- Progress and conditions


def is_complete(table: str) -> bool:
    """Return whether every text of a table is indexed with the present version of the tokens."""
    progress = find_progress(table)
    return (
        progress is not None
        and progress.tokenizer_version == TOKENIZER_VERSION
        and progress.last_id is None
    )


def find_progress(table: str) -> Row[tuple[int, int | None]] | None:
    """Return the version of the tokens in a table, and the id up to which it is filled, None for all."""
    query = "SELECT tokenizer_version, last_id FROM search_progress WHERE part = :table"
    return session().execute(text(query), {"table": table}).first()


def _build_condition(table: str, phrases: list[Phrase]) -> Condition:
    """Return an SQL condition and its parameters."""
    if not is_postgresql():
        return f"{table} MATCH :q", {"q": _build_fts5_query(phrases)}
    conditions, parameters = ["words @@ CAST(:q AS tsquery)"], {"q": _build_tsquery(phrases)}
    for i, phrase in enumerate(phrases):
        if any(len(spelling) > 1 for spelling in phrase.spellings):
            condition, patterns = _build_like("tokens", phrase, f"p{i}")
            conditions.append(condition)
            parameters |= patterns
    return " AND ".join(conditions), parameters


def _build_title_rank(phrases: list[Phrase]) -> Condition:
    """Return an SQL expression for the number of phrases that stand in the title."""
    terms: list[str] = []
    parameters: Parameters = {}
    for i, phrase in enumerate(phrases):
        if is_postgresql():
            condition, patterns = _build_like("title", phrase, f"t{i}")
            parameters |= patterns
        else:
            condition = (
                f"rowid IN (SELECT rowid FROM search_letter WHERE search_letter MATCH :t{i})"  # noqa: S608
            )
            parameters[f"t{i}"] = f"title : ({_build_fts5_query([phrase])})"
        terms.append(f"(CASE WHEN {condition} THEN 1 ELSE 0 END)")
    return f"({' + '.join(terms)})", parameters


def _build_like(name: str, phrase: Phrase, prefix: str) -> Condition:
    """Look for the tokens of a phrase one after another. Tokens contain no wildcards."""
    end = "%" if phrase.is_prefix else " %"
    patterns = {
        f"{prefix}_{n}": f"% {' '.join(spelling)}{end}"
        for n, spelling in enumerate(phrase.spellings)
    }
    return "(" + " OR ".join(f"{name} LIKE :{key}" for key in patterns) + ")", patterns


def _build_fts5_query(phrases: list[Phrase]) -> str:
    end = {True: " *", False: ""}
    return " AND ".join(
        "("
        + " OR ".join(
            f'"{" ".join(spelling)}"{end[phrase.is_prefix]}' for spelling in phrase.spellings
        )
        + ")"
        for phrase in phrases
    )


def _build_tsquery(phrases: list[Phrase]) -> str:
    """Return the words of the phrases in any order, in each spelling."""
    return " & ".join(
        "("
        + " | ".join(
            "("
            + " & ".join(f"'{token}'" for token in spelling)
            + (":*" if phrase.is_prefix else "")
            + ")"
            for spelling in phrase.spellings
        )
        + ")"
        for phrase in phrases
    )
