"""Packages that bring something wrong: each is told with its name, and stops nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from newsletter.config.load import read_config
from newsletter.config.surroundings import Strictness
from newsletter.config.ways import ways
from newsletter.errors import ConfigError, MailFault
from newsletter.fetch.kinds import find_kinds, kinds_called, load_outside
from newsletter.pipeline import doctor_here
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.deliveries import deliveries_of
from newsletter.pipeline.mailing import transport_of
from newsletter.pipeline.plugins import every_plugin, troubles
from newsletter.pipeline.publish import config_of
from newsletter.plugins import without_secrets
from newsletter.render.targets import outside_targets, render_targets
from tests.loopback import serving
from tests.outside import packages
from tests.pipeline.conftest import HEAD, Home
from tests.pipeline.test_sending import approved, send, states

TARGET = "class T:\n    file_name = {file!r}\n    def render(self, issue, settings): return issue.title.encode()\n"
WAY = """
from dataclasses import dataclass
from newsletter.errors import MailFault, ServiceFault
GIVEN = []
@dataclass(frozen=True)
class Way:
    {fields}
    def deliver(self, mail):
        GIVEN.append(mail)
        {act}
"""
KIND = """
from dataclasses import dataclass
from newsletter.fetch.kinds import Batch, kind
{top}
@kind({word!r})
@dataclass(frozen=True)
class Jar:
    '''Jams.'''
    {fields}
    async def fetch(self, http, state):
        yield Batch()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with serving() as web:
        yield Home(tmp_path, web, environ={"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"})


def kind(word: str = "jam jar", fields: str = "url: str", top: str = "") -> str:
    return KIND.format(word=word, fields=fields, top=top)


def way(fields: str = "shelf: str = ''", act: str = "return 'on the shelf'") -> str:
    return WAY.format(fields=fields, act=act)


@contextmanager
def having(folder: Path, group: str, **modules: str) -> Iterator[None]:
    """One package, whose entry points are called as the modules are."""
    named = {"kinds": "{}", "targets": "{}:T", "deliveries": "{}:Way"}[group]
    points = {f"newsletter.{group}": {name: named.format(name) for name in modules}}
    with packages(folder, {"jams": points}, modules):
        yield


def read(text: str, *, how: Strictness = "run", environ: dict[str, str] | None = None) -> object:
    return read_config(f"{HEAD}{text}".encode(), file="feeds.yaml", environ=environ or {}, base=Path("/home"), how=how)


def mistakes(text: str, *, how: Strictness = "run") -> list[str]:
    try:
        read(text, how=how)
    except ConfigError as fault:
        return [str(each) for each in fault.problems]
    return []


GOOD = "  - name: Jams\n    kind: jam jar\n    url: https://x.example/jams\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import nothing_of_the_sort", "it does not load (ModuleNotFoundError: No module named 'nothing_of_the_sort')"),
        ("raise SystemExit('bye')", "it does not load (SystemExit: bye)"),
        ("1 +", "it does not load (SyntaxError"),
        ("", "it registers no kind"),
        (kind("feed"), "“feed” is a kind of the newsletter's own"),
        (kind("pipermail"), "“pipermail” is a kind of the newsletter's own"),
        (kind(fields="url: float"), "its field url is none of the types a key can have"),
        (kind(fields="url: dict[str, str]"), "its field url is none of the types a key can have"),
        (kind(fields="url: 'Nowhere'"), "the types of the fields of Jar cannot be read"),
        (kind().replace("@dataclass(frozen=True)\n", ""), "Jar is no dataclass"),
        (kind().replace("def fetch(", "def gather("), "Jar has no fetch"),
    ],
)
def test_a_kind_that_cannot_be_used_leaves_the_others(tmp_path: Path, text: str, reason: str) -> None:
    own = dict(find_kinds())
    with having(tmp_path, "kinds", broken=text, jars=kind("good jar")):
        [trouble] = load_outside().troubles
        assert str(trouble).startswith("The kind “broken” of jams 1.0 cannot be used: ")
        assert reason in str(trouble)
        assert "pip uninstall jams" in str(trouble)
        assert find_kinds().keys() - own.keys() == {"good jar"}
        assert {name: find_kinds()[name] for name in own} == own


def test_a_package_that_was_taken_out_by_half_leaves_the_others(tmp_path: Path) -> None:
    with having(tmp_path, "kinds", jars=kind("good jar")):
        left = tmp_path / "site" / "half-1.0.dist-info"
        left.mkdir()
        (left / "entry_points.txt").write_text("[newsletter.kinds]\nhalf = half\n")
        [trouble] = load_outside().troubles
        assert str(trouble) == (
            f"The kind “half” of a package in {tmp_path / 'site'} cannot be used: it does not load "
            "(ModuleNotFoundError: No module named 'half'). Its papers are not whole: install it again, or delete what "
            "is left of it there."
        )
        assert "good jar" in {each.word for each in find_kinds().values()}


@pytest.mark.parametrize(
    "text",
    [
        kind(fields="url: 'Nowhere'") + "import nothing_of_the_sort",
        kind(fields="url: 'Nowhere'") + kind("feed"),
    ],
)
def test_nothing_is_left_of_a_module_that_fails_after_its_first_kind(tmp_path: Path, text: str) -> None:
    with having(tmp_path / "alone", "kinds", broken=text):
        plain = "sources:\n  - name: Jams\n    url: https://x.example/jams\n    lids: red\n"
        assert len(mistakes(plain)) == 1
        assert "jam jar" not in find_kinds()
        assert kinds_called("jam jar") == ()
    with having(tmp_path / "two", "kinds", broken=text, jars=kind()):
        assert find_kinds()["jam jar"].cls.__module__ == "jars", "its word is free for the next"


def test_of_two_packages_with_one_word_the_first_has_it(tmp_path: Path) -> None:
    points = {name: {"newsletter.kinds": {"jar": f"jars_{name}"}} for name in ("b", "a")}
    with packages(tmp_path, points, {"jars_a": kind(), "jars_b": kind()}):
        assert find_kinds()["jam jar"].cls.__module__ == "jars_a"
        assert [str(each.plugin) for each in load_outside().troubles] == ["kind “jar” of b 1.0"]


def test_a_source_of_a_broken_kind_fails_alone_and_check_tells_it(tmp_path: Path) -> None:
    with having(tmp_path, "kinds", jars="import nothing_of_the_sort"):
        text = f"sources:\n{GOOD}    lids: red\n    weight: 5\n"
        [source] = read(text).sources
        assert (source.name, source.kind, source.weight, dict(source.settings)) == ("Jams", "jam jar", 5, {})
        [told] = mistakes(text, how="try")
        assert told.startswith('feeds.yaml:6: There is no kind "jam jar" here, and a package that may have it fails. ')
        assert "jams 1.0" in told
    assert len(mistakes(text)) == 2, "where all is well, an unknown kind is a mistake"


@pytest.mark.slow
def test_it_is_held_as_any_broken_source(home: Home, tmp_path: Path) -> None:
    with having(tmp_path / "x", "kinds", jars="import nothing_of_the_sort"):
        home.write(f"sources:\n{GOOD}")
        state = home.gather()["Jams"].state
        assert state.state == "failing"
        assert "The kind “jars” of jams 1.0 cannot be used" in state.state_reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("T = 1 / 0", "it does not load (ZeroDivisionError"),
        ("T = 5", "a target has a file_name and a render(issue, settings)"),
        (TARGET.format(file="issue.html"), "the newsletter itself writes issue.html already"),
        (TARGET.format(file="Issue.txt"), "the newsletter itself writes Issue.txt already"),
        (TARGET.format(file="../x"), "“../x” cannot be the name of its file"),
        (TARGET.format(file="GOOD.txt"), "target “good” of jams 1.0 writes GOOD.txt already"),
    ],
)
def test_a_target_that_cannot_be_used(tmp_path: Path, text: str, reason: str) -> None:
    with having(tmp_path, "targets", good=TARGET.format(file="good.txt"), kaput=text):
        assert list(outside_targets().found) == ["good"]
        [trouble] = outside_targets().troubles
        assert reason in trouble.reason
        assert mistakes("delivery:\n  also write: [good, kaput]\n") == [], "it stops nothing"
        [told] = mistakes("delivery:\n  also write: [good, kaput]\n", how="try")
        assert told.startswith("feeds.yaml:5: also write: The target “kaput” of jams 1.0 cannot be used")
        made = render_targets(("kaput", "good"), SimpleNamespace(title="Bridges"), None)
        assert made.files == {"good.txt": b"Bridges"}
        assert "jams 1.0" in made.remarks[0]


def test_a_target_that_nobody_brings_is_told_by_check_alone() -> None:
    assert mistakes("delivery:\n  also write: gopher\n") == []
    [told] = mistakes("delivery:\n  also write: gopher\n", how="try")
    assert "No installed package has the target “gopher”." in told


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("class Way: pass", "Way is no dataclass"),
        (way("server: str"), "its field server would be a key that the newsletter has itself"),
        (way("test_readers: str"), "its field test_readers would be a key that the newsletter has itself"),
        (way("speed: float"), "its field speed is none of the types"),
        (way().replace("deliver(", "send("), "a delivery has a deliver(mail)"),
    ],
)
def test_a_delivery_that_cannot_be_used(tmp_path: Path, text: str, reason: str) -> None:
    with having(tmp_path, "deliveries", shelf=text):
        [trouble] = ways().troubles
        assert reason in trouble.reason
        delivery = "delivery:\n  by: shelf\n  colour: red\n"
        assert reason in read(delivery).delivery.way.trouble
        [told] = mistakes(delivery, how="try")
        assert told.startswith('feeds.yaml:5: by cannot be "shelf". The delivery “shelf” of jams 1.0 cannot be used: ')


def test_a_delivery_may_not_be_called_as_one_of_ours(tmp_path: Path) -> None:
    with having(tmp_path, "deliveries", smtp=way(), listmonk=way()):
        assert [each.reason for each in ways().troubles] == [
            *("“listmonk” is a name of the newsletter's own, and stays with it",),
            *("“smtp” is a name of the newsletter's own, and stays with it",),
        ]
        assert read("delivery:\n  by: smtp\n  server: m.example\n").delivery.way is None


def test_its_keys_are_checked_and_secrets_come_from_the_environment(tmp_path: Path) -> None:
    with having(tmp_path, "deliveries", shelf=way("token: str\n    api_secret: str = ''\n    height: int = 3")):
        text = "delivery:\n  by: shelf\n  token: from SHELF\n  height: 7\n"
        found = read(text, environ={"SHELF": "hidden"}).delivery
        assert found.way.made().height == 7
        assert found.way.made().token == "hidden"
        assert "hidden" not in repr(found)
        told = mistakes("delivery:\n  by: shelf\n  token: abc\n  api secret: abc\n  height: low\n  colour: red\n")
        assert [each.partition(". ")[0] for each in told] == [
            "feeds.yaml:6: A token stands in this file in plain sight",
            "feeds.yaml:7: A api secret stands in this file in plain sight",
            'feeds.yaml:8: height must be a whole number from 0 to 1000000, not "low".',
            'feeds.yaml:9: "colour" is not something "delivery" can have',
        ]
        [told] = mistakes("delivery:\n  by: shelf\n")
        assert told == 'feeds.yaml:5: "by: shelf" needs "token:". Write it under "delivery:".'


def test_what_it_says_of_its_settings_is_told_by_check(tmp_path: Path) -> None:
    fields = "height: int = 3\n    def __post_init__(self):\n        if self.height > 9: raise ValueError('too high')"
    with having(tmp_path, "deliveries", shelf=way(fields)):
        text = "delivery:\n  by: shelf\n  height: 10\n"
        assert mistakes(text) == []
        [told] = mistakes(text, how="try")
        assert told.endswith(
            "The delivery “shelf” of jams 1.0 cannot be used: it does not take its settings (ValueError: too high)."
        )


def test_issues_of_a_package_that_is_gone_can_still_be_read(tmp_path: Path) -> None:
    text = f"{HEAD}sources:\n{GOOD}delivery:\n  by: shelf\n  colour: red\n  also write: gopher\n"
    assert len(mistakes(text.removeprefix(HEAD))) == 2
    found = config_of(text.encode())
    assert (found.sources[0].kind, found.delivery.by, found.delivery.also_write) == ("jam jar", "shelf", ("gopher",))


def test_doctor_and_check_know_each_by_package_and_version(tmp_path: Path) -> None:
    assert every_plugin() == ()
    points = {
        "jams": {"newsletter.kinds": {"jars": "jars"}, "newsletter.targets": {"gopher": "gopher:T"}},
        "wood": {"newsletter.deliveries": {"shelf": "shelf:Way"}},
    }
    modules = {"jars": kind(), "gopher": TARGET.format(file="gopher.txt"), "shelf": "raise ValueError('splinters')"}
    with packages(tmp_path, points, modules):
        said = [doctor_here.plugin_check(each) for each in every_plugin()]
        assert [(each.standing, each.text) for each in said[:2]] == [
            ("ok", "The kind “jars” of jams 1.0 can be used (“kind: jam jar”)."),
            ("ok", "The target “gopher” of jams 1.0 can be used (“also write: gopher”)."),
        ]
        [trouble] = troubles()
        assert (said[2].standing, said[2].text) == ("fault", str(trouble))
        assert str(trouble) == (
            "The delivery “shelf” of wood 1.0 cannot be used: it does not load (ValueError: splinters). Install a "
            "version of wood that works with this newsletter, or take it out: pip uninstall wood."
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "state", "found"),
    [
        ("return 'taken'", "done", {"accepted": 10}),
        ("raise MailFault('no such person', is_final=True)", "done", {"failed": 10}),
        ("raise MailFault('later')", "sending", {"deferred": 10}),
        ("raise ServiceFault('hm', may_be_done=True)", "done", {"unknown": 10}),
        ("raise KeyError('x')", "paused", {"queued": 9, "unknown": 1}),
        ("raise SystemExit(3)", "sending", {"queued": 9, "sending": 1}),
    ],
)
def test_the_ledger_is_honest(home: Home, tmp_path: Path, act: str, state: str, found: dict[str, int]) -> None:
    with having(tmp_path / "x", "deliveries", shelf=way(act=act)):
        approved_by(home, "  by: shelf\n")
        try:
            send(home)
        except SystemExit:
            assert "SystemExit" in act
        with home.opened() as app:
            assert states(app)[0] == state
            assert counted(app) == found
        import shelf

        issue = [each for each in shelf.GIVEN if "issue-1" in each.message_id]
        assert len({each.message_id for each in issue}) == len(issue) == sum(found.values()) - found.get("queued", 0)
        assert all(each.data.startswith(b"From:") or b"\r\nMessage-ID: " in each.data for each in issue)
        assert all(each.to.encode() in each.data for each in issue)


@pytest.mark.slow
@pytest.mark.parametrize(("repeats", "after"), [("False", {"accepted": 9, "unknown": 1}), ("True", {"accepted": 10})])
def test_after_a_crash_only_what_repeats_safely_is_given_again(
    home: Home, tmp_path: Path, repeats: str, after: dict[str, int]
) -> None:
    act = "if len(GIVEN) == 4: raise SystemExit(3)"
    fields = f"repeats_safely = {repeats}"
    with having(tmp_path / "x", "deliveries", shelf=way(fields, act)):
        approved_by(home, "  by: shelf\n")
        with pytest.raises(SystemExit):
            send(home)
        send(home)
        with home.opened() as app:
            assert counted(app) == after
        import shelf

        ids = [each.message_id for each in shelf.GIVEN]
        assert len(ids) - len(set(ids)) == (repeats == "True"), "the same mail with the same Message-ID"


@pytest.mark.slow
def test_it_keeps_to_the_pace_and_stops_when_told(home: Home, tmp_path: Path) -> None:
    with having(tmp_path / "x", "deliveries", shelf=way()):
        approved_by(home, "  by: shelf\n  at most per minute: 60\n")
        began = home.clock.now
        send(home)
        assert (home.clock.now - began).total_seconds() == pytest.approx(9, abs=1)


@pytest.mark.slow
def test_a_broken_one_pauses_the_mailing_and_nobody_is_marked(home: Home, tmp_path: Path) -> None:
    with having(tmp_path / "x", "deliveries", shelf="import nothing_of_the_sort"):
        approved_by(home, "  by: shelf\n")
        [sent] = send(home)
        assert sent.report.end == "paused"
        assert "The delivery “shelf” of jams 1.0 cannot be used" in sent.report.reason
        with home.opened() as app:
            assert counted(app) == {"queued": 10}
            with pytest.raises(MailFault, match="of jams 1"):
                transport_of(app).send_bytes(b"", sender="a@x.example", to=["b@x.example"])


@pytest.mark.slow
def test_a_package_that_is_removed_stops_only_what_it_brought(home: Home, tmp_path: Path) -> None:
    modules = {"jars": kind(), "gopher": TARGET.format(file="gopher.txt"), "shelf": way()}
    points = {
        "newsletter.kinds": {"jars": "jars"},
        "newsletter.targets": {"gopher": "gopher:T"},
        "newsletter.deliveries": {"shelf": "shelf:Way"},
    }
    with packages(tmp_path / "x", {"jams": points}, modules):
        approved_by(home, "  by: shelf\n  shelf: oak\n  also write: gopher\n")
        path = home.folder / "feeds.yaml"
        path.write_text(path.read_text().replace("sources:\n", f"sources:\n{GOOD}    weight: 3\n", 1))
        with home.opened() as app:
            assert (app.problems, app.config.warnings) == ((), ())
    with home.opened() as app:
        assert app.problems == ()
        assert app.in_force_since is None
        assert {each.name: each.weight for each in app.config.sources}["Jams"] == 3
        kind_line, by_line = [each.text for each in app.config.warnings]
        assert kind_line == "No installed package has the kind “jam jar”, so “Jams” is not read."
        assert by_line == "No installed package has the delivery “shelf”. Mail waits until it is installed."
    reports = home.gather()
    assert "no installed package has the kind “jam jar”" in reports["Jams"].state.state_reason
    assert [name for name, each in reports.items() if each.state.state == "failing"] == ["Jams"]
    [sent] = send(home)
    assert sent.report.end == "paused"
    assert "No installed package has the delivery “shelf”" in sent.report.reason
    with home.opened() as app:
        assert counted(app) == {"queued": 10}
        assert not (app.data / "outbox").exists()
    told = mistakes(path.read_text().removeprefix(HEAD), how="try")
    assert [each.partition(": ")[2].partition(".")[0] for each in told[:2]] == [
        'There is no kind "jam jar"',
        'by cannot be "shelf"',
    ]
    assert all(each.endswith("A package that brought it may be missing: install it.") for each in told[:2])
    # A slip that is typed anew is a mistake, and what was in force stays, without the package, too.
    path.write_text(path.read_text().replace("jam jar", "jam jug"))
    with home.opened() as app:
        assert 'There is no kind "jam jug"' in str(app.problems[0])
        assert app.in_force_since is not None
        assert "Jams" in {each.name for each in app.config.sources}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.example/?key=a/b c&x=1", "https://a.example/?key=•••&x=1"),
        ("https://a.example/?key=a%2Fb%20c", "https://a.example/?key=•••"),
        ("https://a.example/?key=a%2Fb+c", "https://a.example/?key=•••"),
        ("pw and pw", "••• and •••"),
        ("one of two, two of two", "one of •••, ••• of •••"),
        ("a pw-long one", "a ••• one"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_a_secret_is_not_shown_however_it_is_written(text: str, shown: str) -> None:
    settings = {"token": "a/b c", "password": "pw", "api_key": ("two", "pw-long"), "url": "of"}
    assert without_secrets(text, settings) == shown


def test_an_empty_secret_or_none_hides_nothing() -> None:
    for value in ("", "  ", None, 7, (), ("", None)):
        assert without_secrets("a b  7", {"token": value}) == "a b  7"


def approved_by(home: Home, delivery: str) -> None:
    """As ``approved``, with these lines under "delivery"."""
    write = home.write
    home.write = lambda text: write(f"{text}delivery:\n{delivery}")  # type: ignore[method-assign]
    approved(home)


def counted(app: Newsletter) -> dict[str, int]:
    return {name: count for name, count in deliveries_of(app, 1).counts.items() if count}
