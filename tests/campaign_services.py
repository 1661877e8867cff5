"""Services that send in our place, small and on loopback: each request is held against the published schema."""

import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parent / "data" / "campaigns"
Answer = tuple[int, Any]


@dataclass
class Fault:
    """What happens once instead of an answer to ``method`` at a path that holds ``path``.

    With ``is_done`` the request is done first; without ``status`` the connection is closed.
    """

    method: str
    path: str
    status: int | None = None
    said: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    is_done: bool = False
    times: int = 1


@dataclass
class FakeService:
    """A service that keeps its campaigns in memory; ``violations`` are requests that its documents do not allow."""

    schema: str
    now: Callable[[], datetime]
    base: str = ""
    campaigns: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    login: str | None = None
    before: Callable[[str, str], None] = lambda method, path: None

    def __post_init__(self) -> None:
        self._document = json.loads((SCHEMAS / f"{self.schema}.json").read_text())

    def count(self, start: str) -> int:
        """How many requests began so."""
        return sum(each.startswith(start) for each in self.asked)

    def only(self) -> dict[str, Any]:
        """The one campaign."""
        (found,) = self.campaigns.values()
        return found

    def answer(self, method: str, target: str, headers: dict[str, str], data: bytes) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON; status 0 closes the connection."""
        url = urlsplit(target)
        said = json.loads(data) if data else None
        self.asked.append(f"{method} {url.path}")
        self.bodies.append(said)
        self.before(method, url.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        operation = self._check(method, url.path, query, headers, said)
        if self.login is not None and headers.get("authorization") != self.login:
            return 401, {}, self.refusal("invalid login")
        fault = next((each for each in self.faults if each.method == method and each.path in url.path), None)
        if fault is not None:
            fault.times -= 1
            if not fault.times:
                self.faults.remove(fault)
            if fault.is_done:
                self.act(method, url.path, query, said)
            return fault.status or 0, fault.headers, fault.said
        if operation is None:
            return 404, {}, self.refusal("not found")
        status, found = self.act(method, url.path, query, said)
        return status, {}, found

    def _check(self, method: str, path: str, query: dict[str, str], headers: dict[str, str], said: Any) -> Any:
        operation = next(
            (
                each
                for each in self._document["operations"]
                if each["method"] == method and re.fullmatch(each["path"], path)
            ),
            None,
        )
        if operation is None:
            self.violations.append(f"{method} {path} is not in the documents")
            return None
        for name, pattern in self._document["headers"].items():
            if not re.search(pattern, headers.get(name.lower(), "")):
                self.violations.append(f"{method} {path}: header {name}")
        if said is not None and headers.get("content-type") != "application/json":
            self.violations.append(f"{method} {path}: content type")
        for what, value in (("query", query), ("body", said)):
            schema = operation.get(what)
            if schema is None:
                if value:
                    self.violations.append(f"{method} {path}: no {what} is expected")
                continue
            validator = Draft202012Validator({**schema, "$defs": self._document["$defs"]})
            self.violations += [
                f"{method} {path}: {each.json_path} {each.message}" for each in validator.iter_errors(value)
            ]
        return operation

    def act(self, method: str, path: str, query: dict[str, str], said: Any) -> Answer:
        """Do it."""
        raise NotImplementedError

    def refusal(self, words: str) -> Any:
        """A refusal in the words of this service."""
        raise NotImplementedError


class FakeListmonk(FakeService):
    """listmonk: ids are numbers, steps between states as its documents allow them."""

    templates: list[dict[str, Any]]

    def __post_init__(self) -> None:
        super().__post_init__()
        tracking = '<p>{{ template "content" . }}</p>{{ TrackView }}'
        self.templates = [{"id": 1, "name": "Default campaign template", "type": "campaign", "body": tracking}]

    def act(self, method: str, path: str, query: dict[str, str], said: Any) -> Answer:
        steps = path.split("/")[2:]
        if steps[0] == "templates":
            return self._templates(method, steps, said)
        if len(steps) == 1:
            return self._make(said) if method == "POST" else self._list(query)
        found = self.campaigns.get(steps[1])
        if found is None:
            return 400, self.refusal("Campaign not found")
        if len(steps) == 3:
            return self._step(found, said["status"])
        if method == "PUT":
            if found["status"] not in ("draft", "paused", "scheduled"):
                return 400, self.refusal("Cannot update a running or a finished campaign.")
            changed = {**found, **said}
            if changed["send_at"] and datetime.fromisoformat(changed["send_at"]) < self.now():
                return 400, self.refusal("`send_at` date should be in the future.")
            found.update(said)
        if method == "DELETE":
            del self.campaigns[steps[1]]
            return 200, {"data": True}
        return 200, {"data": found}

    def _templates(self, method: str, steps: list[str], said: Any) -> Answer:
        if method == "POST":
            self.templates.append({"id": len(self.templates) + 1, "is_default": False, **said})
        if method == "PUT":
            self.templates[int(steps[1]) - 1].update(said)
        return 200, {"data": self.templates}

    def _make(self, said: Any) -> Answer:
        if not any(each["id"] == said["template_id"] for each in self.templates):
            return 400, self.refusal("Unknown template")
        number = len(self.campaigns) + 7
        made = {
            "id": number,
            "created_at": self.now().isoformat(),
            "status": "draft",
            "send_at": None,
            "to_send": 0,
            "sent": 0,
        }
        self.campaigns[str(number)] = {**made, **said}
        return 200, {"data": self.campaigns[str(number)]}

    def _list(self, query: dict[str, str]) -> Answer:
        found = sorted(self.campaigns.values(), key=lambda each: each["created_at"], reverse=True)
        page, size = int(query.get("page", 1)), int(query.get("per_page", 20))
        part = found[(page - 1) * size : page * size]
        return 200, {"data": {"results": part, "total": len(found), "page": page, "per_page": size}}

    def _step(self, found: dict[str, Any], to: str) -> Answer:
        allowed = {
            "draft": ("scheduled",),
            "scheduled": ("draft", "paused"),
            "running": ("paused", "draft"),
            "paused": ("running",),
            "cancelled": ("running", "paused"),
        }
        if found["status"] not in allowed[to]:
            return 400, self.refusal(f"A {found['status']} campaign cannot become {to}")
        if to == "scheduled" and not found["send_at"]:
            return 400, self.refusal("Campaign needs a `send_at` date to be scheduled")
        found["status"] = to
        if to == "running":
            found["to_send"] = 120
        return 200, {"data": found}

    def refusal(self, words: str) -> Any:
        return {"message": words}


class FakeButtondown(FakeService):
    """Buttondown: an email made without a status goes out at once, as there."""

    page_size = 2

    def act(self, method: str, path: str, query: dict[str, str], said: Any) -> Answer:
        key = path.partition("/v1/emails")[2].strip("/")
        if not key:
            return self._make(said) if method == "POST" else self._list(query)
        found = self.campaigns.get(key)
        if found is None:
            return 404, self.refusal("Not found.")
        if method == "DELETE":
            del self.campaigns[key]
            return 204, None
        if method == "PATCH":
            if found["status"] in ("sent", "in_flight") and set(said) != {"status"}:
                return 400, self.refusal("That email was sent.")
            found.update(said)
            if found["status"] == "about_to_send":
                found["status"], found["analytics"] = "in_flight", {"recipients": 80, "deliveries": 3}
        return 200, found

    def _make(self, said: Any) -> Answer:
        made = {
            "id": str(uuid.uuid4()),
            "creation_date": self.now().isoformat(),
            "status": "about_to_send",
            "metadata": {},
        }
        self.campaigns[made["id"]] = {**made, **said}
        return 201, self.campaigns[made["id"]]

    def _list(self, query: dict[str, str]) -> Answer:
        since = query.get("creation_date__start", "")
        found = [each for each in self.campaigns.values() if each["creation_date"][:10] >= since]
        found.sort(key=lambda each: each["creation_date"], reverse=query.get("ordering", "").startswith("-"))
        page = int(query.get("page", 1))
        part = found[(page - 1) * self.page_size : page * self.page_size]
        rest = "&".join(f"{name}={value}" for name, value in query.items() if name != "page")
        following = (
            f"https://elsewhere.invalid/v1/emails?{rest}&page={page + 1}" if found[page * self.page_size :] else None
        )
        return 200, {"results": part, "next": following, "previous": None, "count": len(found)}

    def refusal(self, words: str) -> Any:
        return {"code": "email_invalid", "detail": words, "metadata": {}}


class FakeMailchimp(FakeService):
    """Mailchimp: quarter hours only, and no campaign goes out without content and a link to leave."""

    def act(self, method: str, path: str, query: dict[str, str], said: Any) -> Answer:
        steps = path.split("/")[3:]
        if not steps:
            return self._make(said) if method == "POST" else self._list(query)
        found = self.campaigns.get(steps[0])
        if found is None:
            return 404, self.refusal("The requested resource could not be found.")
        if len(steps) == 3:
            return self._do(found, steps[2], said)
        if method == "DELETE":
            if found["status"] != "save":
                return 400, self.refusal("The campaign cannot be deleted.")
            del self.campaigns[steps[0]]
            return 204, None
        if method in ("PATCH", "PUT"):
            if found["status"] != "save":
                return 400, self.refusal("Campaign is already sent or scheduled.")
            if len(steps) == 2:
                found["content"] = said
            else:
                found.update({**said, "settings": {**found["settings"], **said.get("settings", {})}})
        return 200, found

    def _make(self, said: Any) -> Answer:
        key = uuid.uuid4().hex[:10]
        made = {
            "id": key,
            "web_id": 4000 + len(self.campaigns),
            "status": "save",
            "create_time": self.now().isoformat(),
            "emails_sent": 0,
        }
        self.campaigns[key] = {**made, **said, "content": None}
        self.campaigns[key]["recipients"] = {**said["recipients"], "recipient_count": 55}
        return 200, self.campaigns[key]

    def _list(self, query: dict[str, str]) -> Answer:
        since = datetime.fromisoformat(query["since_create_time"])
        found = [each for each in self.campaigns.values() if datetime.fromisoformat(each["create_time"]) >= since]
        at, count = int(query.get("offset", 0)), int(query.get("count", 10))
        return 200, {"campaigns": found[at : at + count], "total_items": len(found)}

    def _do(self, found: dict[str, Any], action: str, said: Any) -> Answer:
        content = found["content"] or {}
        if action in ("schedule", "send") and "*|UNSUB|*" not in content.get("html", ""):
            return 400, self.refusal("Your Campaign is not ready to send.")
        if action == "schedule":
            if found["status"] != "save":
                return 400, self.refusal("Campaign is already scheduled.")
            found["status"], found["send_time"] = "schedule", said["schedule_time"]
        elif action == "send":
            found["status"] = "sending"
        elif action == "unschedule":
            if found["status"] != "schedule":
                return 400, self.refusal("Campaign is not scheduled.")
            found["status"], found["send_time"] = "save", ""
        return 204, None

    def refusal(self, words: str) -> Any:
        return {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": words, "instance": "0"}


FAKES = {"listmonk": FakeListmonk, "buttondown": FakeButtondown, "mailchimp": FakeMailchimp}


def _clock() -> datetime:
    return datetime.now(UTC)


@contextmanager
def serving(name: str, now: Callable[[], datetime] = _clock) -> Iterator[Any]:
    """That service on a free port until the block ends."""
    fake = FAKES[name](name, now)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            status, more, said = fake.answer(self.command, self.path, headers, data)
            if not status:
                self.close_connection = True
                return
            body = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            for key, value in more.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
