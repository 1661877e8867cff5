"""What stands below the words of a mail: signatures, footers of lists, adverts, notes of the archive."""

from collections.abc import Sequence

from newsletter.fetch.mail_words import NOTE_FACT, OF_LIST, PHONE, RULE, SCRUBBED

WRITTEN, QUOTED, ADDED = range(3)
"""What a line of a mail may be."""

LONGEST_SEPARATOR = 5

_SIGNATURES = frozenset(("-- ", "--", "- -- ", "- --", "--\u00a0"))
_LONGEST_SIGNATURE = 30
_LONGEST_BARE_SIGNATURE = 12
_LONGEST_FOOTER = 10
_LONGEST_ADVERT = 5
_LONGEST_PGP = 200
_PGP = ("-----BEGIN PGP SIGNED", "-----BEGIN PGP SIGNATURE")
_NEXT_PART = "-------------- next part --"


def mark_added(lines: Sequence[str], marks: bytearray, at: int) -> None:
    """Mark what begins on line ``at``, which begins with a dash or an underscore."""
    line = lines[at]
    if len(line) <= LONGEST_SEPARATOR:
        if line in _SIGNATURES:
            _mark_signature(lines, marks, at, _LONGEST_SIGNATURE if line[-1] == " " else _LONGEST_BARE_SIGNATURE)
    elif line.startswith(_PGP):
        _mark_pgp(lines, marks, at)
    elif line.startswith(_NEXT_PART):
        is_note = SCRUBBED.match(" ".join(lines[at + 1 : at + 3]))
        mark(marks, at, _after_note(lines, at + 2) if is_note else at + 1, ADDED)
    elif RULE.fullmatch(line):
        _mark_footer(lines, marks, at)


def mark_phone(lines: Sequence[str], marks: bytearray) -> None:
    """Mark the last line when a telephone wrote it."""
    for at in range(len(lines) - 1, -1, -1):
        if not marks[at] and lines[at].strip():
            if PHONE.fullmatch(lines[at].strip()[:100]):
                marks[at] = ADDED
            return


def mark(marks: bytearray, begin: int, end: int, value: int) -> None:
    """Mark the lines that have no mark yet."""
    for at in range(begin, min(end, len(marks))):
        if not marks[at]:
            marks[at] = value


def until_gap(lines: Sequence[str], at: int) -> int:
    """The next empty line, or the end."""
    return next((end for end in range(at, len(lines)) if not lines[end].strip()), len(lines))


def _mark_signature(lines: Sequence[str], marks: bytearray, at: int, longest: int) -> None:
    end = _end_within(lines, marks, at + 1, longest)
    if end is not None:
        mark(marks, at, end, ADDED)


def _mark_footer(lines: Sequence[str], marks: bytearray, at: int) -> None:
    """What a list or a free mailbox writes below a line of its own."""
    if any(OF_LIST.search(below) for below in lines[at + 1 : at + 5]):
        mark(marks, at, min(until_gap(lines, at), at + _LONGEST_FOOTER), ADDED)
    elif lines[at].startswith("_") and (end := _end_within(lines, marks, at + 1, _LONGEST_ADVERT)) is not None:
        mark(marks, at, end, ADDED)


def _mark_pgp(lines: Sequence[str], marks: bytearray, at: int) -> None:
    if "SIGNED" in lines[at]:
        end = until_gap(lines, at)
    else:
        below = range(at, min(at + _LONGEST_PGP, len(lines)))
        end = next((end for end in below if lines[end].startswith("-----END PGP")), at) + 1
    mark(marks, at, end, ADDED)


def _end_within(lines: Sequence[str], marks: bytearray, at: int, longest: int) -> int | None:
    """The next line with a mark, or the end; None when more than ``longest`` lines stand before it."""
    said = 0
    for end in range(at, len(lines)):
        if marks[end]:
            return end
        said += bool(lines[end].strip())
        if said > longest:
            return None
    return len(lines)


def _after_note(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and NOTE_FACT.match(lines[at]):
        at += 1
    return at
