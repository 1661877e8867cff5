from pathlib import Path

import pytest

from newsletter.errors import BadStatus
from newsletter.fetch.http import Document, Reply, body_hash
from newsletter.fetch.overheard import Overheard
from newsletter.model.aside import Aside
from tests.fakes import FakeHttp

ONE, TWO = "https://a.example/1", "https://a.example/2"


async def test_it_is_the_last_document_that_is_set_aside(tmp_path: Path) -> None:
    heard = Overheard(FakeHttp({ONE: Reply(ONE, 200, b"one", {"Content-Type": "text/xml; charset=x"}), TWO: b"two"}))
    assert heard.aside("why") is None
    await heard.get(ONE)
    assert heard.aside("why") == Aside(ONE, "why", b"one", "text/xml; charset=x")
    reply = await heard.download(TWO)
    assert heard.aside("why") == Aside(TWO, "why", b"two")
    assert reply.path is not None
    reply.path.unlink()
    assert heard.aside("why") == Aside(TWO, "why", b"")


async def test_a_question_without_a_document_leaves_none() -> None:
    heard = Overheard(FakeHttp({ONE: b"one"}))
    await heard.get(ONE)
    with pytest.raises(BadStatus):
        await heard.get(TWO)
    assert heard.aside("why") is None
    known = Document(body_hash=body_hash(b"one"))
    heard = Overheard(FakeHttp({ONE: Reply(ONE, 304, is_unchanged=True, document=known)}))
    await heard.get(ONE, known=known)
    assert heard.aside("why") is None


async def test_where_it_stood_is_remembered_when_its_address_led_on() -> None:
    moved = Reply("https://b.example/1", 200, b"one")
    heard = Overheard(FakeHttp({ONE: moved}))
    await heard.get(ONE)
    assert heard.aside("why") == Aside(ONE, "why", b"one", final_url="https://b.example/1")
