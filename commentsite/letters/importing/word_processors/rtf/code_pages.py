"""Code pages and locale numbers of Windows."""

import locale

CODECS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_CODE_PAGES = {
    932: "cp932",
    936: "gbk",
    949: "cp949",
    950: "cp950",
    10000: "mac_roman",
    65001: "utf-8",
}


def find_codec(code_page: int) -> str:
    name = _CODE_PAGES.get(code_page, f"cp{code_page}")
    try:
        b"".decode(name)
    except LookupError:
        return "cp1252"
    return name


def find_language(number: int) -> str:
    """Return the language tag of a Windows locale number, or ''."""
    return locale.windows_locale.get(number, "").replace("_", "-")
