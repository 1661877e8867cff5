import pytest

from newsletter.fetch.kinds import find_kinds

ANNOUNCED = {"github", "gitlab", "launchpad", "calendar", "chat log"}


@pytest.mark.parametrize("reader", sorted(ANNOUNCED))
def test_a_kind_that_comes_later_has_keys_and_no_reader(reader: str) -> None:
    info = find_kinds()[reader]
    assert info.word == reader
    assert not info.can_read
    assert info.keys
    assert not hasattr(info.cls, "fetch")
    assert set(getattr(info.cls, "one_of", ())) <= set(info.keys)
