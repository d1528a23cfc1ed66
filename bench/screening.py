"""How long 64 kB take against a list of 5,000 words, whatever they are made of: the bound is 50 ms of processor time."""

from time import process_time

from commentsite.comments.screening.wordlists import compile_word_list

LENGTH, WORDS, BOUND = 65_536, 5_000, 50
PIECES = [
    *("words as people write them, ", "слова как пишут люди ", "人们写的文字", "ข้อความที่คนเขียน"),
    *("w\u200bo\u200brd ", "ｗｏｒｄ ", "e\u0301", "a b c d ", "word1 and1 ", "word1 ", "w.o.r.d."),
    *("](", "[a](b", "<b>", "<", "&amp;", "&", "*", "a. ", "  ", "\u202e", "\U0001f600"),
]


def measure() -> str:
    """Return the table, the slowest first, and what a list ten times as long costs."""
    short, long = (_listed(WORDS), _listed(WORDS * 10))
    start = process_time()
    compile_word_list((*_lines(WORDS), "one more"), frozenset())
    ready = (process_time() - start) * 1000
    rows = []
    for piece in PIECES:
        text = (piece * LENGTH)[:LENGTH]
        rows.append((_milliseconds(short, text), _milliseconds(long, text), piece))
    rows.sort(reverse=True)
    growth = sum(many for _, many, _ in rows) / sum(few for few, _, _ in rows)
    lines = [
        f"{LENGTH:,} characters against {WORDS:,} phrases. Slowest {rows[0][0]:.0f} ms (bound {BOUND}).",
        f"With ten times as many phrases the same texts take {growth:.2f} times as long. Making the list ready, once, takes {ready:.0f} ms.",
        "",
        f"| repeated | ms, {WORDS:,} phrases | ms, {WORDS * 10:,} phrases |",
        "|---|---|---|",
        *(f"| `{piece!r}` | {few:.1f} | {many:.1f} |" for few, many, piece in rows),
    ]
    return "\n".join(lines) + "\n"


def _lines(number):
    """Return phrases of several scripts; many begin alike, which is where a plain search goes back."""
    kinds = (
        lambda n: f"word{n} and{n}",
        lambda n: f"слова{n}",
        lambda n: "人们" + chr(0x4E00 + n % 20_000) + str(n),
        lambda n: f"a b c d e{n}",
        lambda n: f"as people write {n}",
    )
    return tuple(kinds[n % len(kinds)](n) for n in range(number))


def _listed(number):
    return compile_word_list(_lines(number), frozenset())


def _milliseconds(listed, text):
    best = float("inf")
    for _ in range(7):
        start = process_time()
        listed.find(text)
        best = min(best, process_time() - start)
    return best * 1000
