"""doctor: what it says of a well installation and of sick ones; it never hangs."""

import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ed25519
from sqlalchemy import text

from newsletter.deliver.dns_ask import NoAnswer, SystemDns
from newsletter.model.check import Check, ok
from newsletter.pipeline import doctor_mail
from newsletter.pipeline.app import DATABASE_VARIABLE
from newsletter.pipeline.doctor import examine, side_by_side
from newsletter.pipeline.doctor_mail import public_half
from newsletter.pipeline.in_force import QUEUE_VARIABLE, config_in_force
from newsletter.store.database import Database
from tests.dns_server import Zone, dns_server
from tests.loopback import Web, atom, serving
from tests.mailed import needs_sink, sink


def home_with(folder: Path, web: Web, more: str = "", site: str = "") -> Path:
    web["/planet.xml"] = atom()
    named = f"  site: {site}\n" if site else ""
    source = f"sources:\n  - name: Planet\n    kind: feed\n    url: {web.base}/planet.xml\n"
    (folder / "feeds.yaml").write_text(f"newsletter:\n  name: T\n  from: T <t@good.example>\n{named}{source}{more}")
    database = Database(f"sqlite:///{folder / 'data' / 'newsletter.db'}")
    database.migrate()
    database.close()
    return folder


def looked(folder: Path, environ: dict[str, str] | None = None, zone: Zone | None = None) -> dict[str, Check]:
    with dns_server(zone or {}) as port:
        given = {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8", **(environ or {})}
        return {each.name: each for each in examine(folder, given, dns=SystemDns(["127.0.0.1"], port))}


def private_key() -> str:
    made = ed25519.Ed25519PrivateKey.generate()
    return made.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()).decode()


@needs_sink
@pytest.mark.slow
def test_a_well_one(tmp_path: Path) -> None:
    pem = private_key()
    with serving() as web, sink() as server:
        web["/healthz"] = b"newsletter is alive"
        delivery = f"delivery:\n  server: 127.0.0.1\n  port: {server.port}\n  dkim selector: s\n  dkim key: from KEY\n"
        home_with(tmp_path, web, delivery, site=web.base)
        (tmp_path / "data").chmod(0o700)
        zone = {
            ("good.example", "TXT"): ['"v=spf1 mx -all"'],
            ("good.example", "MX"): ["10 mx.good.example."],
            ("_dmarc.good.example", "TXT"): ['"v=DMARC1; p=none"'],
            ("s._domainkey.good.example", "TXT"): [f'"v=DKIM1; k=ed25519; p={public_half(pem)}"'],
        }
        found = looked(tmp_path, {"KEY": pem}, zone)
    assert {name: each.text for name, each in found.items() if each.standing != "ok"} == {}
    assert list(found) == [
        *(
            "feeds.yaml",
            "database",
            "integrity",
            "database clock",
            "right to send",
            "kept",
            "jobs",
            "runs",
            "disk",
            "permissions",
        ),
        *("time zones", "clock", "mail server", "SPF", "DKIM s", "DMARC", "MX", "PTR", "site"),
    ]
    assert "PIPELINING" in found["mail server"].text
    assert server.mails == []


@pytest.mark.slow
def test_a_sick_one(tmp_path: Path) -> None:
    with serving() as web:
        tmp_path.chmod(0o755)
        more = "    secton: x\ndelivery:\n  server: 127.0.0.1\n  port: 1\n  password: from NOT_SET\n"
        home_with(tmp_path, web, more, site="http://plain.example")
        database = Database(f"sqlite:///{tmp_path / 'data' / 'newsletter.db'}")
        with database.transaction() as db:
            db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        database.close()
        (tmp_path / "data" / "newsletter.db").chmod(0o644)
        found = looked(tmp_path, {QUEUE_VARIABLE: "amqp://127.0.0.1:1/"})
        assert (found["feeds.yaml"].standing, '"secton"' in found["feeds.yaml"].text) == ("fault", True)
        assert (found["database"].standing, "newer newsletter" in found["database"].text) == ("fault", True)
        assert found["queue"].standing == "fault"
        assert found["permissions"].standing == "warning"
        assert "mail server" not in found
        home_with_good = (tmp_path / "feeds.yaml").read_text().replace("    secton: x\n", "")
        (tmp_path / "feeds.yaml").write_text(home_with_good)
        assert "NOT_SET is not set there" in looked(tmp_path)["feeds.yaml"].text
        found = looked(tmp_path, {"NOT_SET": "x"})
        assert (found["mail server"].standing, "cannot be reached" in found["mail server"].text) == ("fault", True)
        assert (found["site"].standing, "not https" in found["site"].text) == ("fault", True)


@needs_sink
@pytest.mark.slow
def test_a_server_that_refuses_the_password_and_a_site_that_is_not_ours(tmp_path: Path) -> None:
    with serving() as web, sink(auth="ada:secret") as server:
        delivery = f"delivery:\n  server: 127.0.0.1\n  port: {server.port}\n  user: ada\n  password: from WORD\n"
        home_with(tmp_path, web, delivery, site=web.base)
        found = looked(tmp_path, {"WORD": "wrong"})
    assert (found["mail server"].standing, "refuses the user" in found["mail server"].text) == ("fault", True)
    assert (found["site"].standing, "not answered by this program" in found["site"].text) == ("fault", True)


def test_a_damaged_file_and_a_database_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("newsletter:\n  name: T\n  from: T <t@good.example>\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "newsletter.db").write_bytes(b"no database at all" * 100)
    found = looked(tmp_path)
    assert (found["database"].standing, "is not a database" in found["database"].text) == ("fault", True)
    found = looked(tmp_path, {DATABASE_VARIABLE: "postgresql+psycopg://nobody@127.0.0.1:1/none"})
    assert (found["database"].standing, "cannot be used" in found["database"].text) == ("fault", True)


def test_a_new_home_is_left_as_it_is(tmp_path: Path) -> None:
    assert looked(tmp_path)["feeds.yaml"].standing == "fault"
    assert list(tmp_path.iterdir()) == []


def test_who_never_answers_is_given_up() -> None:
    def mute() -> Check:
        time.sleep(5)
        return ok("mute", "")

    def silent() -> Check:
        raise NoAnswer("the DNS does not answer for x")

    began = time.monotonic()
    found = side_by_side([("mute", mute), ("quick", lambda: ok("quick", "yes")), ("dns", silent)], seconds=0.1)
    assert time.monotonic() - began < 2
    assert [each.standing for each in found] == ["not asked", "ok", "not asked"]
    assert found[2].text == "It could not be asked: the DNS does not answer for x."


def test_a_clock_that_is_wrong_is_told() -> None:
    assert doctor_mail._skew("h", "Fri, 16 Oct 2020 10:00:00 GMT").standing == "fault"
    assert doctor_mail._skew("h", "soon").standing == "not asked"


def test_the_clock_is_asked_of_nobody_a_server_names(tmp_path: Path) -> None:
    with serving() as web, serving("127.0.0.2") as other:
        home_with(tmp_path, web)
        web.statuses["/"] = (302, {"Location": f"{other.base}/inside"})
        config = config_in_force(tmp_path, {})[0]
        found = doctor_mail.clock_check(config, {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.1/32"})
        assert (found.standing, other.asked) == ("ok", [])
        assert web.asked == [("/", 302)]
