"""What crosses between processes arrives as it was."""

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime

import pytest

from newsletter.model.item import Item, Person, Thread

AT = datetime(2011, 3, 4, 12, tzinfo=UTC)
ITEM = Item(
    "id", "list", "mailing list", "mail", ("a@b",), "Title",
    author=Person("Ann", "ann@b.example"), published_at=AT, thread=Thread("a@b", 3, 2, AT), warnings=("w",),
)  # fmt: skip


@pytest.mark.parametrize("value", [ITEM, ITEM.author, ITEM.thread, replace(ITEM, author=None)])
@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_a_value_arrives_as_it_was(value: object, protocol: int) -> None:
    arrived = pickle.loads(pickle.dumps(value, protocol=protocol))
    assert arrived == value
    assert hash(arrived) == hash(value)
    assert type(arrived) is type(value)


def test_a_copy_is_equal_and_stays_frozen() -> None:
    copied = copy.deepcopy(ITEM)
    assert copied == ITEM
    assert copied is not ITEM
    with pytest.raises(FrozenInstanceError):
        copied.title = "other"  # type: ignore[misc]


def test_a_value_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        Person("Ann").__setstate__(("Ann", "", "more"))  # type: ignore[attr-defined]
