"""Forms full of attacks, sent as a browser sends them: each answer is a page to look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from newsletter.pipeline.review import act
from tests.web.bad_forms import MEGABYTE
from tests.web.every_form import FORMS, Form, filled_in
from tests.web.everything import Everything, Said

Fields = Mapping[str, str | list[str]]
SIGNED_IN, OLDER, NOBODY = "signed in", "a form of an older session", "nobody"
_LONG = {"text": 19_000, "summary": 1_900, "note": 900}
_ALL = 12_000
_DRAFT = "/desk/issues/2"


@dataclass(frozen=True)
class Sent:
    """A form that somebody sends; ``fields`` lack the token."""

    path: str
    fields: Fields
    who: str = SIGNED_IN
    status: tuple[int, ...] = field(default=())
    """What the answer must be, empty when it may be anything."""


def hostile_posts(found: Everything, words: Mapping[str, str], said: Said) -> Iterator[Sent]:
    """Forms whose fields are attacks, to a home that is ready for ``words``.

    Those that meet another editor's work come first, while it is there.
    """
    yield from _met_by_others(found, words, said)
    yield from _refused(found, words, said)
    for forms in FORMS.values():
        for form in (each for each in forms if not each.first and each.answer != 204):
            yield from _of(form, words, said)


def _met_by_others(found: Everything, words: Mapping[str, str], said: Said) -> Iterator[Sent]:
    """Pages that show both texts: what was typed here, and what somebody else did meanwhile."""
    app, other = found.desk.app, said("Ben Kim", 60) or "Ben"
    gauge, sprint, mill = found.cards["gauge"], found.cards["sprint"], words["mill"]
    date = {"starts_at": "2026-11-14", "place": said("Tallinn", 400), "cost": said("free", 400)}
    act(app, 2, [("event", sprint, date), ("figure note", words["figure"], said("One.", 400))], editor=other)
    act(app, 2, [("title", gauge, said("Ours", 200)), ("summary", gauge, said("Mine.", 9_000))], editor=other)
    typed = {"seen": "0", "title": said("Yours", 200), "text": said("Theirs.", 19_000), "what": "save"}
    yield Sent(f"{_DRAFT}/items/{gauge}/text", typed, status=(409,))
    place = {"place": said("Tallinn", 400), "cost": said("free", 400), "start": "15 November 2026"}
    empty = dict.fromkeys(("end", "zone", "late_cost", "late_from", "seats", "register_by", "link"), "")
    yield Sent(f"{_DRAFT}/items/{sprint}/event", {**empty, **place, "seen": "0", "what": "save"}, status=(409,))
    note = {"figure": words["figure"], "what": "note", "note": said("Two.", 400), "seen": "0"}
    yield Sent(f"{_DRAFT}/figures", note, status=(409,))
    for action in ("title", "summary"):
        wish = {"action": action, "target": gauge, "value": said("Yours.", 12_000), "seen": "0"}
        yield Sent(f"{_DRAFT}/act", wish, status=(409,))
    yield Sent(f"{_DRAFT}/act", {"action": "keep", "target": mill, "seen": "0"}, status=(409,))


def _refused(found: Everything, words: Mapping[str, str], said: Said) -> Iterator[Sent]:
    """What is gone, too large, of an older session, or from somebody who is signed out; and the public form."""
    typed = {"title": said("Ours", 200), "text": said("Mine.", 19_000), "what": "save"}
    yield Sent(f"{_DRAFT}/items/0123456789ab/text", typed, status=(404,))
    event = {name: said(name, 400) for name in ("start", "end", "zone", "place", "cost", "link", "seats")}
    yield Sent(f"{_DRAFT}/items/0123456789ab/event", event, status=(404,))
    yield Sent(f"{_DRAFT}/items/{said('x', 60)}/text".replace("?", "").replace("#", ""), typed)
    yield Sent(f"{_DRAFT}/act", {"value": said("Much.", 2_000) + MEGABYTE * 2}, status=(413,))
    named = {said("name", 60): said("value", _ALL), "do": said("keep", 60)}
    yield Sent(f"{_DRAFT}/act", named, OLDER, (403,))
    yield Sent(f"{_DRAFT}/act", named, NOBODY, (401,))
    kept = {"again": f"{_DRAFT}/act", f"again.{said('name', 60)}": said("value", _ALL)}
    yield Sent(
        "/desk/sign-in", {"name": said("Ines", 190), "password": "x", "next": said("/", 900), **kept}, NOBODY, (400,)
    )
    tip = {"title": said("News", 190), "text": said("More.", 2_900), "url": said("x", 900), "name": said("Pia", 70)}
    for who in (SIGNED_IN, NOBODY):
        yield Sent("/tip", {**tip, "stamp": said("1", 60)}, who, (400,))
        yield Sent("/tip", {**tip, "stamp": words["stamp"]}, who, (400,))
    yield Sent("/tip", {**tip, "url": "", "stamp": words["stamp"]}, NOBODY)


def _of(form: Form, words: Mapping[str, str], said: Said) -> Iterator[Sent]:
    """An example with attacks for what a person writes, with attacks everywhere, and as one of an older session."""
    path, fields = filled_in(form, words)
    texts = {name: said(name, _LONG.get(name, 190)) for name in form.texts if "password" not in name}
    who = SIGNED_IN if form.who else NOBODY
    if texts and form.who:
        yield Sent(path, {**fields, **{name: said(name, _ALL) for name in texts}}, OLDER, (403,))
    if fields:
        yield Sent(path, {name: said(name, 190) for name in fields}, who)
    if texts:
        yield Sent(path, {**fields, **texts}, who)
