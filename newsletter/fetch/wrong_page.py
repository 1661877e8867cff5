"""Pages that stand where something else was: a sign-in page, a domain that is for sale. Pure."""

import re
from typing import Literal

from newsletter.fetch.moved import is_parking_host, leads_to_sign_in
from newsletter.text import host_of

Wrong = Literal["sign-in", "parked", ""]

_HEAD = 60_000
_PASSWORD = re.compile(rb"""<input\b[^>]*\btype\s*=\s*["']?password""", re.IGNORECASE)
_CONTENT = re.compile(rb"<(?:article|main)\b", re.IGNORECASE)
_FOR_SALE = re.compile(
    rb"(?:buy|get|purchase|inquire about|make an offer (?:on|for)) this domain"
    rb"|domain(?: name)? (?:[\w.-]+ )?(?:is|may be) (?:for sale|parked)|this domain (?:has expired|is parked)"
    rb"|domain parking|parked free"
    rb"|diese domain (?:steht zum verkauf|kaufen)|sedoparking|parkingcrew|window\.park\b|bodis\.com|hugedomains\.com",
    re.IGNORECASE,
)
_LONGEST_PARKED = 200_000


def wrong_page(page: bytes, url: str) -> Wrong:
    """What the ``page`` that was found at ``url`` is instead of what was looked for; "" when that cannot be told."""
    head = page[:_HEAD]
    if is_parking_host(host_of(url)) or (len(page) < _LONGEST_PARKED and _FOR_SALE.search(head)):
        return "parked" if is_parking_host(host_of(url)) or not _CONTENT.search(head) else ""
    if leads_to_sign_in(url) or (_PASSWORD.search(head) and not _CONTENT.search(head)):
        return "sign-in"
    return ""


def told_of_page(wrong: Wrong, address: str, url: str) -> str:
    """As :func:`told` of an address that is to be read as a page, without parts that are named."""
    if wrong == "parked":
        return told(wrong, address, url)
    return (
        f"{address} leads to a page of {host_of(url)} where people sign in; what is behind it cannot be read. "
        'Ask its owner for an address that is open. If this page itself is meant, name its parts: watch: "main h2".'
    )


def told(wrong: Wrong, address: str, url: str) -> str:
    """What to tell an editor about ``address``, which led to such a page at ``url``."""
    host = host_of(url)
    if wrong == "parked":
        return (
            f"{address} shows a page that offers the domain {host_of(address)} for sale: its owner let it go. "
            "Find the new address, or take the source out."
        )
    return (
        f"{address} leads to a page of {host} where people sign in. "
        "Ask its owner for an address that is open, or give the source a token if its kind takes one."
    )
