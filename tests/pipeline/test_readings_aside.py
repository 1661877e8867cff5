"""A reading that was set aside is shown at its source, and begun again by who knows the source."""

import json

from click.testing import CliRunner

from newsletter.cli.sources import sources as sources_command
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.due_jobs import jobs_due
from newsletter.pipeline.readings_aside import READ, begin_unknown_again, unknown_words
from newsletter.pipeline.source_board import source_board
from newsletter.store.database import Db
from newsletter.store.queue import Job, claim_ready, jobs_aside, open_jobs, put, set_aside
from tests.loopback import atom
from tests.pipeline.conftest import Home
from tests.pipeline.conftest import any_home as any_home
from tests.pipeline.conftest import home as home

SOURCE = "  - name: {0}\n    kind: feed\n    url: {{web}}/{1}.xml\n"
FEEDS = "sources:\n" + SOURCE.format("A", "a") + SOURCE.format("B", "b")
CRASHED = "the process that ran it ended 3 times, each time before its end"


def aside(app: Newsletter, reason: str = "") -> Job:
    """Set the due reading of the source “B” aside."""
    job = next(each for each in jobs_due(app) if each.name == READ and each.args["id"] == "b")
    with app.database.transaction() as db:
        put(db, job, now=app.now())
        [found] = claim_ready(db, [READ], worker="w", now=app.now(), limit=9)
        set_aside(db, found, worker="w", reason=reason or unknown_words("b"), now=app.now())
    return job


def waiting(db: Db) -> list[str]:
    return [each.args["id"] for each in open_jobs(db, [READ])]


def test_a_source_whose_reading_is_set_aside_names_the_job_and_the_command(any_home: Home) -> None:
    any_home.write(FEEDS)
    with any_home.opened() as app:
        job = aside(app)
        first, second = source_board(app)
    assert (first.health.source.name, first.word, first.health.sign) == ("B", "broken", "×")
    assert first.health.words == (
        f"set aside; “newsletter aside replay {job.id}” tries it again: "
        "There is no source with the id “b” in feeds.yaml of this machine."
    )
    assert first.health.next_at is None
    assert (second.word, second.health.words) == ("new", "not read yet")


def test_the_command_lists_it_with_what_is_in_trouble(home: Home) -> None:
    home.write(FEEDS)
    with home.opened() as app:
        job = aside(app)

    def told(*words: str) -> str:
        return CliRunner().invoke(sources_command, ["--home", str(home.folder), *words]).stdout

    assert told().startswith("2 sources · 0 well · 1 not read yet · 1 with a word to say\n")
    assert f"× B  failing        0 items  set aside; “newsletter aside replay {job.id}”" in told()
    record = next(each for each in json.loads(told("--json")) if each["name"] == "B")
    assert record["state"] == "failing"
    assert job.id in record["state_reason"]


def test_what_was_read_since_is_well(home: Home) -> None:
    home.web["/b.xml"] = home.web["/a.xml"] = atom()
    home.write(FEEDS)
    with home.opened() as app:
        aside(app)
    home.clock.move(minutes=1)
    home.gather()
    with home.opened() as app:
        assert [each.word for each in source_board(app)] == ["well", "well"]


def test_who_knows_the_source_begins_its_reading_again_and_nothing_else(any_home: Home) -> None:
    any_home.write(FEEDS)
    with any_home.opened() as app:
        aside(app)
    any_home.write(FEEDS.partition("  - name: B")[0])
    with any_home.opened() as app:
        assert begin_unknown_again(app) == 0, "it is not known here either"
    any_home.write(FEEDS)
    with any_home.opened() as app:
        assert begin_unknown_again(app) == 1
        with app.database.reading() as db:
            assert waiting(db) == ["b"]
            assert jobs_aside(db) == []


def test_one_that_ends_its_process_stays_aside(home: Home) -> None:
    home.write(FEEDS)
    with home.opened() as app:
        aside(app, CRASHED)
        assert begin_unknown_again(app) == 0
        assert CRASHED in source_board(app)[0].health.words
