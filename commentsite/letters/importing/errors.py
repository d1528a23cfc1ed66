"""Why a file cannot be taken in, as sentences for the editor who chose it."""

from enum import StrEnum


class FileProblem(StrEnum):
    DAMAGED = "damaged"
    WRONG_TYPE = "wrong_type"
    NOT_TEXT = "not_text"
    MACROS = "macros"
    ENCRYPTED = "encrypted"
    ENCRYPTED_MAIL = "encrypted_mail"
    WRAPPED_MAIL = "wrapped_mail"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_COMPLEX = "too_complex"
    TOO_SLOW = "too_slow"


SENTENCES = {
    FileProblem.DAMAGED: "%(name)s is damaged. Open it, save it again and choose it again, or send the text.",
    FileProblem.WRONG_TYPE: (
        "%(name)s is not a Word file that can be read here. Save it as .docx, .odt or .rtf, or send the text."
    ),
    FileProblem.NOT_TEXT: (
        "%(name)s is not text in UTF-8 or another usual encoding. Save it as plain text and choose it again."
    ),
    FileProblem.MACROS: "%(name)s is a Word file with macros. Save it as .docx, without macros, and choose it again.",
    FileProblem.ENCRYPTED: "%(name)s is protected with a password. Save it without one and choose it again.",
    FileProblem.ENCRYPTED_MAIL: (
        "%(name)s is an encrypted message. Open it in your mail program and save its text, or send the text."
    ),
    FileProblem.WRAPPED_MAIL: (
        "%(name)s is a message with its text inside a digital signature, which cannot be read here."
        " Open it in your mail program and save its text, or send the text."
    ),
    FileProblem.EMPTY: "%(name)s has no text. Choose another file, or enter the text of the letter.",
    FileProblem.TOO_LARGE: (
        "%(name)s unpacks to more than can be read here. Save it without pictures, or send the text."
    ),
    FileProblem.TOO_COMPLEX: (
        "%(name)s has more paragraphs, cells or levels than can be read here. Send the text in a simpler file."
    ),
    FileProblem.TOO_SLOW: "%(name)s takes too long to read. Save it as .docx or .txt again, or send the text.",
}


class UnreadableFile(Exception):
    """The file is damaged, is not of the type that its name says, or exceeds a limit.

    `message` is a sentence that gettext can translate, with the placeholder `%(name)s`.
    """

    def __init__(self, problem: FileProblem = FileProblem.DAMAGED) -> None:
        super().__init__(problem)
        self.problem = problem
        self.message = SENTENCES[problem]
