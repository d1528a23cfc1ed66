"""Review comments and running heads of a Word document, which are recorded."""

from commentsite.letters.importing.word_processors.docx.document import Document
from commentsite.letters.importing.word_processors.docx.elements import A, R, V, W, iterate_text
from commentsite.letters.remarks import RemarkKind


def describe_comments(document: Document) -> None:
    root = document.parts.parse_related("comments")
    for comment in root.iterfind(W + "comment") if root is not None else ():
        document.collector.add_remark(RemarkKind.REVIEW_COMMENTS, " ".join(iterate_text(comment)))


def describe_page_furniture(document: Document) -> None:
    used = {
        item.get(R + "id")
        for name in ("headerReference", "footerReference")
        for item in document.root.iter(W + name)
    }
    seen: set[str] = set()
    for identifier, relation in document.flow.relations.items():
        if identifier not in used or relation.is_external or relation.target in seen:
            continue
        seen.add(relation.target)
        root = document.parts.parse(relation.target)
        if root is None:
            continue
        words = [" ".join(iterate_text(root))]
        words += [item.get("string", "") for item in root.iter(V + "textpath")]
        if any(letter.isalpha() for part in words for letter in part):  # more than a page number
            document.collector.add_remark(RemarkKind.PAGE_FURNITURE, " ".join(words))
        pictures = [*root.iter(A + "blip"), *root.iter(V + "imagedata")]
        if pictures:
            document.collector.add_remark(RemarkKind.PICTURES, count=len(pictures))
