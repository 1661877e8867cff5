"""The desk's pages about readers, over HTTP."""

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response
from structlog.testing import capture_logs

from newsletter.model.subscriber import Choice
from newsletter.pipeline import subscribing
from newsletter.pipeline.import_readers import BATCH, Report, Wanted, import_readers
from newsletter.store.mail_tables import bounces
from newsletter.store.mail_tables import subscribers as rows
from newsletter.web import bringing
from newsletter.web.guard import MAX_BODY, UPLOAD
from tests.web.desk import OWN, Desk, Signed, running_desk
from tests.web.readers import FEEDS, mails, reader_at, subscribed

PATH = "/desk/subscribers"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with running_desk(tmp_path / "home", FEEDS) as running:
        yield running


@pytest.fixture
def ines(desk: Desk) -> Signed:
    return desk.signed_in()


def upload(browser: Signed, content: bytes | str, **fields: str) -> Response:
    data = {"csrf": browser.csrf, "source": "old list", **fields}
    return browser.client.post(UPLOAD, data=data, files={"file": ("old.csv", content, "text/csv")}, headers=OWN)


def wait(desk: Desk) -> None:
    for thread in desk.web.state.bringer.threads:
        thread.join(20)


def settled(desk: Desk, browser: Signed, path: str) -> str:
    browser.get(path)
    wait(desk)
    return browser.get(path).text


def test_without_readers_the_page_has_the_form_to_copy(desk: Desk, ines: Signed) -> None:
    page = ines.get(PATH).text
    assert "No readers yet" in page
    assert "&lt;form action=&#34;https://weekly.example.org/subscribe&#34; method=&#34;post&#34;&gt;" in page
    assert '<a href="/desk/subscribers" aria-current="page">Subscribers</a>' in page


def test_the_list_and_its_filters(desk: Desk, ines: Signed) -> None:
    rita, olaf, gone = (subscribed(desk, f"{name}@example.org") for name in ("rita", "olaf", "gone"))
    subscribing.pause(desk.app, olaf.id, 4)
    subscribing.leave(desk.app, gone.id, way="test")
    with desk.app.database.transaction() as db:
        row = {"subscriber_id": rita.id, "day": desk.clock().date(), "at": desk.clock(), "kind": "soft"}
        db.execute(bounces.insert(), [{**row, "status": "4.2.2", "words": "mailbox full"}])
    page = ines.get(PATH).text
    assert "2 active · 0 waiting to confirm · 1 paused · 1 left · 1 bouncing" in page
    assert "r…@example.org" in page
    assert "bounced 1 of 3: “mailbox full”" in page
    assert "rita@" not in page
    with capture_logs() as said:
        assert "rita@example.org" in ines.get(f"{PATH}?show=1").text
    assert {"event": "addresses shown", "by": "Ines", "count": 3, "log_level": "info"} in said
    assert "g…@" in ines.get(f"{PATH}?state=left").text
    assert "r…@" not in ines.get(f"{PATH}?state=left").text
    assert "o…@" in ines.get(f"{PATH}?q=OLAF").text
    assert "Nobody like that" in ines.get(f"{PATH}?q=<b>%25").text
    assert ines.get(f"{PATH}?before=x&section=nowhere&rhythm=never&state=odd").status_code == 200


def test_fifty_rows_then_more(desk: Desk, ines: Signed) -> None:
    path = desk.app.home / "many.csv"
    path.write_text("".join(f"r{at}@example.org\n" for at in range(60)))
    import_readers(desk.app, path, Wanted("test", "by hand"))
    page = ines.get(f"{PATH}?rhythm=weekly").text
    assert page.count('<th scope="row">') == 50
    more = page.split("50 more")[0].rpartition('href="')[2].split('"')[0].replace("&amp;", "&")
    assert "rhythm=weekly" in more
    assert ines.get(more).text.count('<th scope="row">') == 10


def test_editors_see_numbers_and_nobody(desk: Desk) -> None:
    reader = subscribed(desk)
    omar = desk.signed_in("Omar", role="editor")
    page = omar.get(f"{PATH}?show=1").text
    assert "1 active" in page
    assert "rita" not in page
    assert "r…@" not in page
    for path in (f"{PATH}/{reader.id}", f"{PATH}/export", UPLOAD, f"{UPLOAD}/{'0' * 16}"):
        assert omar.get(path).status_code == 403, path
    for path in ("add", "agree", "export", "import", *(f"{reader.id}/{act}" for act in ("erase", "leave", "choice"))):
        assert omar.post(f"{PATH}/{path}").status_code == 403, path
    assert desk.client.get(PATH).status_code == 303


def test_adding_asks_them_first(desk: Desk, ines: Signed) -> None:
    assert ines.post(f"{PATH}/add", address="new@example.org").status_code == 303
    assert mails(desk.app)[-1]["To"] == "new@example.org"
    assert reader_at(desk.app, "new@example.org").state == "waiting"
    answer = ines.post(f"{PATH}/add", address="nobody")
    assert (answer.status_code, 'value="nobody"' in answer.text) == (400, True)


def test_a_manager_changes_what_a_reader_gets_and_it_is_kept_who_did(desk: Desk, ines: Signed) -> None:
    reader = subscribed(desk)
    path = f"{PATH}/{reader.id}/choice"
    page = ines.get(f"{PATH}/{reader.id}").text
    assert page.count('name="section"') == page.count('" checked> ') - 1
    fields = {"do": "choose", "rhythm": "monthly", "section": "events", "how": "by mail on Monday"}
    assert ines.post(path, **fields).headers["location"] == f"{PATH}/{reader.id}?said=changed#now"
    assert reader_at(desk.app, "rita@example.org").choice == Choice("monthly", ("events",))
    assert "changed (desk Ines: by mail on Monday)<br>Send me " in ines.get(f"{PATH}/{reader.id}").text
    assert ines.post(path, do="pause", weeks="4").status_code == 303
    assert reader_at(desk.app, "rita@example.org").paused_until is not None
    page = ines.get(f"{PATH}/{reader.id}").text
    assert "paused (desk Ines)" in page
    assert "End the pause" in page
    assert ines.post(path, do="resume").status_code == 303
    assert reader_at(desk.app, "rita@example.org").paused_until is None
    for wrong in ({"do": "pause", "weeks": "x"}, {"do": "dance"}, {"do": "choose", "rhythm": "hourly"}):
        assert ines.post(path, **wrong).status_code == 400
    assert ines.post(f"{PATH}/99/choice", do="resume").status_code == 404
    subscribing.leave(desk.app, reader.id, way="test")
    assert ines.post(path, do="resume").status_code == 409
    assert "Change what they get" not in ines.get(f"{PATH}/{reader.id}").text


def test_a_reader_who_is_asked_whether_they_are_there(desk: Desk, ines: Signed) -> None:
    reader = subscribed(desk)
    with desk.app.database.transaction() as db:
        db.execute(rows.update().values(state="bouncing"))
    for path in (PATH, f"{PATH}/{reader.id}"):
        assert "mail comes back; asked whether they are there" in ines.get(path).text


def test_one_reader_and_the_end_of_it(desk: Desk, ines: Signed) -> None:
    reader = subscribed(desk)
    page = ines.get(f"{PATH}/{reader.id}").text
    assert "Send me Test weekly by mail" in page
    assert "rita@" not in page
    assert "rita@example.org" in ines.get(f"{PATH}/{reader.id}?show=1").text
    assert ines.post(f"{PATH}/{reader.id}/leave").status_code == 303
    assert reader_at(desk.app, "rita@example.org").state == "left"
    assert ines.post(f"{PATH}/{reader.id}/erase").status_code == 400, "it asks first"
    assert "Erase 1 person" in page
    assert ines.post(f"{PATH}/{reader.id}/erase", sure="yes").status_code == 303
    page = ines.get(f"{PATH}/{reader.id}").text
    assert "Erase my address everywhere. " not in page
    assert "1 erased" in ines.get(PATH).text
    for path in (f"{PATH}/99", f"{PATH}/999999999"):
        assert ines.get(path).status_code == 404
        assert ines.post(f"{path}/erase", sure="yes").status_code == 404


def test_a_file_is_looked_at_then_brought_in(desk: Desk, ines: Signed) -> None:
    answer = upload(ines, "email,name\na@example.org,Ada\nnobody,\n=x,\n")
    assert answer.status_code == 303
    path = answer.headers["location"]
    page = settled(desk, ines, path)
    assert "1 new, 0 known, 2 are not addresses (lines 3, 4)" in page
    assert "a@example.org" in page
    assert "not kept: “name”" in page
    assert "1 person" not in ines.get(PATH).text, "nothing is stored yet"
    failed = ines.get(f"{path}/failed.csv")
    assert list(csv.reader(io.StringIO(failed.text)))[2] == ["4", "not an address", "'=x", ""]
    assert ines.post(path, do="bring").status_code == 303
    assert "Done" in settled(desk, ines, path)
    assert reader_at(desk.app, "a@example.org").state == "waiting"
    page = ines.get(PATH).text
    assert "1 person" in page
    assert ines.post(f"{PATH}/agree", source="old list", how=" ").status_code == 400
    assert ines.post(f"{PATH}/agree", source="old list", how="by a form").status_code == 303
    assert reader_at(desk.app, "a@example.org").state == "active"
    assert ines.post(path, do="forget").status_code == 303
    assert ines.get(path).status_code == 404
    assert list((desk.app.data / "imports").iterdir()) == []


def test_what_is_no_file_of_readers(desk: Desk, ines: Signed) -> None:
    assert upload(ines, b"").status_code == 400
    path = upload(ines, "a,b\nc,d\n").headers["location"]
    assert "No column of this file holds mail addresses." in settled(desk, ines, path)
    assert ines.post(path, do="odd").status_code == 400
    assert ines.post(UPLOAD, source="x").status_code == 400
    for number in ("0" * 16, "..%2f..%2ffeeds", "x"):
        assert ines.get(f"{UPLOAD}/{number}").status_code == 404


def test_a_running_import_says_how_far_it_is_and_can_be_stopped(
    desk: Desk, ines: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = upload(ines, "email\n" + "".join(f"r{at}@example.org\n" for at in range(3 * BATCH))).headers["location"]
    settled(desk, ines, path)
    real = import_readers

    def held(*args: object, may_go_on: object, **options: object) -> Report:
        def slowly(report: Report) -> bool:
            number = path.rpartition("/")[2]
            deadline = time.monotonic() + 20
            while not desk.web.state.bringer.known[number].must_stop and time.monotonic() < deadline:
                time.sleep(0.01)
            return bool(may_go_on(report))  # type: ignore[operator]

        return real(*args, may_go_on=slowly, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(bringing, "import_readers", held)
    ines.post(path, do="bring", agreed="by a form")
    page = ines.get(path)
    assert (page.headers["refresh"], "Cancel" in page.text, "of 3,000" in page.text) == ("2", True, True)
    ines.post(path, do="stop")
    wait(desk)
    page = ines.get(path)
    assert "Cancelled" in page.text
    assert f"{BATCH:,} new" in page.text
    monkeypatch.undo()
    ines.post(path, do="bring", agreed="by a form")
    assert f"{2 * BATCH:,} new, {BATCH:,} known" in settled(desk, ines, path)


def test_only_who_is_signed_in_may_send_a_large_file(desk: Desk, ines: Signed) -> None:
    large = "email\n" + "".join(f"reader{at}@example.org,{'x' * 60}\n" for at in range(20_000))
    assert len(large) > MAX_BODY
    assert upload(ines, large).status_code == 303
    stranger = Signed(desk.browser(), "x")
    assert upload(stranger, large).status_code == 413
    assert "in several parts" in upload(stranger, large).text
    data = {"csrf": ines.csrf, "address": "x" * (MAX_BODY + 1)}
    assert ines.client.post(f"{PATH}/add", data=data, headers=OWN).status_code == 413


def test_taking_out_asks_and_is_logged(desk: Desk, ines: Signed) -> None:
    subscribed(desk, "=1+1@example.org")
    assert "the addresses of 1 person" in ines.get(f"{PATH}/export").text
    with capture_logs() as said:
        answer = ines.post(f"{PATH}/export")
    assert answer.headers["content-disposition"].startswith('attachment; filename="subscribers-')
    assert answer.text.splitlines()[1].startswith("'=1+1@example.org,active,all,weekly")
    assert [(each["event"], each["by"], each["which"], each["log_level"]) for each in said] == [
        ("readers taken out", "Ines", "all", "info")
    ]
