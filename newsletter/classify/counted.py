"""What the figures of a period are counted from, sorted once: changes, mails, questions."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from newsletter.model.evidence import Thing
from newsletter.model.item import Item, Review
from newsletter.model.period import Period
from newsletter.model.robots import is_robot
from newsletter.model.unnamed import Unnamed

ANSWERED = ("answered", "solved")
"""Labels of a question that has its answer."""
_IN_A_LOG = re.compile(r"(\d{1,4}) questions? answered")


@dataclass(frozen=True)
class Counted:
    """What is counted: the items known at the end of ``period``, those before it included.

    ``earlier_contributors`` are people (Person.identity) with a change merged before the period;
    None when nothing was known then, so that nobody can be called new. ``past`` holds the values
    of earlier issues, the oldest first. ``labels`` are those that rules of feeds.yaml gave items, by
    id. ``ahead`` are the dates that are still to come; None where no source has dates. ``unnamed``
    are counted like everybody and named nowhere.
    """

    period: Period
    items: Sequence[Item]
    earlier_contributors: AbstractSet[str] | None = None
    past: Mapping[str, Sequence[int]] = field(default_factory=dict)
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ahead: Sequence[Thing] | None = None
    unnamed: Unnamed = Unnamed()

    @cached_property
    def reviews(self) -> list[tuple[Item, Review]]:
        """The changes of people, whatever became of them."""
        return [(item, item.review) for item in self.items if item.review and not is_robot(item.author)]

    @cached_property
    def merged(self) -> list[tuple[Item, Review]]:
        """The changes that people got merged in the period, the earliest first."""
        found = [
            (item, review)
            for item, review in self.reviews
            if review.state == "merged" and review.merged_at is not None and review.merged_at in self.period
        ]
        return sorted(found, key=lambda pair: (pair[1].merged_at, pair[0].id))

    @cached_property
    def put_up(self) -> list[tuple[Item, Review]]:
        """The changes that people put up for review in the period, the earliest first."""
        found = [pair for pair in self.reviews if pair[1].created_at and pair[1].created_at in self.period]
        return sorted(found, key=lambda pair: (pair[1].created_at, pair[0].id))

    @cached_property
    def waiting(self) -> list[tuple[Item, Review]]:
        """The changes that were open when the period ended, the oldest first."""
        found = [
            (item, review)
            for item, review in self.reviews
            if review.state == "open" and (review.created_at is None or review.created_at < self.period.end)
        ]
        return sorted(found, key=lambda pair: (_age(pair[1].created_at), pair[0].id))

    @cached_property
    def mails(self) -> list[Item]:
        """The mails of the period that people wrote; one sent to two lists is one."""
        mails = (item for item in self.items if item.form == "mail" and not is_robot(item.author))
        inside = (item for item in mails if item.published_at and item.published_at in self.period)
        return list({item.native_keys[:1]: item for item in inside}.values())

    @cached_property
    def threads(self) -> Mapping[str, list[Item]]:
        """The mails of the period by thread, each thread's oldest first."""
        found: dict[str, list[Item]] = defaultdict(list)
        for item in sorted(self.mails, key=lambda each: (_age(each.published_at), each.id)):
            found[item.thread.root_id if item.thread else item.id].append(item)
        return found

    @cached_property
    def openings(self) -> Mapping[str, Item]:
        """By thread: the mail that opened it, if it was read."""
        found: dict[str, Item] = {}
        for item in self.items:
            if item.form == "mail" and item.thread and not item.in_reply_to:
                found.setdefault(item.thread.root_id, item)
        return found

    @cached_property
    def answered(self) -> list[tuple[Item, int]]:
        """What holds questions that were answered, and how many: a question that moved in the period, a chat of it."""
        found = []
        for item in self.items:
            if self._moved_at(item) in self.period and (count := answers_in(item)):
                found.append((item, count))
        return found

    @cached_property
    def has_questions(self) -> bool:
        """Whether any source holds questions."""
        return any(item.kind == "questions" or answers_in(item) for item in self.items)

    @cached_property
    def has_reviews(self) -> bool:
        """Whether there is any source of changes at all; without one, no figure about them is shown."""
        return any(item.review for item in self.items)

    @cached_property
    def has_mails(self) -> bool:
        """Whether there is any mailing list at all."""
        return any(item.form == "mail" for item in self.items)

    def labelled(self, *words: str) -> list[Item]:
        """The items that a rule or their source labelled with one of ``words``."""
        wanted = frozenset(words)
        return [
            item
            for item in self.items
            if not wanted.isdisjoint(label.casefold() for label in (*item.labels, *self.labels.get(item.id, ())))
        ]

    def _moved_at(self, item: Item) -> datetime:
        """When a question last moved, or a chat took place."""
        moved = item.updated_at if item.kind == "questions" or item.form == "post" else item.published_at
        return moved or item.published_at or _age(None)


def answers_in(item: Item) -> int:
    """How many answered questions ``item`` holds: itself, or those of a chat's log, whose label says so."""
    is_question = item.form == "post" and item.thread is not None and item.thread.reply_count > 0
    if is_question and any(label in ANSWERED for label in item.labels):
        return 1
    return sum(int(found[1]) for label in item.labels if (found := _IN_A_LOG.fullmatch(label)))


def _age(at: datetime | None) -> datetime:
    """Sorts times; what has none comes last."""
    return at or datetime.max.replace(tzinfo=UTC)
