"""Each format of a record of positions, read back by a library that did not write it."""

import csv
import io
import json
import re
import subprocess
import zipfile
from collections import Counter
from hashlib import sha256
from itertools import pairwise

import jsonschema
import odf.opendocument
import odf.table
import odf.teletype
import pikepdf
import pytest
from lxml import etree, html
from pypdf import PdfReader

from tests.support import records
from tests.support.factories import make_app
from tests.support.pdf import count_words, fetch_pdf, list_words, read_page, read_with_pdftotext

FORMATS = ("html", "pdf", "docx", "ods", "csv", "json")
LANGUAGES = {"en": records.ENGLISH, "ar": records.ARABIC, "zh": records.CHINESE}
TOTALS = {
    "Comments": 35,
    "Number of people": 35,
    "Stakeholder groups heard": 5,
    "Organisations named": 2,
    "Distinct texts": 33,
    "Campaigns": 1,
    "People in campaigns": 3,
    "Late comments, in no other number": 5,
}
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MIN_PDF_HEADINGS = 12


@pytest.fixture(scope="module")
def files(tmp_path_factory, template_database):
    """The files of three records by language and format."""
    app = make_app(tmp_path_factory.mktemp("records"), template_database, RATELIMIT_ENABLED="false")
    with app.app_context():
        for language, words in LANGUAGES.items():
            records.publish_record(records.seed_consultation(words, slug=language))
    client = app.test_client()
    found = {}
    for language in LANGUAGES:
        page = f"/letters/{language}/summary"
        found[language, "html"] = client.get(page).data
        for name in FORMATS[1:]:
            answer = fetch_pdf(client, f"{page}.{name}")
            assert answer.status_code == 200
            found[language, name] = answer.data
    found["schema"] = client.get("/api/v1/schemas/summary").json
    found["log"] = client.get("/transparency/log.jsonl").get_data(as_text=True)
    return found


def read_html(data):
    page = html.fromstring(data)
    return {
        part.findtext("dt"): int(part.findtext("dd")) for part in page.cssselect(".numbers > div")
    }


def read_pdf(data):
    text = " ".join("".join(p.extract_text() for p in PdfReader(io.BytesIO(data)).pages).split())
    return {name: int(re.search(rf"{name} ?(\d+)", text)[1]) for name in TOTALS}


def read_docx(data):
    tree = etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))
    rows = [
        ["".join(cell.itertext()) for cell in row.iter(f"{WORD}tc")]
        for row in tree.iter(f"{WORD}tr")
    ]
    return {row[0]: int(row[1]) for row in rows if row[0] in TOTALS and len(row) == 2}


def list_ods_rows(data, sheet):
    document = odf.opendocument.load(io.BytesIO(data))
    tables = document.getElementsByType(odf.table.Table)
    table = next(t for t in tables if t.getAttribute("name") == sheet)
    return [
        [odf.teletype.extractText(cell) for cell in row.getElementsByType(odf.table.TableCell)]
        for row in table.getElementsByType(odf.table.TableRow)
    ]


def read_ods(data):
    return {row[0]: int(row[1]) for row in list_ods_rows(data, "Totals") if row[0] in TOTALS}


def list_csv_rows(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def read_csv(data):
    rows = list_csv_rows(data)
    late = sum(row["is_late"] == "yes" for row in rows)
    return {"Comments": len(rows) - late, "Late comments, in no other number": late}


def read_json(data):
    totals = json.loads(data)["report"]["totals"]
    return {
        "Comments": totals["published"],
        "Number of people": totals["people"],
        "Stakeholder groups heard": len(totals["people_by_group"]),
        "Organisations named": totals["organisations"],
        "Distinct texts": totals["distinct_texts"],
        "Campaigns": totals["campaigns"],
        "People in campaigns": totals["people_in_campaigns"],
        "Late comments, in no other number": totals["late"],
    }


READERS = {
    "html": read_html,
    "pdf": read_pdf,
    "docx": read_docx,
    "ods": read_ods,
    "csv": read_csv,
    "json": read_json,
}


@pytest.mark.parametrize("name", FORMATS)
def test_all_formats_have_the_same_totals(files, name):
    read = READERS[name](files["en", name])
    assert read == {label: TOTALS[label] for label in read}
    assert read.keys() == TOTALS.keys() or name == "csv"


def extract_text(name, data):
    if name == "pdf":
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    if name in {"docx", "ods"}:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "".join(
                archive.read(entry).decode() for entry in archive.namelist() if "xml" in entry
            )
    return data.decode()


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_names_or_quotes_a_person_who_did_not_agree(files, name):
    text = " ".join(extract_text(name, files["en", name]).split())
    assert "Reader 8" in text or name == "csv"
    for secret in (records.WITHHELD, records.WITHHELD_ORGANISATION, records.ONLY_COUNTED):
        assert secret not in text
    assert "/comments/2" not in re.findall(r"/comments/\d+", text)  # it may only be counted


def test_every_comment_is_in_the_lists_once(files):
    rows = list_csv_rows(files["en", "csv"])
    ids = [row["comment"] for row in rows if row["comment"]]
    assert (len(rows), len(ids), len(set(ids))) == (40, 36, 36)
    assert Counter(row["quote_as"] for row in rows)["count"] == 4
    contributors = json.loads(files["en", "json"])["contributors"]
    assert [str(c["comment_id"] or "") for c in contributors] == [row["comment"] for row in rows]
    ods = list_ods_rows(files["en", "ods"], "Contributors")
    assert [row[0] for row in ods[1:]] == [row["comment"] for row in rows]


def test_cells_do_not_run_as_formulas_in_spreadsheet_programs(files):
    rows = list_csv_rows(files["en", "csv"])
    assert {row["organisation"] for row in rows} == {"", "'=Open Net"}
    assert "'-It speaks about another letter." in {row["reason"] for row in rows}
    with zipfile.ZipFile(io.BytesIO(files["en", "ods"])) as archive:
        assert "formula" not in archive.read("content.xml").decode()


def test_the_hash_of_the_json_file_is_on_the_page_and_in_the_audit_log(files):
    digest = sha256(files["en", "json"]).hexdigest()
    assert digest in files["en", "html"].decode()
    entries = [json.loads(line).get("entry", {}) for line in files["log"].splitlines()]
    published = [entry for entry in entries if entry.get("action") == "summary.published"]
    assert [entry["details"]["sha256"] for entry in published].count(digest) == 1
    assert len(published) == len(LANGUAGES)


def test_the_json_file_follows_its_published_schema(files):
    validator = jsonschema.Draft202012Validator(files["schema"])
    validator.check_schema(files["schema"])
    for language in LANGUAGES:
        validator.validate(json.loads(files[language, "json"]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_is_tagged_for_screen_readers(files, language):
    with pikepdf.open(io.BytesIO(files[language, "pdf"])) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == language
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"]
        tags = list(iterate_tags(pdf.Root.StructTreeRoot))
        levels = [int(str(tag.S)[2]) for tag in tags if re.fullmatch(r"/H[1-6]", str(tag.S))]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert len(levels) >= MIN_PDF_HEADINGS
        assert any(str(tag.S) == "/TH" for tag in tags)


def iterate_tags(node):
    """Yield the elements of a structure tree in the order of reading."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from iterate_tags(kid)


@pytest.mark.parametrize("language", ["ar", "zh"])
def test_a_pdf_in_another_script_reads_in_order(files, language):
    words = LANGUAGES[language]
    text = "".join(list_words(read_with_pdftotext(files[language, "pdf"])))
    for sentence in (words.overview, words.question):
        assert "".join(list_words(sentence)) in text


def test_libreoffice_reads_the_words_of_the_page_in_the_word_files(files, tmp_path):
    for language in LANGUAGES:
        (tmp_path / f"{language}.docx").write_bytes(files[language, "docx"])
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless",
         "--convert-to", "txt:Text (encoded):UTF8", "--outdir", tmp_path,
         *(tmp_path / f"{language}.docx" for language in LANGUAGES)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    for language in LANGUAGES:
        written = (tmp_path / f"{language}.txt").read_text("utf-8-sig")
        assert count_words(written) == count_words(read_page(files[language, "html"].decode()))


def test_the_word_file_has_headings_table_headers_languages_and_no_personal_data(files):
    with zipfile.ZipFile(io.BytesIO(files["ar", "docx"])) as archive:
        document = archive.read("word/document.xml").decode()
        properties = archive.read("docProps/core.xml").decode()
    for part in ('w:val="Heading1"', "<w:tblHeader/>", "<w:bidi/>", "<w:rtl/>", 'w:bidi="ar"'):
        assert part in document
    assert "<w:bidiVisual/>" in document
    assert "python-docx" not in properties
    assert "<dc:creator></dc:creator>" in properties or "<dc:creator/>" in properties
