"""Benchmark of word lists: 64 kB of hostile text against 5,000 phrases. Bound: 50 ms of processor time."""

from time import process_time

from commentsite.comments.screening.wordlists import compile_word_list

LENGTH, WORDS, BOUND = 65_536, 5_000, 50
PIECES = [
    *("words as people write them, ", "слова как пишут люди ", "人们写的文字", "ข้อความที่คนเขียน"),
    *("w\u200bo\u200brd ", "ｗｏｒｄ ", "e\u0301", "a b c d ", "word1 and1 ", "word1 ", "w.o.r.d."),
    *("](", "[a](b", "<b>", "<", "&amp;", "&", "*", "a. ", "  ", "\u202e", "\U0001f600"),
]


def measure() -> str:
    """Return the table, the slowest text first, with the cost of a list ten times as long."""
    short, long = (_compile_list(WORDS), _compile_list(WORDS * 10))
    start = process_time()
    compile_word_list((*_build_phrases(WORDS), "one more"), frozenset())
    ready = (process_time() - start) * 1000
    rows = []
    for piece in PIECES:
        text = (piece * LENGTH)[:LENGTH]
        rows.append((_measure_milliseconds(short, text), _measure_milliseconds(long, text), piece))
    rows.sort(reverse=True)
    growth = sum(many for _, many, _ in rows) / sum(few for few, _, _ in rows)
    lines = [
        f"{LENGTH:,} characters against {WORDS:,} phrases. Slowest {rows[0][0]:.0f} ms (bound {BOUND}).",
        f"With ten times as many phrases the same texts take {growth:.2f} times as long. Preparing the list once takes {ready:.0f} ms.",
        "",
        f"| repeated | ms, {WORDS:,} phrases | ms, {WORDS * 10:,} phrases |",
        "|---|---|---|",
        *(f"| `{piece!r}` | {few:.1f} | {many:.1f} |" for few, many, piece in rows),
    ]
    return "\n".join(lines) + "\n"


def _build_phrases(number):
    """Return phrases of several scripts. Many have the same prefix, where a naive search would backtrack."""
    kinds = (
        lambda n: f"word{n} and{n}",
        lambda n: f"слова{n}",
        lambda n: "人们" + chr(0x4E00 + n % 20_000) + str(n),
        lambda n: f"a b c d e{n}",
        lambda n: f"as people write {n}",
    )
    return tuple(kinds[n % len(kinds)](n) for n in range(number))


def _compile_list(number):
    return compile_word_list(_build_phrases(number), frozenset())


def _measure_milliseconds(word_list, text):
    best = float("inf")
    for _ in range(7):
        start = process_time()
        word_list.find(text)
        best = min(best, process_time() - start)
    return best * 1000
