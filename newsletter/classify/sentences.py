"""Text as paragraphs a person wrote, and paragraphs as sentences."""

import re
from collections.abc import Iterator

_END = re.compile(
    r"[.!?…]+[\"”’»)\]]*\s+(?=[\"“‘«(\[]?[^\s\Wa-zß-öø-ÿ])|[。！？]+[」』）]?|[؟۔।॥]+\s+|"
    # A space that was lost between two sentences: "in Kerala.The company".
    r"(?<=[a-z]{3})[.!?](?=(?:The|This|These|It|In|We|You|He|She|They|If|For|But|And|With|However|When|As|At|"
    r"On)\s[a-z])"
)
_NEVER_END = re.compile(
    r"(?:^|[\s(])(?:e\.?g|i\.?e|mr|mrs|ms|dr|prof|st|vs|cf|approx|resp|no|nr|fig|sec|ch|vol|ver|v|rev|gen|sen|rep|gov|"
    r"lt|col|capt|jr|sr|inc\.,|dept|est|incl|esp|etc\.,|aka|a\.k\.a|w\.r\.t|wrt|al|bzw|ca|evtl|ggf|vgl|usw\.,|"
    r"z\.\s?b|d\.\s?h|"
    r"u\.\s?a|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|(?:[A-ZÀ-Þ]\.)*[A-ZÀ-Þ])\.$",
    re.IGNORECASE,
)
_INSIDE = 300
"""A bracket that opens in a sentence and is closed within so many letters holds whole sentences of its own."""
_QUOTE = re.compile(r"^\s*(?:>|\|\s)")
_SAID = re.compile(
    r"^(?:on|am|le|el|op|den)\b.{0,200}\b(?:wrote|writes|schrieb|a écrit|escribió|schreef|skrev)\b.{0,60}:?\s*$|"
    r"^.{0,120}\b(?:wrote|writes|schrieb|a écrit|said|says):\s*$|"
    r"^[-_=*\s\[(]{0,40}(?:begin(?:ning)? (?:of )?)?(?:fwd?:|(?:original[ -]message|"
    r"forwarded (?:message|mail|e-?mail|by|from)|"
    r"weitergeleitete nachricht|ursprüngliche nachricht|message (?:transféré|d.origine)|mensaje reenviado)\b)"
    r".{0,120}$",
    re.IGNORECASE,
)
_CODE = re.compile(r"^(?:\t| {4,})\S|^(?:```|~~~|[$#] \w|>>> |\+\+\+|@@ |diff )|(?:[{}]|[=(].*;)\s*$|^\S*[=/\\|]\S*$")
_LIST = re.compile(r"^\s*(?:[-*•·–+]|\(?\d{1,2}[.)]|[a-z]\))\s+\S|^\s+\d{1,2}\s+[A-Z]")
_APART = re.compile(
    # Headings of Markdown, and lines that stand under a change or over a forwarded mail.
    r"^#{1,6}\s|^(?:[A-Z][a-z]+(?:-[A-Za-z]+)+|Fixes|Closes|Bug|Issue|Cc|From|To|Sent|Subject|Date|Reply-To|"
    r"Implements|Topic|"
    r"URL|Link|Version|Status|Priority|Severity|Component|Reporter|Assignee|Blueprint|See also|GitHub|PR)\s?: ?\S|"
    r"^\[!\[|^!\[|^<!--|^\(cherry picked from|^\.\. \w"
)
_RULE = re.compile(r"^[\s\-_=*~#+.—–]{3,}$")
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day)|hallo|howdy|salut|bonjour|hola)\b"
    r"[^.!?,\n]{0,30}?[,!:.–—-]*|(?:folks|all|everyone|everybody|team|friends)\b[^.!?\n,]{0,16}[,!:])$",
    re.IGNORECASE,
)
_FAREWELL = re.compile(
    r"^(?:cheers|best(?: regards| wishes)?|kind regards|regards|thanks(?: again| a lot)?|thank you|many thanks|yours|"
    r"sincerely|greetings|see you|take care|have fun|mfg|bye|ciao|--)[\s,.!–—-]*(?:\w+[,.!]?)?$",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^\s*(?:```|~~~)")


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of running prose: no quotes, code, lists, greetings, signatures or rulers."""
    lines: list[str] = []
    in_code = in_list = False
    for line in text.split("\n"):
        if line.rstrip() == "--":
            break
        if _FENCE.match(line):
            in_code = not in_code
        in_list = bool(line.strip()) and (in_list or _LIST.match(line) is not None)
        if in_code or in_list or _is_apart(line):
            yield from _joined(lines)
            lines = []
        else:
            lines.append(line.strip())
    yield from _joined(lines)


def _is_apart(line: str) -> bool:
    stripped = line.strip()
    if not stripped or _QUOTE.match(line) or _RULE.match(stripped) or _CODE.search(line):
        return True
    return any(pattern.match(stripped) for pattern in (_SAID, _GREETING, _FAREWELL, _APART))


def _joined(lines: list[str]) -> Iterator[str]:
    if lines:
        yield " ".join(" ".join(lines).split())


def sentences(paragraph: str) -> Iterator[str]:
    """The sentences of ``paragraph``, one by one; "e.g.", "Mr." and versions such as 2011.1.1 end none.

    What stands in brackets is not parted from its brackets.
    """
    start = 0
    for match in _END.finditer(paragraph):
        head = paragraph[start : match.end()].rstrip()
        if match[0].startswith(".") and _NEVER_END.search(head[-24:]):
            continue
        if head.count("(") > head.count(")") and ")" in paragraph[match.end() : match.end() + _INSIDE]:
            continue
        yield head
        start = match.end()
    if rest := paragraph[start:].strip():
        yield rest
