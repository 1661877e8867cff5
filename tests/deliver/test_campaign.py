"""The services as the program asks them: found by name over many pages, held, let go, and never made twice."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsletter.deliver.campaign import Aim, Service, Wish, fulfil
from newsletter.deliver.campaign_api import Api
from newsletter.deliver.campaign_buttondown import Buttondown
from newsletter.deliver.campaign_listmonk import TEMPLATE_BODY, Listmonk
from newsletter.deliver.campaign_mailchimp import Mailchimp
from newsletter.errors import ServiceFault
from newsletter.model.campaign import Campaign, Remote
from tests.campaign_services import Fault, serving

NOW = datetime(2026, 10, 16, 9, 0, tzinfo=UTC)
HOUR = NOW + timedelta(hours=1)
BODY = (
    '<!DOCTYPE html>\n<html lang="en"><head><title>x</title><style>a { }</style></head>\n\n  <div>Hello'
    ' <a href="*|UNSUB|*">leave</a></div></html>\n'
)
ONE = Campaign(
    "Weekly 1 [a-b]", "Subject", BODY, "Hello", ("Ada, of the news", "news@example.org"), "a@example.org", ("4",)
)
every_service = pytest.mark.parametrize("name", ["listmonk", "buttondown", "mailchimp"])


def service_at(fake: Any, rest: Callable[[float], None] = lambda _: None) -> Service:
    if fake.schema == "listmonk":
        return Listmonk(fake.base, "news", "token", rest)
    if fake.schema == "buttondown":
        return Buttondown("key", fake.base, rest)
    return Mailchimp("abc", "key-us7", fake.base, rest)


@pytest.fixture
def fake(name: str) -> Iterator[Any]:
    with serving(name, lambda: NOW) as found:
        yield found
        assert found.violations == []


def bring(service: Service, aim: Aim = "scheduled", known: Remote | None = None, **values: Any) -> Remote:
    """Fulfil a wish about the one campaign."""
    noted: list[Remote] = []
    wish = Wish(
        values.get("campaign", ONE), aim, values.get("at", HOUR), NOW - timedelta(days=1), known.id if known else None
    )
    made = fulfil(
        service,
        wish,
        note=lambda remote, _: noted.append(remote),
        now=lambda: NOW,
        may_go=values.get("may_go", lambda: True),
        rest=lambda _: None,
    )
    assert noted[-1] == made
    return made


def make_others(fake: Any, count: int) -> None:
    """Campaigns of other people, made after ours."""
    for number in range(count):
        fake.act(
            "POST",
            {"listmonk": "/api/campaigns", "buttondown": "/v1/emails", "mailchimp": "/3.0/campaigns"}[fake.schema],
            {},
            {
                "name": f"other {number}",
                "template_id": 1,
                "metadata": {},
                "settings": {"title": f"other {number}"},
                "recipients": {},
                "status": "draft",
            },
        )


@every_service
def test_ours_is_found_among_many(fake: Any, name: str) -> None:
    service = service_at(fake)
    first = bring(service, "draft")
    make_others(fake, 45 if name == "listmonk" else 6 if name == "buttondown" else 510)
    assert service.find(ONE, NOW - timedelta(days=1)) == first
    count = len(fake.campaigns)
    bring(service, "draft")
    assert len(fake.campaigns) == count


@every_service
def test_older_ones_are_not_looked_through(fake: Any, name: str) -> None:
    service = service_at(fake)
    make_others(fake, 45)
    for each in fake.campaigns.values():
        for key in ("created_at", "creation_date", "create_time"):
            if key in each:
                each[key] = "2020-01-01T00:00:00+00:00"
    asked = len(fake.asked)
    assert service.find(ONE, NOW - timedelta(days=1)) is None
    assert len(fake.asked) == asked + 1


@every_service
def test_a_lost_answer_is_looked_for_before_anything_is_made_again(fake: Any, name: str) -> None:
    service = service_at(fake)
    path = "/v1/emails" if name == "buttondown" else "/campaigns"
    fake.faults.append(Fault("POST", path, 500, is_done=False))
    with pytest.raises(ServiceFault) as caught:
        bring(service)
    assert caught.value.may_be_done
    assert fake.campaigns == {}
    fake.faults.append(Fault("POST", path, 500, is_done=True))
    assert bring(service).state == "scheduled"
    assert len(fake.campaigns) == 1


@every_service
def test_one_that_goes_out_is_left_alone(fake: Any, name: str) -> None:
    service = service_at(fake)
    made = bring(service, "now")
    assert made.state == "sending"
    asked = len(fake.asked)
    assert (
        bring(service, "scheduled", made, campaign=Campaign("x", "y", "z", "z", ("", "a@example.org"))).state
        == "sending"
    )
    assert {each.split()[0] for each in fake.asked[asked:]} == {"GET"}


@every_service
def test_nobody_lets_go_what_somebody_stopped(fake: Any, name: str) -> None:
    service = service_at(fake)
    made = bring(service, may_go=lambda: False)
    assert made.state == "draft"
    made = bring(service)
    assert made.state == "scheduled"
    assert bring(service, may_go=lambda: False, known=made).state == "draft"


@every_service
def test_an_hour_that_is_near_is_now(fake: Any, name: str) -> None:
    quarter = NOW + timedelta(minutes=1) if name != "mailchimp" else NOW
    assert bring(service_at(fake), at=quarter).state == "sending"


@every_service
def test_what_is_gone_is_gone(fake: Any, name: str) -> None:
    service = service_at(fake)
    made = bring(service, "draft")
    service.delete(made)
    assert service.look(made.id) is None
    service.delete(made)
    with pytest.raises(ServiceFault, match="Somebody deleted the campaign"):
        bring(service, known=made)


@pytest.mark.parametrize("name", ["listmonk"])
def test_listmonks_template_is_made_once_and_mended(fake: Any, name: str) -> None:
    bring(service_at(fake), "draft")
    bring(service_at(fake), "draft")
    assert [each["body"] for each in fake.templates[1:]] == [TEMPLATE_BODY]
    fake.templates[1]["body"] = '{{ template "content" . }}{{ TrackView }}'
    bring(service_at(fake), "draft")
    assert fake.templates[1]["body"] == TEMPLATE_BODY
    assert fake.only()["template_id"] == 2
    assert fake.only()["headers"] == [{"Reply-To": "a@example.org"}]
    assert fake.only()["from_email"] == '"Ada, of the news" <news@example.org>'
    other = replace(ONE, sender=('The "Bee" \\ news', "b@example.org"), reply_to=None)
    bring(service_at(fake), "draft", campaign=other)
    assert fake.only()["from_email"] == '"The \\"Bee\\" \\\\ news" <b@example.org>'


@pytest.mark.parametrize("name", ["listmonk"])
def test_a_step_whose_answer_is_lost_is_done(fake: Any, name: str) -> None:
    service = service_at(fake)
    fake.faults.append(Fault("PUT", "/status", 500, is_done=True))
    made = bring(service, "now")
    assert made.state == "sending"
    fake.faults.append(Fault("PUT", "/status", 400, fake.refusal("no")))
    with pytest.raises(ServiceFault, match="does not take it"):
        service.hold(made)
    made = bring(service_at(fake), "draft", campaign=replace(ONE, name="another"))
    fake.faults.append(Fault("DELETE", "/campaigns", 500, is_done=True))
    service.delete(made)
    assert len(fake.campaigns) == 1
    fake.faults.append(Fault("DELETE", "/campaigns", 400, fake.refusal("not yours")))
    with pytest.raises(ServiceFault, match="not yours"):
        service.delete(bring(service_at(fake), "draft", campaign=replace(ONE, name="another")))


@pytest.mark.parametrize("name", ["listmonk"])
def test_an_hour_of_before_does_not_keep_a_draft_from_changing(fake: Any, name: str) -> None:
    service = service_at(fake)
    made = service.hold(bring(service))
    fake.only()["send_at"] = "2020-01-01T00:00:00Z"
    assert service.update(made, ONE).state == "draft"


@pytest.mark.parametrize("name", ["buttondown"])
def test_buttondown_is_said_that_it_is_meant(fake: Any, name: str) -> None:
    heard: list[str | None] = []
    answer = fake.answer

    def hears(method: str, target: str, headers: dict[str, str], data: bytes) -> Any:
        if method == "PATCH" and b'"status": "scheduled"' in data:
            heard.append(headers.get("x-buttondown-live-dangerously"))
        return answer(method, target, headers, data)

    fake.answer = hears
    bring(service_at(fake))
    assert heard == ["true"]
    assert fake.only()["body"].splitlines() == [
        "<!-- buttondown-editor-mode: plaintext -->",
        "<style>a { }</style>",
        '<div>Hello <a href="*|UNSUB|*">leave</a></div>',
    ]


@pytest.mark.parametrize("name", ["buttondown"])
def test_buttondown_says_what_is_wrong_with_which_field(fake: Any, name: str) -> None:
    said = {"detail": [{"loc": ["body", "subject"], "msg": "too long", "type": "x"}]}
    fake.faults.append(Fault("POST", "/v1/emails", 422, said))
    with pytest.raises(ServiceFault, match=r"Buttondown does not take it \(422: subject: too long\)"):
        bring(service_at(fake))


@pytest.mark.parametrize("name", ["mailchimp"])
def test_one_segment_is_a_saved_one(fake: Any, name: str) -> None:
    bring(service_at(fake), "draft")
    assert fake.only()["recipients"]["segment_opts"] == {"saved_segment_id": 4}
    said = {
        "title": "Invalid Resource",
        "detail": "See errors.",
        "errors": [{"field": "settings.reply_to", "message": "not verified"}],
    }
    fake.faults.append(Fault("PATCH", "/campaigns", 400, said))
    with pytest.raises(ServiceFault, match=r"400: See errors. settings.reply_to: not verified"):
        bring(service_at(fake))


def test_mailchimps_key_says_where_it_is() -> None:
    with pytest.raises(ServiceFault, match="ends with its data centre"):
        Mailchimp("abc", "0123456789")
    assert "secret" not in repr(Mailchimp("abc", "secret-us9"))


@pytest.mark.parametrize(
    ("at", "hour"),
    [("10:00:00", "10:00"), ("10:00:01", "10:15"), ("10:14:59", "10:15"), ("10:46:00", "11:00"), ("10:45:00", "10:45")],
)
def test_quarter_hours(at: str, hour: str) -> None:
    found = Mailchimp("abc", "k-us9").hour(datetime.fromisoformat(f"2026-10-16T{at}+00:00"))
    assert f"{found:%H:%M:%S}" == f"{hour}:00"


@every_service
def test_an_answer_of_another_kind_is_a_fault(fake: Any, name: str) -> None:
    for said in ([], {"data": []}, {"id": None}, "x"):
        fake.faults.append(Fault("GET", "/", 200, said, times=1))
        with pytest.raises(ServiceFault, match="something else than its API"):
            service_at(fake).look("12345678-1234-1234-1234-123456789012" if name == "buttondown" else "1234567890")


class Crash(BaseException):
    """The machine is off."""


def crashed(monkeypatch: pytest.MonkeyPatch, service: Service, wish: Wish, at: int, *, is_done: bool) -> Wish | None:
    """Fulfil a wish until request ``at``, before or after it was done; what is known then, None when it ended."""
    real, count, known = Api._once, 0, wish

    def once(self: Api, *said: Any) -> Any:
        nonlocal count
        count += 1
        if count == at and not is_done:
            raise Crash
        answer = real(self, *said)
        if count == at:
            raise Crash
        return answer

    def note(remote: Remote, is_handed: bool) -> None:
        nonlocal known
        known = replace(known, known_id=remote.id, known_state=remote.state, is_handed=is_handed)

    with monkeypatch.context() as patch:
        patch.setattr(Api, "_once", once)
        try:
            fulfil(service, wish, note=note, now=lambda: NOW, may_go=lambda: True, rest=lambda _: None)
        except Crash:
            return known
    return None


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("aim", ["draft", "scheduled", "now"])
@every_service
def test_wherever_it_falls_there_is_one_and_it_goes_once(
    name: str, aim: Aim, is_done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(name, lambda: NOW) as fake:
        points = 0
        while True:
            points += 1
            fake.campaigns.clear()
            fake.bodies.clear()
            fake.asked.clear()
            wish = Wish(ONE, aim, HOUR, NOW - timedelta(days=1))
            known = crashed(monkeypatch, service_at(fake), wish, points, is_done=is_done)
            if known is None:
                break
            assert crashed(monkeypatch, service_at(fake), known, 0, is_done=False) is None
            ours = {"draft": "draft", "scheduled": "scheduled", "now": "sending"}[aim]
            found = service_at(fake).find(ONE, NOW - timedelta(days=1))
            assert (len(fake.campaigns), found and found.state) == (1, ours), points
            body = fake.only().get("body") or (fake.only().get("content") or {}).get("html")
            assert "Hello" in body, points
            said = [each.get("status") for each in fake.bodies if isinstance(each, dict)]
            sends = [each for each in said if each in ("about_to_send", "running")]
            assert len(sends) + sum(each.endswith("/actions/send") for each in fake.asked) == (aim == "now"), points
        assert points > 3
        assert fake.violations == []
