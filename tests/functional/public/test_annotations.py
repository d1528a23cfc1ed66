"""Comments on paragraphs leave the site as web annotations, and come into another one."""

import json

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import RDF
from sqlalchemy import select

from commentsite.comments.models import Comment, CommentTarget
from commentsite.db.session import session
from tests.support.clients import fetch_page, publish, submit_for_receipt
from tests.support.commands import run_command
from tests.support.factories import make_app
from tests.support.pages import paragraph_ids

OA = "http://www.w3.org/ns/oa#"


@pytest.fixture
def commented(client, moderator):
    """A letter with a comment on its second paragraph, a reply to it, and one on the whole letter."""
    pids = paragraph_ids(fetch_page(client))
    submit_for_receipt(
        client, kind="paragraph", paragraphs=[pids[1]], body="It matters to *us* too."
    )
    submit_for_receipt(client, body="About everything.", email="cy@example.org")
    publish(moderator)
    publish(moderator, 2)
    submit_for_receipt(client, body="I agree.", parent="1", email="bo@example.org", name="Bo")
    publish(moderator, 3)
    return pids


def fetch_annotations(client, query=""):
    answer = client.get(f"/letters/hello/annotations.json{query}")
    assert answer.headers["Content-Type"].startswith("application/ld+json")
    assert "Set-Cookie" not in answer.headers
    return answer.get_json(force=True)


def test_comments_on_paragraphs_and_replies_are_annotations(client, commented):
    collection = fetch_annotations(client)
    assert (collection["type"], collection["total"]) == ("AnnotationCollection", 2)
    comment, reply = collection["first"]["items"]
    [target] = comment["target"]
    fragment, quote = target["selector"]
    assert target["source"] == "http://127.0.0.1:8000/letters/hello"
    assert fragment["value"] == f"p-{commented[1]}"
    assert quote == {
        "type": "TextQuoteSelector",
        "exact": "The second says why it matters.",
        "prefix": "first paragraph says what happened."[-32:],
        "suffix": "The third asks for an answer.",
    }
    assert comment["creator"] == {"type": "Person", "name": "Ada Reader"}
    assert comment["body"][0]["value"] == "<p>It matters to <em>us</em> too.</p>"
    assert reply["motivation"] == "replying"
    assert reply["target"] == [comment["id"]]
    assert "example.org" not in json.dumps(collection).replace("ns/", "")
    page = fetch_annotations(client, "?page=1")
    assert page["type"] == "AnnotationPage"
    answer = client.get("/letters/hello/annotations.json")
    again = client.get(
        "/letters/hello/annotations.json", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert "/letters/hello/annotations.json" in fetch_page(client)


# The parser of rdflib uses a class of its own that rdflib has deprecated.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_a_program_for_linked_data_understands_them(client, commented):
    document = fetch_annotations(client)
    # The context of the W3C, as far as these annotations use it: no test loads it from the network.
    document["@context"] = {
        "oa": OA, "as": "https://www.w3.org/ns/activitystreams#", "id": "@id", "type": "@type",
        "Annotation": "oa:Annotation", "TextQuoteSelector": "oa:TextQuoteSelector",
        "target": {"@id": "oa:hasTarget", "@type": "@id"}, "exact": "oa:exact",
        "selector": {"@id": "oa:hasSelector", "@type": "@id"}, "first": {"@id": "as:first", "@type": "@id"},
        "items": {"@id": "as:items", "@type": "@id", "@container": "@list"},
    }  # fmt: skip
    graph = Graph().parse(data=json.dumps(document), format="json-ld")
    assert len(list(graph.subjects(RDF.type, URIRef(f"{OA}Annotation")))) == 2
    words = {str(value) for value in graph.objects(None, URIRef(f"{OA}exact"))}
    assert words == {"The second says why it matters."}


def test_unpublished_words_are_in_no_annotation(client, moderator):
    pids = paragraph_ids(fetch_page(client))
    submit_for_receipt(client, kind="paragraph", paragraphs=[pids[0]])
    assert fetch_annotations(client)["total"] == 0


def test_what_one_site_exports_another_one_imports_to_the_same_paragraphs(
    client, commented, tmp_path, letter_database
):
    (tmp_path / "annotations.json").write_text(json.dumps(fetch_annotations(client)))
    other = make_app(tmp_path / "other", letter_database)
    result = run_command(other, "import", "annotations", str(tmp_path / "annotations.json"))
    assert result.exit_code == 0, result.output
    with other.app_context():
        comment, reply = session().scalars(select(Comment).order_by(Comment.id)).unique().all()
        targets = read_targets(comment.id)
        assert (comment.name, comment.kind, comment.body) == (
            "Ada Reader", "paragraph", "It matters to *us* too.",
        )  # fmt: skip
        assert (comment.state, reply.parent_id) == ("pending", comment.id)
    assert targets == [commented[1]]


def read_targets(comment_id):
    query = select(CommentTarget.pid).where(CommentTarget.comment_id == comment_id)
    return list(session().scalars(query))


HYPOTHESIS = {
    "@context": "http://www.w3.org/ns/anno.jsonld",
    "type": "Annotation",
    "id": "https://hypothes.is/a/abc",
    "created": "2026-01-02T03:04:05.678901+00:00",
    "modified": "2026-01-02T03:04:05.678901+00:00",
    "creator": "acct:petra@hypothes.is",
    "body": [
        {"type": "TextualBody", "value": "Is *this* so?", "format": "text/markdown"},
        {"type": "TextualBody", "value": "doubt", "purpose": "tagging"},
    ],
    "target": [
        {
            "source": "http://127.0.0.1:8000/letters/hello",
            "selector": [
                {
                    "type": "XPathSelector",
                    "value": "/main[1]/p[1]",
                    "refinedBy": {"type": "TextPositionSelector", "start": 3, "end": 9},
                },
                {
                    "type": "TextQuoteSelector",
                    "exact": "paragraph says",
                    "prefix": "The first ",
                    "suffix": " what",
                },
            ],
        }
    ],
}


def as_api(annotation, **changes):
    """Write an annotation as the API of Hypothesis does."""
    target = [{"source": "http://127.0.0.1:8000/letters/hello", "selector": annotation["target"][0]["selector"]}]  # fmt: skip
    return {
        "id": annotation["id"].rpartition("/")[2],
        "created": annotation["created"],
        "updated": annotation["modified"],
        "user": "acct:petra@hypothes.is",
        "user_info": {"display_name": "Petra P."},
        "uri": "http://127.0.0.1:8000/letters/hello",
        "text": "Is *this* so?",
        "tags": [],
        "permissions": {"read": ["group:__world__"]},
        "target": target,
        **changes,
    }


@pytest.mark.parametrize("form", ["single", "list", "lines"])
def test_annotations_of_hypothesis_find_their_paragraph(app, client, tmp_path, form):
    missing = json.loads(json.dumps(HYPOTHESIS))
    missing["id"] += "2"
    missing["target"][0]["selector"][1]["exact"] = "Words <b>that</b> stand nowhere here."
    both = [HYPOTHESIS, missing]
    text = {
        "single": json.dumps(HYPOTHESIS, indent=1),
        "list": json.dumps(both),
        "lines": "\n".join(map(json.dumps, both)),
    }[form]
    (tmp_path / "file.json").write_text(text)
    result = run_command(app, "import", "annotations", str(tmp_path / "file.json"))
    assert result.exit_code == 0, result.output
    pids = paragraph_ids(fetch_page(client))
    with app.app_context():
        comments = session().scalars(select(Comment).order_by(Comment.id)).unique().all()
        assert (comments[0].name, comments[0].state) == ("petra", "pending")
        assert read_targets(comments[0].id) == [pids[0]]
        if form == "single":
            return
        assert (comments[1].kind, read_targets(comments[1].id)) == ("general", [])
        assert "<blockquote>" in comments[1].body_html
        assert "Words &lt;b&gt;that&lt;/b&gt; stand nowhere here." in comments[1].body_html
        assert "<em>this</em>" in comments[1].body_html
    assert "No paragraph of the letter has the words" in result.output
    again = run_command(app, "import", "annotations", str(tmp_path / "file.json"))
    assert again.exit_code == 0
    with app.app_context():
        assert len(session().scalars(select(Comment)).unique().all()) == 2


def test_the_api_of_hypothesis_says_who_may_read_and_who_answered(app, client, tmp_path):
    rows = [
        as_api(HYPOTHESIS),
        as_api(HYPOTHESIS, id="reply", references=["abc"], text="Yes."),
        as_api(HYPOTHESIS, id="mine", permissions={"read": ["acct:petra@hypothes.is"]}),
        as_api(HYPOTHESIS, id="mark", text=""),
        as_api(HYPOTHESIS, id="held", moderation_status="PENDING"),
    ]
    (tmp_path / "rows.json").write_text(json.dumps({"total": 5, "rows": rows}))
    result = run_command(app, "import", "annotations", str(tmp_path / "rows.json"))
    assert result.exit_code == 0, result.output
    with app.app_context():
        first, held, reply = session().scalars(select(Comment).order_by(Comment.id)).unique().all()
        assert [c.state for c in (first, reply, held)] == ["published", "published", "pending"]
        assert (first.name, reply.parent_id) == ("Petra P.", first.id)
    assert "It has no words" in result.output
    assert "Only its author could read it." in result.output


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"type": "Thing"}', "[1]"])
def test_a_file_without_annotations_is_refused_with_a_sentence(app, tmp_path, text):
    (tmp_path / "file.json").write_text(text)
    result = run_command(app, "import", "annotations", str(tmp_path / "file.json"))
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "The file" in result.output
