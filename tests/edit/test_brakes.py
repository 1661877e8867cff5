from dataclasses import replace

from newsletter.edit.brakes import Brakes, Vendors
from newsletter.edit.placing import Judged
from newsletter.model.issue import SectionSettings
from newsletter.model.item import Item, Person
from newsletter.model.source import Source
from tests.edit.samples import DEV, judged
from tests.edit.test_placing import names, placed

ACME = Source("acme", "Acme blog", vendor="Acme", vendor_hosts=("acme.example", "www.acme.test"), at_most_per_vendor=2)
SOURCES = {"dev-list": DEV, "acme": ACME}
GENERAL = SectionSettings("general", "General")


def lead(source: str = "dev-list", url: str | None = None, key: str = "") -> Item:
    return Item("i", source, "feed", "post", ("i",), "Title", url=url, author=Person("Ada", key) if key else None)


def test_a_company_is_known_by_its_source_its_hosts_and_its_authors_addresses() -> None:
    vendors = Vendors(SOURCES)
    assert vendors.of(lead("acme")) == "Acme"
    assert vendors.of(lead(url="https://blog.acme.example/x")) == "Acme"
    assert vendors.of(lead(url="https://www.acme.test/x")) == "Acme"
    assert vendors.of(lead(url="https://notacme.example/x")) is None
    assert vendors.of(lead(key="ada@mail.acme.example")) == "Acme"
    assert vendors.of(lead(key="ada")) is None
    assert Vendors({"dev-list": DEV}).of(lead(url="https://acme.example/")) is None


def test_of_several_sources_of_a_company_the_smallest_number_holds() -> None:
    more = replace(ACME, id="more", at_most_per_vendor=None)
    assert Vendors({"acme": ACME, "more": more}).limit("Acme") == 2
    assert Vendors({"more": more}).limit("Acme") is None
    assert Vendors(SOURCES).limit(None) is None


def company(count: int, section: str = "general", **values: object) -> list[Judged]:
    return [judged(f"{section}{at}", section, 50 + at, source="acme", **values) for at in range(count)]  # type: ignore[arg-type]


def test_one_company_does_not_fill_an_issue_whatever_the_sections() -> None:
    parts, dropped = placed([*company(2), *company(4, "developer"), judged("mine", score=1)], sources=SOURCES)
    entered = [name for part in parts.values() for name in names(part.entering)]
    assert sorted(entered) == ["developer2", "developer3", "mine"]
    assert {each.title: each.reason for each in dropped} == dict.fromkeys(
        ("developer0", "developer1", "general0", "general1"), "more than 2 of the company Acme this week"
    )


def test_what_a_rule_keeps_passes_the_brake() -> None:
    parts, dropped = placed(company(4, is_kept=True), sources=SOURCES)
    assert len(parts["general"].entering) == 4
    assert not dropped


def test_a_section_has_a_brake_of_its_own() -> None:
    sections = (replace(GENERAL, at_most_per_vendor=1), SectionSettings("news", "News"))
    parts, dropped = placed([*company(2), *company(1, "news")], sections, sources=SOURCES)
    assert names(parts["general"].entering) == ["general1"]
    assert names(parts["news"].entering) == ["news0"]
    assert [each.reason for each in dropped] == ["more than 1 of the company Acme in General"]


def test_highlights_are_not_filled_by_one_company_either() -> None:
    found = [judged(f"a{at}", "general", 90 - at, source="acme") for at in range(5)] + [judged("mine", score=61)]
    parts, _ = placed(found, sources=SOURCES)
    assert names(parts["highlights"].entering) == ["a0", "a1", "mine"]


def test_what_does_not_enter_for_want_of_room_does_not_use_up_the_brake() -> None:
    noisy = {"dev-list": replace(DEV, at_most_per_week=3)}
    sections = (SectionSettings("general", "General", at_most=1), SectionSettings("news", "News"))
    found = [judged(f"g{at}", "general", 80 + at) for at in range(3)] + [
        judged(f"n{at}", "news", at) for at in range(2)
    ]
    parts, dropped = placed(found, sections, sources=noisy)
    assert names(parts["general"].entering) == ["g2"]
    assert names(parts["news"].entering) == ["n1", "n0"]
    assert names(parts["general"].runners_up) == ["g1", "g0"]
    assert not dropped


def test_a_copy_counts_for_itself() -> None:
    brakes = Brakes(SOURCES)
    tried = brakes.copy()
    for _ in range(2):
        tried.count(lead("acme"), GENERAL)
    assert tried.refusal(lead("acme"), GENERAL) == "more than 2 of the company Acme this week"
    assert brakes.refusal(lead("acme"), GENERAL) is None
