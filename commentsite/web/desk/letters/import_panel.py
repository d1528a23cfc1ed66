"""Work out the panel on which editors check what an import left out, and describe its pictures."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request, url_for

from commentsite.letters import queries as letter_queries
from commentsite.letters.importing import queries as import_queries
from commentsite.letters.importing.services import MAX_REMARK_LENGTH
from commentsite.letters.media.services import load_images
from commentsite.letters.models import Letter, LetterImport
from commentsite.letters.remarks import ImportRemark, RemarkKind
from commentsite.letters.text import queries as text_queries
from commentsite.letters.text.images import Image, list_undescribed
from commentsite.web.desk.letters.import_remarks import (
    describe_pictures_remark,
    describe_remark,
    describe_words,
)
from commentsite.web.desk.letters.language_choices import LanguageChoice, build_language_choices
from commentsite.web.rendering.i18n import gettext as _

DESCRIPTION_FIELD = "description-"  # followed by the hash of the picture
#: The remarks that ask the editor for something. All others say what the import did.
_QUESTIONS = frozenset({RemarkKind.LANGUAGE, RemarkKind.UNDESCRIBED_PICTURES})


@dataclass(frozen=True)
class RemarkLine:
    """A remark as the panel shows it."""

    sentence: str
    words: str
    is_shortened: bool


@dataclass(frozen=True)
class UndescribedPicture:
    """A picture that readers do not see, because it has no description."""

    field: str
    image: Image
    description: str  # as typed in a form that was refused


@dataclass(frozen=True)
class ImportPanel:
    """The panel. Without an import it offers the pictures alone."""

    import_id: int | None
    file_name: str  # empty for pasted text
    file_address: str  # to download the file as received, empty for pasted text
    remarks: tuple[RemarkLine, ...]
    has_changes: bool  # some remark says what was left out, moved or changed
    needs_confirmation: bool  # before the text can be published
    confirmed: str  # a sentence, empty while no editor has confirmed the remarks
    languages: tuple[LanguageChoice, ...]  # empty: the language is not in question
    pictures: tuple[UndescribedPicture, ...]

    @property
    def is_open(self) -> bool:
        """Return whether there is something to do for an editor."""
        return self.needs_confirmation or bool(self.languages or self.pictures)


def build_import_panel(letter: Letter) -> ImportPanel | None:
    """Build the panel for the text in the editor. None: there is nothing to check or to read again."""
    current = import_queries.find_current_import(letter)
    pictures = _list_pictures(letter)
    if current is None:
        return ImportPanel(None, "", "", (), False, False, "", (), pictures) if pictures else None  # noqa: FBT003
    remarks = import_queries.load_remarks(current)
    has_language_remark = any(remark.kind == RemarkKind.LANGUAGE for remark in remarks)
    asks_language = current.confirmed_at is None and has_language_remark
    if not remarks and not pictures:
        return None
    return ImportPanel(
        import_id=current.id,
        file_name=current.file_name,
        file_address=_get_file_address(letter, current) if current.file_name else "",
        remarks=tuple(
            RemarkLine(
                _describe(remark, len(pictures)),
                describe_words(remark),
                len(remark.words) >= MAX_REMARK_LENGTH,
            )
            for remark in remarks
        ),
        has_changes=any(remark.kind not in _QUESTIONS for remark in remarks),
        needs_confirmation=import_queries.needs_confirmation(current),
        confirmed=_describe_confirmation(current),
        languages=_build_languages(letter, current) if asks_language else (),
        pictures=pictures,
    )


def _describe(remark: ImportRemark, undescribed: int) -> str:
    if remark.kind == RemarkKind.UNDESCRIBED_PICTURES:
        return describe_pictures_remark(remark, undescribed)
    return describe_remark(remark)


def read_descriptions(form: Mapping[str, str]) -> dict[str, str]:
    """Return the descriptions in a form of the panel, by the hash of the picture."""
    return {
        name.removeprefix(DESCRIPTION_FIELD): value
        for name, value in form.items()
        if name.startswith(DESCRIPTION_FIELD)
    }


def load_staff_images(letter: Letter, source_text: str) -> Mapping[str, Image]:
    """Return the pictures of a text, at addresses that staff can open before publication."""
    address = url_for("desk_letter_imports.show_picture", slug=letter.slug, name="-")
    return load_images(letter, source_text, address.removesuffix("-"))


def _list_pictures(letter: Letter) -> tuple[UndescribedPicture, ...]:
    copy = letter_queries.find_working_copy(letter)
    text = copy.source_text if copy else text_queries.get_source_text(letter)
    undescribed = list_undescribed(text)
    images = load_staff_images(letter, text) if undescribed else {}
    return tuple(
        UndescribedPicture(
            DESCRIPTION_FIELD + sha256,
            images[sha256],
            request.form.get(DESCRIPTION_FIELD + sha256, ""),
        )
        for sha256 in undescribed
        if sha256 in images
    )


def _get_file_address(letter: Letter, current: LetterImport) -> str:
    if current.version_number is None:
        return url_for("desk_letter_imports.download", slug=letter.slug, import_id=current.id)
    return url_for(
        "desk_letter_metadata.download_original", slug=letter.slug, number=current.version_number
    )


def _describe_confirmation(current: LetterImport) -> str:
    if current.confirmed_at is None:
        return ""
    return str(
        _(
            "%(name)s checked the remarks on %(date)s.",
            name=current.confirmed_by,
            date=current.confirmed_at.strftime("%Y-%m-%d"),
        )
    )


def _build_languages(letter: Letter, current: LetterImport) -> tuple[LanguageChoice, ...]:
    typed = request.form.get("language", "")
    selected = typed or current.detected_language or current.stated_language or letter.language
    return build_language_choices(selected, letter.language)
