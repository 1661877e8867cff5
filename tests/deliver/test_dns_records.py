"""What is said about DNS records, asked of a real server on loopback."""

from collections.abc import Callable

import pytest

from newsletter.deliver import dns_records as records
from newsletter.deliver.dns_ask import NoAnswer, SystemDns
from newsletter.model.check import Check
from tests.dns_server import Zone, dns_server

ZONE: Zone = {
    ("good.example", "TXT"): ['"v=spf1 include:relay.example " "-all"', '"another text"'],
    ("relay.example", "TXT"): ['"v=spf1 ip4:9.9.9.0/24 a:mx.relay.example ip6:2620:fe::/48 ~all"'],
    ("mx.relay.example", "A"): ["8.8.4.4"],
    ("moved.example", "TXT"): ['"v=spf1 redirect=relay.example"'],
    ("two.example", "TXT"): ['"v=spf1 -all"', '"v=spf1 mx -all"'],
    ("open.example", "TXT"): ['"v=spf1 +all"'],
    ("long.example", "TXT"): ['"v=spf1 ' + " ".join(f"include:n{n}.example" for n in range(12)) + ' -all"'],
    **{(f"n{n}.example", "TXT"): ['"v=spf1 ?all"'] for n in range(12)},
    ("loop.example", "TXT"): ['"v=spf1 include:loop.example -all"'],
    ("negative.example", "TXT"): ['"v=spf1 -ip4:9.9.9.9 ~all"'],
    ("plain.example", "A"): ["1.1.1.1"],
    ("s._domainkey.good.example", "TXT"): ['"v=DKIM1; k=rsa; p=AAAA" "BBBB"'],
    ("trial._domainkey.good.example", "TXT"): ['"v=DKIM1; t=y; p=AAAABBBB"'],
    ("gone._domainkey.good.example", "TXT"): ['"v=DKIM1; p="'],
    ("_dmarc.good.example", "TXT"): ['"v=DMARC1; p=reject"'],
    ("_dmarc.strict.example", "TXT"): ['"v=DMARC1; p=reject; adkim=s; aspf=s"'],
    ("_dmarc.twice.example", "TXT"): ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"'],
    ("good.example", "MX"): ["20 b.good.example.", "10 a.good.example."],
    ("null.example", "MX"): ["0 ."],
    ("9.9.9.9.in-addr.arpa", "PTR"): ["out.relay.example."],
    ("out.relay.example", "A"): ["9.9.9.9"],
    ("4.4.8.8.in-addr.arpa", "PTR"): ["other.example."],
    ("other.example", "A"): ["1.2.3.4"],
}
Ask = Callable[[SystemDns], Check]


def spf(domain: str, *relay: str) -> Ask:
    return lambda dns: records.spf_check(dns, domain, relay)


def dkim(selector: str, public: str = "AAAABBBB") -> Ask:
    return lambda dns: records.dkim_check(dns, selector, "good.example", public)


def dmarc(sender: str, organisation: str, envelope: str, signing: str | None = None) -> Ask:
    return lambda dns: records.dmarc_check(dns, sender, organisation, envelope=envelope, signing=signing)


@pytest.mark.parametrize(
    ("ask", "standing", "said"),
    [
        (spf("good.example", "9.9.9.9"), "ok", "lets 9.9.9.9 send"),
        (spf("good.example", "8.8.4.4"), "ok", "lets 8.8.4.4 send"),
        (spf("good.example", "2620:fe::1"), "ok", "lets 2620:fe::1 send"),
        (spf("moved.example", "9.9.9.9"), "ok", "lets 9.9.9.9 send"),
        (spf("good.example"), "ok", "cannot be told"),
        (spf("good.example", "8.8.8.8"), "warning", "does not name the mail server (8.8.8.8)"),
        (spf("negative.example", "9.9.9.9"), "warning", "does not name"),
        (spf("none.example", "9.9.9.9"), "warning", "has no SPF record"),
        (spf("two.example", "9.9.9.9"), "fault", "has 2 SPF records"),
        (spf("open.example", "9.9.9.9"), "fault", "lets everybody send"),
        (spf("long.example", "9.9.9.9"), "fault", "more than 10 times"),
        (spf("loop.example", "9.9.9.9"), "fault", "more than 10 times"),
        (dkim("s"), "ok", "holds the key"),
        (dkim("s", "CCCC"), "fault", "is another one"),
        (dkim("trial"), "warning", "marked as a trial"),
        (dkim("gone"), "fault", "taken back"),
        (dkim("none"), "fault", "holds no key"),
        (dmarc("news.good.example", "good.example", "good.example"), "ok", "p=reject; the envelope agrees"),
        (dmarc("good.example", "good.example", "relay.example", "good.example"), "ok", "the signature agrees"),
        (dmarc("good.example", "good.example", "relay.example"), "fault", "agree with good.example"),
        (dmarc("strict.example", "strict.example", "b.strict.example", "b.strict.example"), "fault", "aspf=r"),
        (dmarc("twice.example", "twice.example", "twice.example"), "fault", "holds 2 records"),
        (dmarc("none.example", "none.example", "none.example"), "warning", "_dmarc.none.example: v=DMARC1"),
        (lambda dns: records.mx_check(dns, "good.example"), "ok", "goes to a.good.example"),
        (lambda dns: records.mx_check(dns, "null.example"), "fault", "takes no mail"),
        (lambda dns: records.mx_check(dns, "plain.example"), "warning", "has no MX record"),
        (lambda dns: records.mx_check(dns, "none.example"), "fault", "neither MX nor address"),
        (lambda dns: records.ptr_check(dns, ["9.9.9.9"]), "ok", "leads back"),
        (lambda dns: records.ptr_check(dns, ["8.8.4.4"]), "warning", "8.8.4.4 does not lead back"),
        (lambda dns: records.ptr_check(dns, ["8.8.8.8"]), "warning", "8.8.8.8 does not lead back"),
        (lambda dns: records.ptr_check(dns, []), "ok", "cannot be told"),
    ],
)
def test_records(ask: Ask, standing: str, said: str) -> None:
    with dns_server(ZONE) as port:
        found = ask(SystemDns(["127.0.0.1"], port))
    assert (found.standing, said in found.text) == (standing, True), found


def test_who_does_not_answer_is_not_taken_for_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.deliver.dns_ask.SECONDS", 0.1)
    with dns_server(ZONE, is_mute=True) as port, pytest.raises(NoAnswer, match=r"does not answer for good.example"):
        records.spf_check(SystemDns(["127.0.0.1"], port), "good.example", [])
