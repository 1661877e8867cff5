"""The keys of "delivery" about a service that sends in our place: where it is, who asks, and who gets what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from newsletter.config.environment import from_environment, secret
from newsletter.config.nodes import Block, Listing, Text
from newsletter.config.parts import Part
from newsletter.config.problems import Report, shown
from newsletter.config.values import Reader, Wrong, one_of, read_text, web_address
from newsletter.model.campaign import Segment
from newsletter.model.subscriber import Choice, Rhythm

ServiceName = Literal["listmonk", "buttondown", "mailchimp"]
SERVICES: tuple[ServiceName, ...] = get_args(ServiceName)
CAMPAIGN_KEYS = ("address", "api user", "api key", "audience", "lists", "as")
LIST_KEYS = ("list", "sections", "rhythm")
AS = ("scheduled", "draft")
_KEY_NAMES = {"listmonk": "LISTMONK_KEY", "buttondown": "BUTTONDOWN_KEY", "mailchimp": "MAILCHIMP_KEY"}


@dataclass(frozen=True, slots=True)
class CampaignSettings:
    """Where the service is and who gets what there; ``is_draft``: a person sends it there."""

    service: ServiceName
    key: str = field(default="", repr=False)
    address: str | None = None
    user: str | None = None
    audience: str | None = None
    segments: tuple[Segment, ...] = (Segment(),)
    is_draft: bool = False


def read_campaigns(part: Part, by: str, environ: Mapping[str, str], *, section: Reader[str]) -> CampaignSettings | None:
    """What ``part``, the part "delivery", says about the service named ``by``; None when that is none."""
    if by not in SERVICES:
        for key in CAMPAIGN_KEYS:
            if key in part:
                part.tell(key, f'"{key}:" is for handing over. Write "by: listmonk", "buttondown" or "mailchimp".')
        return None
    service: ServiceName = by
    _tell_gaps(part, service)
    return CampaignSettings(
        service,
        key=part.value("api key", secret("key", _KEY_NAMES[service], environ), ""),
        address=part.optional("address", _address),
        user=part.optional("api user", from_environment(environ)),
        audience=part.text("audience"),
        segments=_segments(part, _list_reader(service), section),
        is_draft=part.value("as", one_of(*AS), "scheduled") == "draft",
    )


def _tell_gaps(part: Part, service: ServiceName) -> None:
    name = _KEY_NAMES[service]
    needed = {"api key": f'an API key. Set {name} and write "api key: from {name}"'}
    if service == "listmonk":
        needed = {
            "address": 'to know where it is. Write "address: https://lists.example.org"',
            "api user": 'an API user, made in listmonk under Admin, Users. Write "api user:" and its name',
            **needed,
            "lists": 'to know to whom. Write "lists:" and the number of a list in listmonk',
        }
    if service == "mailchimp":
        needed["audience"] = 'an audience. Write "audience:" and its id, from the settings of the audience there'
    for key, what in needed.items():
        if key not in part:
            part.tell("by", f'"by: {service}" needs {what}.')
    for key, owner in (("audience", "mailchimp"), ("api user", "listmonk")):
        if key in part and service != owner:
            part.tell(key, f'"{key}:" is for {owner} alone. Remove the line.')


def _address(key: str, text: str) -> str | Wrong:
    """An address to which a key may be sent: encrypted, or on this machine."""
    found = web_address(key, text)
    if isinstance(found, Wrong) or found.startswith("https://"):
        return found
    host = urlsplit(found).hostname or ""
    if host == "localhost" or _is_loopback(host):
        return found
    return Wrong(f'A key would be sent to "{shown(text)}" for everybody to read. Write an address with https://.')


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _list_reader(service: ServiceName) -> Reader[str]:
    """What a list is called there: a number, but at Buttondown the name of a tag."""
    where = {"listmonk": "a list in listmonk", "mailchimp": "a segment or a tag at Mailchimp"}

    def read(key: str, text: str) -> str | Wrong:
        if service == "buttondown":
            return read_text(key, text)
        if text.isascii() and text.isdigit() and 0 < int(text) < 2**53:
            return str(int(text))
        return Wrong(f'{key} must be the number of {where[service]}, not "{shown(text)}".')

    return read


def _segments(part: Part, a_list: Reader[str], section: Reader[str]) -> tuple[Segment, ...]:
    """Who gets what: lists with the same wishes together, in the order of the file."""
    node = part.node("lists")
    items = node.items if isinstance(node, Listing) else [] if node is None else [node]
    found: dict[Choice, list[str]] = {}
    for item in items:
        if isinstance(item, Text):
            name = a_list("lists", item.value.strip())
            if isinstance(name, Wrong):
                part.report.tell(item.line, name.text)
            else:
                found.setdefault(Choice(), []).append(name)
        elif isinstance(item, Block):
            _read_item(item, part.report, a_list, section, found)
        else:
            part.report.tell(item.line, 'Each of "lists:" is a list, or lines that begin with "list:".')
    return tuple(Segment(tuple(dict.fromkeys(lists)), choice) for choice, lists in found.items()) or (Segment(),)


def _read_item(
    item: Block, report: Report, a_list: Reader[str], section: Reader[str], found: dict[Choice, list[str]]
) -> None:
    inner = Part(item, report, what='one of "lists"', keys=LIST_KEYS)
    name = inner.optional("list", a_list)
    if "list" not in inner:
        report.tell(item.line, 'Which list is it? Write "list:" and its number, or at Buttondown the name of a tag.')
    sections = tuple(dict.fromkeys(inner.many("sections", section))) or None
    rhythm = inner.value("rhythm", one_of(*get_args(Rhythm)), "weekly")
    if name is not None:
        found.setdefault(Choice(cast(Rhythm, rhythm), sections), []).append(name)
