"""Benchmark of the sanitizer with hostile texts of 10,000 characters. Bounds: 250 ms and 64 kB of HTML."""

from time import perf_counter

from commentsite.comments.sanitizer import MAX_CHARACTERS, render_comment_html

PIECES = [
    *(
        "<",
        "*a ",
        "[",
        "[[a](b)",
        "> ",
        "- ",
        "1. ",
        "`",
        "&a",
        "a.",
        "\n\nx",
        "http://a.example/ ",
    ),
    *(
        "- a\n",
        "> a\n",
        "**a",
        "_a_ ",
        "www.a.example ",
        "<b>",
        "![",
        "\\",
        "a@b.example ",
        '"',
        "'",
    ),
    *(
        "***",
        "~~~\n",
        "    x\n",
        "[a]: b\n",
        "<!--",
        "&#1;",
        "](",
        "a**b",
        "*_",
        "`` ",
        "\n> > > > ",
    ),
    *("عربي ", "中文", "\u202e", "😀", "e\u0301"),
]
FILLER = "Words as people write them, one after the other. "
ORDINARY_TEXT = "*A paragraph* as people write it, see https://a.example/b.\n\n" + FILLER * 10
ORDINARY_TEXT = (ORDINARY_TEXT * 19)[:MAX_CHARACTERS]
REPETITIONS = (
    10_000,
    590,
    290,
    199,
    49,
)  # beyond the limits of the sanitizer, and just within each of them


def measure() -> str:
    """Return the table, the slowest text first, with its ratio to an ordinary text."""
    ordinary = _measure_seconds(ORDINARY_TEXT)
    rows = []
    for piece in PIECES:
        for mixed in (piece, piece + "a", piece + "\n"):
            for times in REPETITIONS:
                text = (mixed * times + FILLER * 200)[:MAX_CHARACTERS]
                rows.append(
                    (
                        _measure_seconds(text),
                        len(render_comment_html(text).encode()),
                        f"{mixed!r} × {times}",
                    )
                )
    rows.sort(reverse=True)
    worst, largest = rows[0][0], max(size for _, size, _ in rows)
    lines = [
        f"{len(rows)} hostile texts. Slowest {worst * 1000:.0f} ms (bound 250), largest {largest:,} bytes (bound 64,000).",
        f"An ordinary text of the same length takes {ordinary * 1000:.1f} ms.",
        "",
        "| repeated | ms | times an ordinary text | bytes |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{m}` | {s * 1000:.1f} | {s / ordinary:.1f} | {n:,} |" for s, n, m in rows[:12]]
    return "\n".join(lines) + "\n"


def _measure_seconds(text: str) -> float:
    best = float("inf")
    for _ in range(3):
        start = perf_counter()
        render_comment_html(text)
        best = min(best, perf_counter() - start)
    return best
