from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal

import pytest

from newsletter.config.kind_pages import INDEX, file_name, kind_page, kind_pages, write_pages
from newsletter.fetch import kinds
from newsletter.fetch.http import Reply
from newsletter.fetch.kinds import KindInfo, kind
from newsletter.model.rule import Amount


@pytest.fixture
def shelf() -> Iterator[KindInfo]:
    kinds.find_kinds()
    before = dict(kinds._REGISTERED)

    @kind("jam jar", reader="top shelf", can_read=False)
    @dataclass(frozen=True)
    class Shelf:
        """Jam on a shelf. It is eaten.

        ``keeps_for`` and ``url``; ``keeps for`` and ``something_else``. Written so::

            - name: Jam
              url: https://jam.example/

        - one
        - two ``lid``

        Not read: soup.
        """

        url: str | None = None
        file: str | None = None
        folder: str | None = None
        lid: bool = False
        fruit: tuple[str, ...] = ("plum", "pear")
        size: int = 3
        keeps_for: timedelta = timedelta(hours=36)
        opened_for: timedelta | None = timedelta(minutes=90)
        spoons: Amount | None = None
        taste: Literal["sweet", "sour"] = "sweet"
        mood: str = "good"
        take: tuple[str, ...] = field(default_factory=tuple)
        token: str | None = None
        digest_threads_with: str | None = None
        hidden: str = field(default="", init=False)

        choices: ClassVar[dict[str, tuple[str, ...]]] = {"mood": ("good", "bad")}
        take_words: ClassVar[tuple[str, ...]] = ("lids", "jars with N plums")
        address_shape: ClassVar[str] = r"/jam/\d+"

        @classmethod
        def recognises(cls, reply: Reply) -> bool:
            """RSS of jam."""
            return False

    yield kinds._REGISTERED["top shelf"]
    kinds._REGISTERED.clear()
    kinds._REGISTERED.update(before)


def test_a_page_says_what_the_code_says(shelf: KindInfo) -> None:
    page = kind_page(shelf)
    assert file_name(shelf) == "top-shelf.md"
    assert page.startswith("# jam jar: top shelf\n\n**Not readable in this version.**")
    assert "`kind: jam jar`: that this reader" in page
    assert "`keeps for` and `url`; `keeps for` and `something_else`. Written so:\n" in page
    assert "```yaml\n- name: Jam\n  url: https://jam.example/\n```" in page
    assert "\n- one\n- two `lid`\n\nNot read: soup." in page
    for row in (
        "| `url` | an address of the web | none |",
        "| `file` | a file, named from the folder of feeds.yaml on; it lies in that folder | none |",
        "| `folder` | a folder on this machine | none |",
        "| `lid` | `yes` or `no` | `no` |",
        "| `fruit` | one or several: text | `plum`, `pear` |",
        "| `size` | a whole number | `3` |",
        "| `keeps for` | a time such as `6 weeks` | `36 hours` |",
        "| `opened for` | a time such as `6 weeks` | `90 minutes` |",
        "| `spoons` | a number such as `20 or more` | none |",
        "| `taste` | one of `sweet`, `sour` | `sweet` |",
        "| `mood` | one of `good`, `bad` | `good` |",
        "| `take` | one or several of `lids`, `jars with N plums` | none |",
        "| `token` | `from NAME`: read from the environment | none |",
        "| `digest threads with` | a number such as `20 replies or more` | none |",
    ):
        assert row in page.splitlines()
    assert "hidden" not in page
    assert "`file` or `url` is needed." in page
    assert "fits this pattern: `/jam/\\d+`\n- what is at the address is this: RSS of jam." in page


def test_every_kind_of_this_project_has_a_page_and_stands_in_the_index(shelf: KindInfo) -> None:
    pages = kind_pages()
    ours = [info for info in kinds.find_kinds().values() if info.cls is not shelf.cls]
    assert set(pages) == {INDEX, *(file_name(info) for info in ours)}
    for info in ours:
        assert f"]({file_name(info)}) | " in pages[INDEX]
        for name in info.keys:
            assert f"| `{name.replace('_', ' ')}` | " in pages[file_name(info)]


def test_pages_are_written_and_stale_ones_go(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("old")
    write_pages(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == kind_pages()
