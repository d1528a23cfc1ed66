"""Footnotes of a letter: numbered by their first reference, with a link back from each note.

The block and inline rules are those of mdit-py-plugins. Its last step drops notes to which no
reference leads, counts references inside dropped notes, and shows the second reference to a note as
`[1:1]`. This step keeps every note: notes without a reference stand at the end and have no link back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

_BACK = "\u21a9\ufe0e"  # without the second character some systems show an emoji


@dataclass
class _Note:
    label: str
    tokens: list[Token]
    language: str = ""
    number: int = 0
    references: int = 0
    is_used: bool = False


@dataclass
class _Notes:
    all: list[_Note] = field(default_factory=list)  # in the order of the definitions
    by_label: dict[str, _Note] = field(default_factory=dict)
    numbered: list[_Note] = field(default_factory=list)


def use_footnotes(markdown: MarkdownIt) -> None:
    footnote_plugin(markdown, move_to_end=False)
    markdown.core.ruler.after("inline", "collect_footnotes", _collect_footnotes)
    markdown.add_render_rule("footnote_ref", _render_reference)
    markdown.add_render_rule("footnote_open", _render_note)
    markdown.add_render_rule("footnote_anchor", _render_back_link)


def _collect_footnotes(state: StateCore) -> None:
    """Give the notes their numbers and move them to the end, used ones first."""
    notes = _Notes()
    body = _take_definitions(state.tokens, notes)
    inline_notes = state.env.get("footnotes", {}).get("list", {})
    _number_references(body, notes, inline_notes)
    for note in notes.numbered:  # grows while notes refer to other notes
        _number_references(note.tokens, notes, inline_notes)
    unused = [note for note in notes.all if not note.is_used]
    for number, note in enumerate(unused, len(notes.numbered) + 1):
        note.number = number
    for note in unused:
        _unlink_references(note.tokens, notes, inline_notes)
    state.tokens = body
    if notes.numbered or unused:
        state.tokens.append(Token("footnote_block_open", "", 1))
        for note in [*notes.numbered, *unused]:
            state.tokens += _build_note(note)
        state.tokens.append(Token("footnote_block_close", "", -1))


def _take_definitions(tokens: Sequence[Token], notes: _Notes) -> list[Token]:
    """Return the tokens outside notes, and add the notes. Notes can lie within each other."""
    body: list[Token] = []
    open_notes: list[_Note] = []
    for token in tokens:
        if token.type == "footnote_reference_open":
            note = _Note(token.meta["label"], [], token.meta.get("language", ""))
            notes.all.append(note)
            notes.by_label.setdefault(note.label, note)
            open_notes.append(note)
        elif token.type == "footnote_reference_close":
            open_notes.pop()
        else:
            (open_notes[-1].tokens if open_notes else body).append(token)
    return body


def _list_references(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        for child in token.children or ():
            if child.type == "footnote_ref":
                yield child


def _number_references(
    tokens: Sequence[Token], notes: _Notes, inline_notes: dict[int, dict[str, Any]]
) -> None:
    for reference in _list_references(tokens):
        label = reference.meta.get("label")
        if label is None:
            note = _Note("", _build_inline_note(inline_notes[reference.meta["id"]]))
        else:
            note = notes.by_label[label]
        if not note.is_used:
            notes.numbered.append(note)
            note.is_used, note.number = True, len(notes.numbered)
        note.references += 1
        reference.meta = {"number": note.number, "reference": note.references}


def _unlink_references(
    tokens: Sequence[Token], notes: _Notes, inline_notes: dict[int, dict[str, Any]]
) -> None:
    """Leave the bare number in a note to which no reference leads."""
    for reference in _list_references(tokens):
        label = reference.meta.get("label")
        reference.type = "text"
        if label is None:
            reference.content = f"^[{inline_notes[reference.meta['id']]['content']}]"
        else:
            reference.content = f"[{notes.by_label[label].number}]"


def _build_inline_note(note: dict[str, Any]) -> list[Token]:
    inline = Token("inline", "", 0, children=note["tokens"], content=note["content"])
    return [Token("paragraph_open", "p", 1), inline, Token("paragraph_close", "p", -1)]


def _build_note(note: _Note) -> list[Token]:
    opening = Token("footnote_open", "", 1, meta={"number": note.number, "language": note.language})
    anchors = [
        Token("footnote_anchor", "", 0, meta={"number": note.number, "reference": reference})
        for reference in range(1, note.references + 1)
    ]
    tokens = list(note.tokens)
    end = len(tokens) - (tokens[-1:] != [] and tokens[-1].type == "paragraph_close")
    return [opening, *tokens[:end], *anchors, *tokens[end:], Token("footnote_close", "", -1)]


def _reference_id(meta: dict[str, Any]) -> str:
    return f"{meta['number']}" + (f":{meta['reference'] - 1}" if meta["reference"] > 1 else "")


def _render_reference(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    del renderer, options, env
    meta = tokens[index].meta
    return (
        f'<sup class="footnote-ref"><a href="#fn{meta["number"]}" id="fnref{_reference_id(meta)}">'
        f"[{meta['number']}]</a></sup>"
    )


def _render_note(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    del renderer, options, env
    meta = tokens[index].meta
    language = f' lang="{meta["language"]}"' if meta["language"] else ""
    return f'<li id="fn{meta["number"]}"{language}>'


def _render_back_link(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    del renderer, options, env
    return f' <a href="#fnref{_reference_id(tokens[index].meta)}">{_BACK}</a>'
