"""The texts of comments are converted whatever becomes of the second process."""

import sys
from datetime import UTC, datetime

from commentsite.exchange import conversion
from commentsite.exchange.conversion import convert_batches
from commentsite.exchange.importers.records import SourcePage, SourceStatus, TextFormat
from commentsite.exchange.staging import StagedComment

PAGE = SourcePage("1", "Page")
#: It ends after the first bytes of its first answer, as a process that the kernel kills.
ENDING = """#!/bin/sh
read -r texts
printf '[["Wo'
"""


def stage(number):
    return StagedComment(
        source_id=str(number),
        page_id="1",
        parent_id=None,
        root_id=str(number),
        status=SourceStatus.VISIBLE,
        name="",
        email="",
        text=f"Words <b>of</b> {number}",
        text_format=TextFormat.HTML,
        submitted_at=datetime(2020, 1, 1, tzinfo=UTC),
        remarks=(),
        missing_parent=None,
    )


def test_a_process_that_ends_within_an_answer_loses_no_text(tmp_path, monkeypatch):
    program = tmp_path / "python"
    program.write_text(ENDING)
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    batches = [(PAGE, [stage(n)]) for n in range(3)]
    converted = convert_batches(iter(batches), conversion.MIN_COMMENTS)
    assert [one.html for _page, batch in converted for one in batch] == [
        f"<p>Words <strong>of</strong> {n}</p>" for n in range(3)
    ]
