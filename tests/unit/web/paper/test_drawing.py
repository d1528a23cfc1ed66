"""The folder of PDFs: processes that fail or vanish, and its bounds."""

from commentsite.web.paper import drawing
from commentsite.web.paper.drawing import PageToDraw, PdfFolder, Progress
from tests.support.servers import wait_until

PAGE = PageToDraw("<p>not a page of the site", "http://a.example/", "/nowhere", "/nowhere", [])


def test_a_page_that_cannot_be_drawn_is_logged_and_not_tried_at_once_again(tmp_path, log_lines):
    folder = PdfFolder(tmp_path)
    assert folder.request("a", lambda: PAGE) == Progress.DRAWING
    assert wait_until(lambda: "could not be drawn" in log_lines(), 60)
    assert folder.request("a", lambda: PAGE) == Progress.FAILED
    assert folder.find("a") is None
    assert folder.list_names() == {"a"}


def test_a_page_that_cannot_be_built_frees_its_slot(tmp_path):
    folder = PdfFolder(tmp_path)

    def fail():
        raise ZeroDivisionError

    for _ in range(drawing.MAX_DRAWINGS + 1):
        try:
            folder.request("a", fail)
        except ZeroDivisionError:
            continue
        raise AssertionError
    assert folder.list_names() == set()


def test_the_oldest_pdfs_make_room_for_new_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(drawing, "MAX_FOLDER_BYTES", 250)
    folder = PdfFolder(tmp_path)
    folder.path.mkdir()
    for name in "abcd":
        (folder.path / f"{name}.pdf").write_bytes(b"x" * 100)
    folder.request("e", lambda: PAGE)
    assert {name for name in folder.list_names() if folder.find(name)} == {"c", "d"}
