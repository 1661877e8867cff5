"""Whether the place to which an address moved for good is one to write down. Pure."""

import re
from urllib.parse import urlsplit

from newsletter.text import canonical_url, host_of, is_web_url

_SIGN_IN = re.compile(
    r"(?:^|[/._-])(?:log-?in|sign-?in|log-?on|sso|saml2?|oauth2?|auth(?:enticate|orize)?|account|session|consent"
    r"|captcha|challenge|wp-login)(?:[/._?-]|$)",
    re.IGNORECASE,
)
_FRONT = re.compile(r"/?(?:(?:index|default|home)(?:\.(?:x?html?|php|aspx?|jsp))?)?/?", re.IGNORECASE)
_PARKED = re.compile(
    r"(?:^|\.)(?:sedo(?:parking)?|parkingcrew|bodis|dan|afternic|hugedomains|parklogic|above|sav|undeveloped|uniregistry"
    r"|domainmarket|buydomains|parked-content\.godaddy|domaincontrol|dsparking|skenzo)\.(?:com|net|org)$",
    re.IGNORECASE,
)


def is_new_address(old: str, new: str) -> bool:
    """Whether ``new`` may stand in place of ``old``: not a sign-in page, a parked domain, or somebody's front page."""
    if not is_web_url(new) or len(new) > 1000 or canonical_url(old) == canonical_url(new):
        return bool(is_web_url(new) and old != new and urlsplit(old).scheme != urlsplit(new).scheme)
    parts = urlsplit(new)
    if leads_to_sign_in(new) or is_parking_host(host_of(new)):
        return False
    is_front = bool(_FRONT.fullmatch(parts.path)) and not parts.query
    return not is_front or bool(_FRONT.fullmatch(urlsplit(old).path))


def leads_to_sign_in(url: str) -> bool:
    """Whether the address looks like a page on which people sign in."""
    return bool(_SIGN_IN.search(urlsplit(url).path))


def is_parking_host(host: str) -> bool:
    """Whether domains that are for sale lie at that host."""
    return bool(_PARKED.search(host))
