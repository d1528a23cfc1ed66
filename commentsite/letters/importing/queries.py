"""Read the imports of letters."""

from sqlalchemy import or_, select
from sqlalchemy.orm import defer

from commentsite.db.session import session
from commentsite.errors import require_found
from commentsite.letters.models import Letter, LetterImport, LetterVersion
from commentsite.letters.remarks import ImportRemark, RemarkKind


def find_current_import(letter: Letter) -> LetterImport | None:
    """Return the import that the text in the editor comes from, without reading its file."""
    query = (
        select(LetterImport)
        .where(
            LetterImport.letter_id == letter.id,
            or_(
                LetterImport.version_number.is_(None),
                LetterImport.version_number == letter.version_number,
            ),
        )
        .options(defer(LetterImport.content))
        .order_by(LetterImport.version_number.is_(None).desc(), LetterImport.id.desc())
        .limit(1)
    )
    return session().scalars(query).first()


def find_version_import(letter: Letter, version: LetterVersion) -> LetterImport | None:
    """Return the import of the file that a version has."""
    query = (
        select(LetterImport)
        .where(
            LetterImport.letter_id == letter.id,
            LetterImport.version_number == version.number,
            LetterImport.sha256 == version.original_sha256,
        )
        .order_by(LetterImport.id.desc())
        .limit(1)
    )
    return session().scalars(query).first()


def get_import(letter: Letter, import_id: int) -> LetterImport:
    """Return an import of the letter. Raises NotFound."""
    query = select(LetterImport).where(
        LetterImport.id == import_id, LetterImport.letter_id == letter.id
    )
    return require_found(session().scalars(query).first(), "This letter has no such file.")


def list_working_copy_imports(letter: Letter) -> list[LetterImport]:
    """List the imports whose text is in the working copy."""
    query = select(LetterImport).where(
        LetterImport.letter_id == letter.id, LetterImport.version_number.is_(None)
    )
    return list(session().scalars(query))


def has_unconfirmed_remarks(letter: Letter) -> bool:
    """Return whether the text in the editor has unconfirmed remarks of its import."""
    current = find_current_import(letter)
    return current is not None and needs_confirmation(current)


def needs_confirmation(row: LetterImport) -> bool:
    return bool(row.remarks) and row.confirmed_at is None


def load_remarks(row: LetterImport) -> list[ImportRemark]:
    """Return the remarks of an import."""
    kinds = set(RemarkKind)
    return [
        ImportRemark(
            RemarkKind(item["kind"]) if item["kind"] in kinds else RemarkKind.OTHER,
            item["count"],
            item["words"],
        )
        for item in row.remarks
    ]
