"""The parts "newsletter" and "delivery": who sends, where it lives, and how it goes out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from newsletter.config.bounces import BounceSettings, read_bounces
from newsletter.config.campaigns import CampaignSettings, read_campaigns
from newsletter.config.environment import from_environment, secret
from newsletter.config.nodes import Block
from newsletter.config.parts import Part
from newsletter.config.problems import Report, shown
from newsletter.config.signing import DkimSettings, read_dkim
from newsletter.config.surroundings import Surroundings
from newsletter.config.values import (
    Wrong,
    colour,
    language,
    mail_address,
    named_address,
    one_of,
    read_lines,
    read_text,
    web_address,
    whole,
)
from newsletter.config.ways import OutsideWay, delivery_keys, peek_way, read_way, target_reader, way_reader
from newsletter.model.settings import BlurbSettings, NewsletterSettings

NEWSLETTER_KEYS = (
    *("name", "from", "reply to", "site", "language", "postal address", "templates", "accent", "accent dark"),
    "people picked before",
    "leave out names",
    *("blurbs from", "blurb model", "blurb key"),
)
UNCERTAIN = ("hold", "send again")
ALSO_PUBLISH = ("web page", "feed", "calendar file")
ATTACH = ("calendar file",)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How an issue reaches its readers; by "folder" it stays on disk as .eml files and the web page."""

    by: str = "folder"
    server: str | None = None
    port: int = 587
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    at_most_per_minute: int = 120
    also_publish: tuple[str, ...] = ("web page", "feed", "calendar file")
    test_readers: tuple[str, ...] = ()
    attach: tuple[str, ...] = ()
    dkim: DkimSettings = DkimSettings()
    bounces: BounceSettings = BounceSettings()
    connections: int = 4
    campaigns: CampaignSettings | None = None
    """The service that sends issues in our place; notices and tests go by ``server`` then, if there is one."""
    also_write: tuple[str, ...] = ()
    """The targets of other packages that write a file of theirs beside each issue."""
    way: OutsideWay | None = None
    """The way of delivery of another package that ``by`` names."""
    uncertain: str = "hold"
    """What happens to a mail of which nobody knows whether the server took it: "hold" for a person, or "send again"."""


def read_newsletter(
    block: Block, report: Report, *, line: int, environ: Mapping[str, str] = MappingProxyType({})
) -> NewsletterSettings:
    """The part "newsletter" that begins on ``line``; name and from must stand there."""
    part = Part(block, report, what='"newsletter"', keys=NEWSLETTER_KEYS)
    missing = [key for key in ("name", "from") if key not in part]
    if missing:
        written = " and ".join(f'"{key}:"' for key in missing)
        example = " and ".join(
            {"name": '"name: My community weekly"', "from": '"from: Me <me@example.org>"'}[key] for key in missing
        )
        report.tell(line, f'"newsletter" has no {written}. Write {example} under it.')
    return NewsletterSettings(
        name=part.text("name") or "",
        sender=part.value("from", named_address, ""),
        reply_to=part.optional("reply to", mail_address),
        site=part.optional("site", web_address),
        language=part.value("language", language, "en"),
        postal_address=part.optional("postal address", read_lines),
        templates=part.text("templates"),
        accent=part.optional("accent", colour),
        accent_dark=part.optional("accent dark", colour),
        people_picked_before=part.value("people picked before", one_of("count", "do not count"), "count"),
        leave_out_names=part.many("leave out names", _name_to_leave_out),
        blurbs=_blurbs(part, environ),
    )


def _name_to_leave_out(key: str, text: str) -> str | Wrong:
    found = read_text(key, text)
    if isinstance(found, str) and len(found.strip("<>@. ")) < 2:
        return Wrong(f'"{shown(text)}" is no name. Write the name, the address or the account of one person.')
    return found


def _blurbs(part: Part, environ: Mapping[str, str]) -> BlurbSettings | None:
    """Who proposes summaries; nobody unless both the address and the model are named."""
    url, model = part.optional("blurbs from", web_address), part.text("blurb model")
    key = part.optional("blurb key", secret("key", "BLURB_KEY", environ))
    if "blurbs from" in part and "blurb model" not in part:
        part.tell("blurbs from", '"blurbs from:" needs a model. Write "blurb model:" and its name under it.')
    for name in ("blurb model", "blurb key"):
        if name in part and "blurbs from" not in part:
            part.tell(name, f'"{name}:" is of no use without "blurbs from:" and the address of the model\'s server.')
    return BlurbSettings(url, model, key) if url and model else None


def read_delivery(block: Block | None, around: Surroundings) -> DeliverySettings:
    """The part "delivery"; a server without "by" means smtp."""
    if block is None:
        return DeliverySettings()
    environ, how, outside = around.manner.environ, around.manner.how, peek_way(block)
    part = Part(block, around.report, what='"delivery"', keys=delivery_keys(outside))
    default = DeliverySettings()
    by = part.value("by", way_reader(outside, how), "smtp" if "server" in part else "folder")
    if by == "smtp" and "server" not in part:
        part.tell("by", 'Mail by smtp needs a server. Write "server:" and its name, or "by: folder".')
    return DeliverySettings(
        by=by,
        server=part.optional("server", _host),
        port=part.value("port", whole(1, 65535, "587 is usual."), default.port),
        user=part.optional("user", from_environment(environ)),
        password=part.optional("password", secret("password", "SMTP_PASSWORD", environ)),
        at_most_per_minute=part.value("at most per minute", whole(1, 100_000), default.at_most_per_minute),
        also_publish=part.many("also publish", one_of(*ALSO_PUBLISH))
        if "also publish" in part
        else default.also_publish,
        test_readers=part.many("test readers", mail_address),
        attach=part.many("attach", one_of(*ATTACH)),
        dkim=read_dkim(part, environ),
        bounces=read_bounces(part, environ),
        connections=part.value("connections", whole(1, 50, "4 is usual."), default.connections),
        campaigns=read_campaigns(part, by, environ, section=around.section),
        also_write=part.many("also write", target_reader(how)),
        way=read_way(part, outside, around.manner) if by == outside else None,
        uncertain=part.value("uncertain", one_of(*UNCERTAIN), default.uncertain),
    )


def _host(key: str, text: str) -> str | Wrong:
    if _HOST.fullmatch(text) and len(text) <= 253:
        return text
    name, colon, port = text.rpartition(":")
    if colon and port.isdigit() and _HOST.fullmatch(name):
        return Wrong(f'{key} must be a name alone. Write "{name}", and "port: {port}" in a line of its own.')
    return Wrong(f'{key} must be the name of a mail server such as mail.example.org, not "{shown(text)}".')
