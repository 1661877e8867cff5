"""How many entries of one source, and of one company, an issue may have."""

from collections import Counter
from collections.abc import Mapping

from newsletter.edit.bursts import Burst
from newsletter.model.issue import SectionSettings
from newsletter.model.item import Item
from newsletter.model.source import Source
from newsletter.text import host_of


class Brakes:
    """Counts the entries that are in, and says why one more would be too many."""

    def __init__(self, sources: Mapping[str, Source], bursts: Mapping[str, Burst] | None = None) -> None:
        self._sources = sources
        self._bursts = bursts or {}
        self._vendors = Vendors(sources)
        self._of_source: Counter[str] = Counter()
        self._of_vendor: Counter[str] = Counter()
        self._in_section: Counter[tuple[str, str]] = Counter()

    def copy(self) -> "Brakes":
        """The same counts, to try something out."""
        made = Brakes.__new__(Brakes)
        made._sources, made._vendors, made._bursts = self._sources, self._vendors, self._bursts
        made._of_source, made._of_vendor = self._of_source.copy(), self._of_vendor.copy()
        made._in_section = self._in_section.copy()
        return made

    def count(self, lead: Item, settings: SectionSettings) -> None:
        """One more is in."""
        self._of_source[lead.source_id] += 1
        vendor = self._vendors.of(lead)
        if vendor:
            self._of_vendor[vendor] += 1
            self._in_section[settings.id, vendor] += 1

    def full(self, lead: Item) -> str | None:
        """Why no entry of the item's source or company may come any more, whatever the section; None when one may."""
        source = self._sources.get(lead.source_id)
        burst = self._bursts.get(source.id) if source else None
        if source and burst and burst.holds(lead.id, self._of_source[source.id]):
            return burst.reason(source.name)
        limit = source.at_most_per_week if source else None
        if source and limit is not None and self._of_source[source.id] >= limit:
            return f"more than {limit} of {source.name} this week"
        vendor = self._vendors.of(lead)
        limit = self._vendors.limit(vendor)
        if vendor and limit is not None and self._of_vendor[vendor] >= limit:
            return f"more than {limit} of the company {vendor} this week"
        return None

    def refusal(self, lead: Item, settings: SectionSettings) -> str | None:
        """Why an entry may not come into this section, None when it may."""
        vendor, limit = self._vendors.of(lead), settings.at_most_per_vendor
        if vendor and limit is not None and self._in_section[settings.id, vendor] >= limit:
            return f"more than {limit} of the company {vendor} in {settings.title}"
        return self.full(lead)


class Vendors:
    """Which company an item speaks for: that of its source, or the one on whose hosts it lies or its author writes."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._by_host: dict[str, str] = {}
        self._limits: dict[str, int | None] = {}
        for source in sources.values():
            if source.vendor:
                self._limits[source.vendor] = _smaller(
                    source.at_most_per_vendor, self._limits.get(source.vendor, source.at_most_per_vendor)
                )
                self._by_host.update(
                    (host.casefold().removeprefix("www."), source.vendor) for host in source.vendor_hosts
                )

    def of(self, item: Item) -> str | None:
        """The company's name, None for none."""
        source = self._sources.get(item.source_id)
        if source and source.vendor:
            return source.vendor
        if not self._by_host:
            return None
        address = item.author.key.partition("@")[2] if item.author else ""
        return self._at(host_of(item.url or "")) or self._at(address)

    def limit(self, vendor: str | None) -> int | None:
        """How many entries the company may have in one issue."""
        return self._limits.get(vendor or "")

    def _at(self, host: str) -> str | None:
        """The company of a host, or of the host that it lies below."""
        parts = host.casefold().split(".")
        tails = (".".join(parts[at:]) for at in range(len(parts)))
        return next((self._by_host[tail] for tail in tails if tail in self._by_host), None)


def _smaller(first: int | None, second: int | None) -> int | None:
    known = [each for each in (first, second) if each is not None]
    return min(known, default=None)
