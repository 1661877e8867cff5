"""Where readers can count for themselves: a service's list of the same things, else the issue's page."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from newsletter.classify.counted import Counted
from newsletter.classify.figures import Figure
from newsletter.errors import FetchError
from newsletter.fetch.find import reader_by_shape
from newsletter.fetch.kinds import KindInfo, find_kinds
from newsletter.model.evidence import Asked, ProofAsked
from newsletter.model.item import Item, Person
from newsletter.model.robots import is_robot
from newsletter.model.source import Source
from newsletter.model.story import Place
from newsletter.text import slug

PAGE = "figures.html"
"""The page beside each issue that lists what was counted."""


@runtime_checkable
class Proves(Protocol):
    """A kind whose service can show what was counted."""

    def proof_url(self, asked: ProofAsked) -> str | None:
        """The address of exactly what is asked for, None when the service has no such page."""


class Proofs:
    """The addresses that prove the figures of one issue; ``page`` is that of its own list, None without a site."""

    def __init__(self, counted: Counted, left_out: Iterable[Item], sources: Mapping[str, Source], page: str | None):
        self._counted, self._sources, self._page = counted, sources, page
        self._places: dict[Asked | None, Counter[tuple[str, str]]] = {}
        self._left_out = [*left_out, *(item for item in counted.items if is_robot(item.author))]

    def queries(self, asked: Asked | None, projects: Sequence[str] = ()) -> tuple[Place, ...]:
        """The lists of services for the things of the period, one for each source that has some."""
        if asked is None:
            return ()
        found = []
        for source_id in self._sources_of(asked, projects):
            source = self._sources.get(source_id)
            prover = _prover(source) if source else None
            if source and prover and (url := prover.proof_url(self._question(asked, source_id, projects))):
                found.append(Place(source.name, url))
        return tuple(found)

    def of(self, name: str, figure: Figure) -> str | None:
        """The proof of a figure: a record's thing itself, a service's list that is whole, else the page."""
        if figure.is_record and len(figure.things) == 1:
            return figure.url or self.on_page(name)
        queries = self.queries(figure.asked)
        is_whole = len(queries) == 1 and len(self._sources_of(figure.asked, ())) == 1
        return queries[0].url if is_whole else self.on_page(name)

    def of_project(self, project: str, full_names: Sequence[str]) -> str | None:
        """The proof of a project's merged changes."""
        queries = self.queries("merged", full_names) if full_names else ()
        is_whole = len(queries) == 1 and len(self._sources_of("merged", full_names)) == 1
        return queries[0].url if is_whole else self.on_page(f"project {project}")

    def on_page(self, name: str) -> str | None:
        """The place on the issue's own page."""
        return f"{self._page}#{slug(name)}" if self._page else None

    def _sources_of(self, asked: Asked | None, projects: Sequence[str]) -> list[str]:
        """The sources of the things that are asked for, those with most first."""
        if asked not in self._places:
            pairs = (
                (item.source_id, item.review.project if item.review else "") for item in _things(self._counted, asked)
            )
            self._places[asked] = Counter(pairs)
        found: Counter[str] = Counter()
        for (source_id, project), count in self._places[asked].items():
            if not projects or project in projects:
                found[source_id] += count
        return [source_id for source_id, _ in found.most_common()]

    def _question(self, asked: Asked, source_id: str, projects: Sequence[str]) -> ProofAsked:
        wanted = "mail" if asked == "mails" else "review"
        robots: dict[str, Person] = {}
        for item in self._left_out:
            if item.author and item.form == wanted and item.source_id == source_id and self._is_asked(item, asked):
                robots.setdefault(item.author.identity, item.author)
        people = tuple(robots[name] for name in sorted(robots))
        return ProofAsked(asked, self._counted.period, tuple(projects), people)

    def _is_asked(self, item: Item, asked: Asked) -> bool:
        at = item.published_at
        if item.review:
            at = item.review.merged_at if asked == "merged" else item.review.created_at
        return at is not None and at in self._counted.period


def _things(counted: Counted, asked: Asked | None) -> list[Item]:
    if asked == "mails":
        return counted.mails
    return [item for item, _ in (counted.merged if asked == "merged" else counted.put_up)] if asked else []


def _prover(source: Source) -> Proves | None:
    """The kind that reads the source, if it can prove anything."""
    named = {
        info.reader: info
        for info in find_kinds().values()
        if not source.kind or source.kind in (info.word, info.reader)
    }
    reader = next(iter(named)) if len(named) == 1 else reader_by_shape(source.address, named)
    info: KindInfo | None = named.get(reader or "")
    if info is None or not set(source.settings) <= set(info.keys):
        return None
    made = info.cls(**source.settings)
    return _Careful(made) if isinstance(made, Proves) else None


class _Careful:
    """A kind whose settings name nothing proves nothing."""

    def __init__(self, kind: Proves) -> None:
        self._kind = kind

    def proof_url(self, asked: ProofAsked) -> str | None:
        """What the kind says."""
        try:
            return self._kind.proof_url(asked)
        except FetchError:
            return None
