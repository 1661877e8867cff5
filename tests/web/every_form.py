"""Every address of the web that takes a form, each with examples; a route that is not named here fails a test.

Words in braces are filled in by :func:`tests.web.form_words.words_of`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from newsletter.web.event_fields import LABELS
from tests.web.desk import PASSWORD
from tests.web.everything import EDITOR

_ISSUE = "/desk/issues/{number:int}"
_ITEM = f"{_ISSUE}/items/{{entry}}"
_DRAFT, _OLD = "/desk/issues/2", "/desk/issues/1"
CHANGES = frozenset({"changes"})
_DECIDES = CHANGES | {"story_decisions"}
_ITEMS = frozenset({"items", "item_keys", "item_revisions", "mail_ids", "sources"})
_EDITORS = frozenset({"editors", "editor_links", "editor_sessions"})
_TOKENS = frozenset({"api_tokens"})
_APPROVES = CHANGES | {
    "approvals",
    "archive_issues",
    "archive_lines",
    "contenders",
    "corrections",
    "deliveries",
    "editions",
    "issue_files",
    "issues",
    "mailings",
    "models",
    "story_decisions",
    "told",
}
_DRAFTS = frozenset({"contenders", "issues", "stories", "story_items", "told", "issue_statistics"})
GUEST, SECOND = "Theo Lind", "Tuva Holm"
"""Editors beside the one who is signed in; the second one has a device for codes."""
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass(frozen=True)
class Form:
    """A form as one of our pages sends it."""

    path: str
    fields: Mapping[str, str | list[str]] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    """The fields in which a person writes."""
    alters: frozenset[str] = CHANGES
    """The tables in which it may store something."""
    answer: int = 303
    """The status when all is well."""
    again: int = 303
    """The status when the very same is sent once more."""
    who: str = EDITOR
    """Who is signed in, empty for nobody."""
    is_made_anew: bool = False
    """Whether a second one makes the same thing anew: what is shown last is what holds."""
    is_seen: bool = True
    """Whether it stores something that can be seen."""
    needs: tuple[str, ...] = ()
    """The fields of which nothing is emptied by not being sent."""
    first: tuple[str, Mapping[str, str]] | None = None
    """A form that is sent before; the hidden fields of its answer come along."""


def _act(**fields: str | list[str]) -> Form:
    texts = ("value",) if "value" in fields else ()
    needs = texts if fields.get("action") in ("title", "summary", "move", "remark", "leave out") else ()
    return Form(f"{_DRAFT}/act", {"seen": "{seen}", **fields}, texts, needs=needs)


def _card(entry: str, act: str, alters: frozenset[str] = CHANGES, **fields: str | list[str]) -> Form:
    texts = tuple(each for each in fields if each in ("title", "text", "start", "place"))
    return Form(f"{_DRAFT}/items/{{{entry}}}/{act}", {"seen": "{seen}", **fields}, texts, alters)


def _approve(do: str, **fields: str) -> Form:
    texts = tuple(each for each in fields if each in ("subject", "to"))
    return Form(f"{_DRAFT}/approve", {"seen": "{seen}", "do": do, **fields}, texts)


_NEW = "nine grey cranes sleep"
_TWICE = {"password": _NEW, "password-again": _NEW}
_DATE = dict.fromkeys(LABELS, "") | {"start": "14 November 2026 18:00", "zone": "Tallinn", "place": "The old mill"}
_TIP = {
    "title": "The lock has a new keeper",
    "text": "She begins in May.",
    "url": "https://lock.example/",
    "name": "Pia",
}
_LATE = {"title": "A late lock", "url": "https://late.example/", "text": "Only today.", "credit": "Pia"}
_WRONG = {"entry": "{old}", "title": "Lamps, later", "summary": "They dim at ten.", "note": "It said nine.", "url": ""}


_FILE = {"text": "{feeds}# Looked at.\n", "base": "{feeds_hash}", "note": "A word"}
_FEEDS = frozenset({"feeds_versions"})
_TYPED = Form("/desk/sources/file", _FILE, ("text", "note"), frozenset(), needs=("text", "base"))


def _mailing(do: str, alters: frozenset[str] = frozenset({"mailings"}), **fields: str) -> Form:
    return Form("/desk/deliveries/1", {"mail": "issue", "do": do, **fields}, (), alters)


def _source(do: str, alters: frozenset[str] = frozenset({"feeds_versions"}), **more: str) -> Form:
    return Form("/desk/sources/planet", {"do": do, **more}, (), alters)


_SAVES = {"base": "{feeds_hash}", "set name": "Our planet", "was name": "Planet"}
_ADDS = {"look": "gone", "address": "https://nowhere.example/", "name": "Harbour", "section": "general"}


FORMS: Mapping[str, tuple[Form, ...]] = {
    "/desk/sign-in": (
        Form(
            "/desk/sign-in",
            {"name": EDITOR, "password": PASSWORD, "next": "/desk/me"},
            ("name", "password"),
            _EDITORS,
            who="",
        ),
    ),
    "/desk/sign-in/code": (
        Form(
            "/desk/sign-in/code",
            {"code": "{code}"},
            ("code",),
            _EDITORS,
            again=400,
            who="",
            first=("/desk/sign-in", {"name": SECOND, "password": PASSWORD}),
        ),
    ),
    "/desk/sign-out": (Form("/desk/sign-out", alters=_EDITORS, again=401),),
    "/desk/link/{token}": (
        Form("/desk/link/{password}", _TWICE, tuple(_TWICE), _EDITORS, again=410, who=""),
        Form("/desk/link/{enter}", {}, (), _EDITORS, again=410, who=""),
    ),
    "/desk/me/end": (Form("/desk/me/end", {"id": "{login}"}, alters=_EDITORS, again=404),),
    "/desk/me/end-others": (Form("/desk/me/end-others", alters=_EDITORS),),
    "/desk/me/password": (
        Form(
            "/desk/me/password",
            {"old-password": PASSWORD, **_TWICE},
            ("old-password", *_TWICE),
            _EDITORS,
            answer=200,
            again=403,
        ),
    ),
    "/desk/me/device": (
        Form("/desk/me/device", {"password": PASSWORD}, ("password",), frozenset(), answer=200, again=200),
    ),
    "/desk/me/device/code": (
        Form(
            "/desk/me/device/code",
            {"code": "{new_code}"},
            ("code",),
            _EDITORS,
            answer=200,
            again=200,
            first=("/desk/me/device", {"password": PASSWORD}),
            is_made_anew=True,
        ),
    ),
    "/desk/me/device/off": (Form("/desk/me/device/off", {"password": PASSWORD}, ("password",), _EDITORS, who=SECOND),),
    "/desk/editors": (
        Form(
            "/desk/editors",
            {"name": "Aino Laur", "mail": "aino@example.org", "role": "editor"},
            ("name", "mail"),
            _EDITORS,
            answer=200,
            again=400,
        ),
    ),
    "/desk/editors/link": (Form("/desk/editors/link", {"name": GUEST}, ("name",), frozenset(), answer=200, again=200),),
    "/desk/editors/remove": (Form("/desk/editors/remove", {"name": GUEST}, ("name",), _EDITORS, again=404),),
    "/desk/deliveries/{number:int}": (
        _mailing("stop", sure="yes"),
        _mailing("send now", frozenset({"mailings", "issues"}), page="list"),
        _mailing("send at", at="{hour}"),
        replace(_mailing("leave", frozenset(), count="1"), is_seen=False),
    ),
    "/desk/deliveries/take-over": (
        Form("/desk/deliveries/take-over", {"sure": "yes"}, (), frozenset(), is_seen=False),
    ),
    "/desk/sources/add": (
        Form("/desk/sources/add", _ADDS, ("name",), frozenset(), answer=409, again=409, needs=("name", "section")),
    ),
    "/desk/sources/look": (
        Form("/desk/sources/look", {"address": _ADDS["address"]}, ("address",), frozenset(), needs=("address",)),
    ),
    "/desk/sources/{id}": (
        replace(
            _source("save", frozenset({"feeds_versions", "sources"}), **_SAVES), texts=("set name",), needs=("base",)
        ),
        _source("pause"),
        replace(_source("suggested", frozenset(), key="weight", value="-10"), is_seen=False),
        replace(_source("remove", sure="yes"), again=404),
        replace(_source("test", frozenset()), is_seen=False),
        replace(_source("read", frozenset({"holds", "reading_seconds", "sources"})), is_made_anew=True),
    ),
    "/desk/sources/file": (
        Form("/desk/sources/file", {**_FILE, "do": "save"}, ("text", "note"), _FEEDS, needs=("text", "base")),
        replace(_TYPED, fields={**_FILE, "do": "check"}, answer=200, again=200),
        replace(_TYPED, fields={**_FILE, "do": "try"}),
    ),
    "/desk/sources/file/check": (
        Form("/desk/sources/file/check", {"text": "{feeds}"}, ("text",), frozenset(), answer=200, again=200),
    ),
    "/desk/sources/history/{number:int}": (
        Form("/desk/sources/history/1", {"base": "{feeds_hash}"}, (), _FEEDS, needs=("base",), is_seen=False),
    ),
    "/desk/sources/proposal": (
        Form(
            "/desk/sources/proposal",
            {"key": "source=planet>general", "do": "later", "issue": "2"},
            (),
            frozenset({"proposal_answers"}),
            needs=("key", "do"),
        ),
    ),
    "/desk/keys": (Form("/desk/keys", {"keys": "off"}, alters=frozenset()),),
    "/desk/make": (Form("/desk/make", alters=_DRAFTS, is_made_anew=True),),
    f"{_ISSUE}/join": (Form(f"{_DRAFT}/join"),),
    f"{_ISSUE}/act": (
        _act(do="keep {first}", next="{second}", section="developer"),
        _act(action="drop", target="{robot}", value=""),
        _act(do="snooze {robot}"),
        _act(action="move", target="{first}", value="general"),
        _act(do="pin {first}"),
        _act(do="release {market}"),
        _act(action="title", target="{market}", value="Apples and pears"),
        _act(action="summary", target="{market}", value="Forty sorts.\nAnd pears."),
        _act(do="down {second}"),
        _act(do="up {second}"),
        _act(do="restore {gone}"),
        _act(action="remark", target="{market}", value="Ask them."),
        _act(action="leave out", target="developer", value="anchor"),
        _act(do="bulk drop", marked=["{robot}", "{sprint}"]),
        replace(_act(action="merge", target="{robot}", value="{sprint}"), alters=_DECIDES),
    ),
    f"{_ISSUE}/undo": (Form(f"{_DRAFT}/undo", {"batch": "{own}"}),),
    f"{_ISSUE}/order": (
        Form(f"{_DRAFT}/order", {"section": "developer", "id": ["{robot}", "{first}"], "next": "{first}"}),
    ),
    f"{_ISSUE}/approve": (
        replace(_approve("approve"), alters=_APPROVES),
        _approve("subject", subject="The bridge opened"),
        replace(_approve("mend", check="{check}"), again=404),
        replace(_approve("test", to="ines@example.org"), alters=frozenset()),
        replace(_approve("links"), alters=frozenset({"links"}), is_seen=False),
        Form(f"{_OLD}/approve", {"seen": "0", "do": "take back"}, (), _APPROVES, again=409),
    ),
    f"{_ISSUE}/send-time": (
        Form(f"{_DRAFT}/send-time", {"at": "{hour}", "note": "A day later.", "seen": "{seen}"}, ("note",)),
        Form(f"{_DRAFT}/send-time", {"at": "{hour}", "note": "A day later."}, ("note",)),
    ),
    f"{_ISSUE}/late": (
        Form(f"{_DRAFT}/late", {**_LATE, "section": "general"}, tuple(_LATE), CHANGES | _ITEMS),
        Form(f"{_DRAFT}/late", {"title": "A late lock", "section": ""}, ("title",), CHANGES | _ITEMS),
    ),
    f"{_ISSUE}/short": (Form(f"{_DRAFT}/short", {"seen": "{seen}", "do": "short"}),),
    f"{_ISSUE}/correct": (
        Form(
            f"{_OLD}/correct",
            _WRONG,
            ("title", "summary", "note", "url"),
            frozenset({"corrections", "issue_files"}),
            needs=("title", "summary", "url"),
        ),
    ),
    f"{_ITEM}/text": (
        replace(
            _card("market", "text", title="Apples and pears", text="Forty sorts.\nAnd pears.", what="save"),
            needs=("title", "text"),
        ),
        _card("gauge", "text", title="", text="", what="original"),
        _card("gauge", "text", title="", text="", what="mine"),
        _card("helm", "text", title="", text="", what="proposal"),
    ),
    f"{_ITEM}/event": (
        replace(_card("sprint", "event", **_DATE, what="save"), needs=tuple(_DATE)),
        _card("sprint", "event", **_DATE, what="none"),
    ),
    f"{_ITEM}/merge": (_card("robot", "merge", _DECIDES, other=["{sprint}"]),),
    f"{_ITEM}/apart": (_card("robot", "apart", frozenset({"story_decisions"}), other=["{sprint}"]),),
    f"{_ITEM}/split": (_card("market", "split", _DECIDES | _ITEMS, item=["{part}"]),),
    f"{_ITEM}/remark": (_card("market", "remark", text="Ask them."),),
    f"{_ITEM}/hold": (
        _card("market", "hold", frozenset({"cards"}), page="abc"),
        replace(
            _card("market", "hold", frozenset({"cards"}), page="abc", leave="1"),
            is_seen=False,
            answer=204,
            again=204,
        ),
    ),
    f"{_ITEM}/take-over": (_card("valve", "take-over", frozenset({"cards"})),),
    f"{_ISSUE}/below": (Form(f"{_DRAFT}/below", {"target": "{gauge}", "seen": "{seen}"}),),
    f"{_ISSUE}/history": (Form(f"{_DRAFT}/history", {"batch": "{own}", "entry": "{gauge}"}),),
    f"{_ISSUE}/restore": (Form(f"{_DRAFT}/restore", {"story": "{gone}", "section": "general"}),),
    f"{_ISSUE}/figures": (
        Form(f"{_DRAFT}/figures", {"figure": "{held}", "what": "show", "note": "", "seen": "{seen}"}, ("note",)),
        Form(
            f"{_DRAFT}/figures",
            {"figure": "{figure}", "what": "note", "note": "One.", "seen": "{seen}"},
            ("note",),
            needs=("note",),
        ),
    ),
    f"{_ISSUE}/tips": (
        Form(f"{_DRAFT}/tips", {"tip": "{tip}", "decision": "take", "section": "general"}, (), CHANGES | _ITEMS),
        Form(f"{_DRAFT}/tips", {"tip": "{tip}", "decision": "decline", "reason": "Not ours."}, ("reason",)),
    ),
    "/desk/archive/{number:int}": (Form("/desk/archive/1", {}, (), frozenset(), answer=200, again=200),),
    "/desk/tokens": (
        Form(
            "/desk/tokens",
            {"name": "release bot", "scope": ["tip", "hot"], "until": "2999-12-31"},
            ("name", "until"),
            _TOKENS,
            answer=200,
            again=400,
        ),
    ),
    "/desk/tokens/remove": (Form("/desk/tokens/remove", {"name": "old bot"}, (), _TOKENS, again=404),),
    "/tip": (Form("/tip", {**_TIP, "stamp": "{stamp}"}, tuple(_TIP), _ITEMS, who=""),),
}
"""Forms by the path of their route. Each can be sent to a home that :func:`tests.web.form_words.words_of` prepared."""

_READERS = "test_preferences.py"
_LISTS = "test_subscribers.py"
ELSEWHERE: Mapping[str, str] = {
    "/again/{token}": _READERS,
    "/api/hot-items": "test_api_posts.py",
    "/api/tips": "test_api_posts.py",
    "/c/{token}": "test_subscribe.py",
    "/r/{token}": _READERS,
    "/r/{token}/address": _READERS,
    "/r/{token}/erase": _READERS,
    "/r/{token}/leave": _READERS,
    "/r/{token}/pause": _READERS,
    "/subscribe": "test_subscribe.py",
    "/u/{token}": _READERS,
    "/useful/{number:int}/{answer}": _READERS,
    "/desk/sources/try": "test_trial.py",
    "/desk/subscribers/add": _LISTS,
    "/desk/subscribers/agree": _LISTS,
    "/desk/subscribers/erase-person": "test_erase.py",
    "/desk/subscribers/export": _LISTS,
    "/desk/subscribers/import": _LISTS,
    f"{_ISSUE}/correct/{{which:int}}": "test_deliveries.py",
    "/desk/subscribers/import/{id}": _LISTS,
    "/desk/subscribers/{number:int}/choice": _LISTS,
    "/desk/subscribers/{number:int}/erase": _LISTS,
    "/desk/subscribers/{number:int}/leave": _LISTS,
}
"""Forms that need a reader's link or a file: what is wrong with them is tried in these files."""


def filled_in(form: Form, words: Mapping[str, str]) -> tuple[str, dict[str, str | list[str]]]:
    """Where the form goes, and what it says, without the token."""
    fields: dict[str, str | list[str]] = {}
    for name, value in form.fields.items():
        several = [each.format_map(words) for each in ([value] if isinstance(value, str) else value)]
        fields[name] = several[0] if isinstance(value, str) else several
    return form.path.format_map(words), fields
