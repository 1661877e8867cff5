"""CSS selectors as an editor writes them: a list taken apart, and which of them cannot be read."""


def split_selectors(watch: str) -> list[str]:
    """The selectors of a list, apart; commas in brackets and quotes do not count."""
    parts, depth, quote = [""], 0, ""
    for letter in watch:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        else:
            depth += (letter in "([") - (letter in ")]")
        if letter == "," and not quote and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [each.strip() for each in parts if each.strip()]


def broken_selectors(watch: str) -> list[str]:
    """Those selectors of ``watch`` that nothing can be looked for with."""
    # Who watches nothing needs no reader of markup.
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    page, broken = LexborHTMLParser("<p></p>"), []
    for each in split_selectors(watch):
        try:
            page.css(each)
        except (SelectolaxError, ValueError):
            broken.append(each)
    return broken
