"""The letters of a feed: its bytes as UTF-8, when there is no doubt about what they are."""

import re

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DECLARATION = re.compile(rb"\s*<\?xml\b[^>]{0,300}\?>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([\w.:-]+)[\"']")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_LIKE_UTF_8 = frozenset(("utf-8", "utf8", "us-ascii", "ascii"))
_NAMES = r"iso-8859-\d{1,2}|windows-125\d|cp125\d|koi8-[ru]|big5|gb(?:k|2312|18030)|euc-(?:jp|kr)|shift_jis"


def utf_8_of(data: bytes, content_type: str) -> bytes | None:
    """``data`` in UTF-8, ready for a parser of XML; None when only guessing could tell its letters.

    What is UTF-8 through and through is UTF-8, whatever the server says; many say Latin-1 about everything.
    """
    if b"\x00" in data[:1000]:
        return None  # letters of two or four bytes
    data = data.removeprefix(_BYTE_ORDER_MARK)
    declaration = _DECLARATION.match(data)
    found = _ENCODING.search(declaration[0]) if declaration else None
    declared = found[1].decode("ascii", "replace").lower() if found else "utf-8"
    if declared in _LIKE_UTF_8:
        return data.lstrip() if _is(data, "utf-8") else None
    charset = _CHARSET.search(content_type)
    if not re.fullmatch(_NAMES, declared) or (charset and charset[1].lower() != declared):
        return None
    # Every letter of GB 2312 is the same in GB 18030, and people write the others, too.
    encoding = "gb18030" if declared == "gb2312" else declared
    if declaration is None or not _is(data, encoding):
        return None
    return data[declaration.end() :].decode(encoding).encode("utf-8").lstrip()


def _is(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
