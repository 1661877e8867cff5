"""How the program says that it is well: to machines, and to managers."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from starlette.requests import Request

from newsletter.pipeline.metrics import metrics_text
from newsletter.store.queue import Job, claim_ready, put, set_aside
from newsletter.web.health import TOKEN_VARIABLE, _may_watch
from tests.web.desk import running_desk
from tests.web.everything import everything

pytestmark = pytest.mark.slow


def test_for_machines(tmp_path: Path) -> None:
    with everything(tmp_path) as found:
        desk = found.desk
        assert desk.client.get("/healthz").text == "newsletter: ok\n"
        assert desk.client.get("/readyz").text == "ready\n"
        families = {each.name: each for each in text_string_to_metric_families(metrics_text(desk.app).decode())}
        with desk.app.database.transaction() as db:
            count = db.execute(text("SELECT count(*) FROM items")).scalar()
            db.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        answer = desk.client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "the schema is 0001\n")
        assert desk.client.get("/healthz").status_code == 200
    assert families["newsletter_items"].samples[0].value == count
    assert families["newsletter_draft_age_seconds"].samples[0].value >= 0
    assert {each.labels["state"] for each in families["newsletter_deliveries"].samples} >= {"queued", "unknown"}
    assert families["newsletter_sources"].samples[0].labels == {"kind": "feed", "state": "new"}


def test_only_this_machine_or_the_token_reads_the_metrics(tmp_path: Path) -> None:
    with running_desk(tmp_path) as desk:
        assert desk.client.get("/metrics").status_code == 200
        assert desk.client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 403
        assert desk.client.get("/metrics", headers={"host": "weekly.example.org"}).status_code == 403
        other = desk.browser(peer="203.0.113.9")
        assert other.get("/metrics").status_code == 403
        assert other.get("/metrics", headers={"authorization": "Bearer "}).status_code == 403
        asked = SimpleNamespace(
            headers={"authorization": "Bearer open", "host": "x"}, state=SimpleNamespace(client="", is_local=False)
        )
        app = replace(desk.app, environ={TOKEN_VARIABLE: "open"})
        assert _may_watch(cast(Request, asked), app)
        asked.headers["authorization"] = "Bearer shut"
        assert not _may_watch(cast(Request, asked), app)


def test_for_managers(tmp_path: Path) -> None:
    with running_desk(tmp_path) as desk:
        ines, ada = desk.signed_in(), desk.signed_in("Ada", role="editor")
        page = ines.client.get("/desk/health").text
        assert "feeds.yaml" in page
        assert "answers and can be written" in page
        assert ada.client.get("/desk/health").status_code == 403
        assert desk.client.get("/desk/health").status_code == 303
        for path in ("/desk/sources", "/desk/deliveries"):
            assert 'href="/desk/health"' in ines.client.get(path).text
            assert 'href="/desk/health"' not in ada.client.get(path).text


def test_a_job_that_was_set_aside_is_named(tmp_path: Path) -> None:
    with running_desk(tmp_path) as desk:
        now = desk.clock.now
        with desk.app.database.transaction() as db:
            put(db, Job("make draft", "a", {}), now=now)
            [job] = claim_ready(db, ["make draft"], worker="w", now=now, limit=1)
            set_aside(db, job, worker="w", reason="the disk is full", now=now)
        page = desk.signed_in().client.get("/desk/health").text
        assert f"“make draft” failed: the disk is full. Mend it, then: newsletter aside replay {job.id}." in page
