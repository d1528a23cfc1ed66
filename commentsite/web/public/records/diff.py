"""Compare two versions of a record, section by section and word by word."""

from collections.abc import Iterator
from dataclasses import dataclass

from commentsite.summaries.report.content import Report
from commentsite.text.diff import DiffKind, DiffSegment, diff_words
from commentsite.web.public.records import words
from commentsite.web.public.records.view import list_facts
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import OBJECTION_STATUS_LABELS, OUTCOME_SENTENCES


@dataclass(frozen=True)
class SectionDiff:
    """A part of a record that changed. `segments` hold both texts."""

    heading: str
    mark: str  # the change in words, empty if the highlighted text says enough
    segments: list[DiffSegment]


@dataclass(frozen=True)
class _Section:
    key: str
    heading: str
    text: str


def compare_reports(before: Report, after: Report) -> list[SectionDiff]:
    """Return the parts that differ, in the order of the later version. Removed parts come last."""
    old = {section.key: section for section in _iterate_sections(before)}
    new = {section.key: section for section in _iterate_sections(after)}
    changes = [_compare(old.get(key), section) for key, section in new.items()]
    gone = [_compare(section, None) for key, section in old.items() if key not in new]
    return [change for change in (*changes, *gone) if change is not None]


def _compare(before: _Section | None, after: _Section | None) -> SectionDiff | None:
    old, new = (section.text if section else "" for section in (before, after))
    if old == new:
        return None
    section = after or before
    if section is None:
        return None
    mark = ""
    if after is None:
        mark = _("Removed text")
    elif before is None:
        mark = _("Added text")
    segments = [
        segment for segment in diff_words(old, new) if segment.text or segment.kind != DiffKind.SAME
    ]
    return SectionDiff(section.heading, mark, segments)


def _iterate_sections(report: Report) -> Iterator[_Section]:
    yield _Section("outcome", _("Outcome"), str(OUTCOME_SENTENCES[report.outcome]))
    yield _Section("outcome_note", _("About the outcome"), report.outcome_note)
    yield _Section("overview", _("Overview and next steps"), report.overview)
    for question in report.questions:
        for position in question.positions:
            key = f"position {position.id}"
            heading = _("Position: %(title)s", title=position.title)
            yield _Section(key, heading, f"{position.title}\n{position.body}")
            holders = [
                _(
                    "%(label)s: %(value)s",
                    label=words.name_holder(holder.kind, holder.name, holder.stakeholder_group),
                    value=words.describe_sign_off(holder),
                )
                for holder in position.holders
            ]
            yield _Section(
                f"{key} holders",
                _("Holders of the position: %(title)s", title=position.title),
                "\n".join(holders),
            )
            yield _Section(
                f"{key} quotations",
                _("Quotations for the position: %(title)s", title=position.title),
                "\n".join(quotation.text for quotation in position.quotations if quotation.text),
            )
    for row in report.alternatives:
        key = f"alternative {row.letter_id} {row.pid} {row.label}"
        wording = words.show_wording(row.text, row.status)
        yield _Section(key, _("Alternative: %(label)s", label=row.label), wording)
    yield _Section("summary", _("Summary of comments"), report.comments_summary)
    yield _Section("analysis", _("Analysis"), report.analysis)
    yield _Section("omissions", _("What the letter leaves out"), report.omissions_note)
    yield _Section("limits", _("Limits"), report.limits)
    yield _Section(
        "objections",
        _("Objections"),
        "\n".join(
            _(
                "%(label)s: %(value)s",
                label=OBJECTION_STATUS_LABELS[entry.status],
                value=f"{entry.text} {entry.response}".strip(),
            )
            for entry in report.objections
        ),
    )
    yield _Section(
        "totals",
        _("Numbers"),
        "\n".join(
            _("%(label)s: %(value)s", label=label, value=count)
            for label, count in list_facts(report)
        ),
    )
