"""What a public form refuses: the marks of what programs send. Pure, and sparing: a person reads the rest."""

import re

_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_MARKUP = re.compile(r"\[(?:url|link)[=\]]|<a\s+href|\[/url\]", re.IGNORECASE)
_SOLD = re.compile(
    r"\b(?:casino|viagra|cialis|payday loans?|backlinks?|guest post(?:ing)? service|seo (?:service|expert|agency)"
    r"|escorts?|cheap (?:essays?|pills)|crypto(?:currency)? (?:recovery|investment)|forex signals?|onlyfans"
    r"|bet(?:ting)? bonus|replica watches|buy (?:followers|likes|traffic))\b",
    re.IGNORECASE,
)
_MOST_LINKS = 4
_LONGEST_WORD = 120


def why_refused(title: str, text: str, url: str = "") -> str:
    """Why the form does not take this, "" when it does."""
    said = f"{title}\n{text}"
    if _MARKUP.search(said):
        return "it holds markup; links are written as they are"
    if len(_LINK.findall(said)) > _MOST_LINKS:
        return f"it holds more than {_MOST_LINKS} links"
    sold = _SOLD.search(f"{said}\n{url}")
    if sold:
        return f"it reads like an advertisement (“{sold.group()}”)"
    if any(len(word) > _LONGEST_WORD and "://" not in word for word in said.split()):
        return "it holds a word of more than 120 letters"
    letters = [each for each in title if each.isalpha()]
    if len(letters) > 20 and sum(each.isupper() for each in letters) > 0.9 * len(letters):
        return "its title is all capitals"
    return ""
