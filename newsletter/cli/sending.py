"""send, stop and deliveries: an issue goes out, is held, and what became of it."""

import _thread
import signal
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.common import exit_code, home_option, opened
from newsletter.cli.speak import TO_MEND, complain, say, say_json, warn
from newsletter.errors import UsageError

if TYPE_CHECKING:
    from newsletter.pipeline.app import Newsletter
    from newsletter.pipeline.deliveries import Deliveries
    from newsletter.store.campaigns import CampaignRow
    from newsletter.store.delivery_reports import Step

_WORDS = {
    "accepted": "accepted",
    "deferred": "try again",
    "failed": "refused",
    "suppressed": "passed over or no such address",
    "unknown": "uncertain",
    "sending": "being handed over",
    "queued": "waiting",
}
by_option = click.option("--by", "editor", default="editor", show_default=True, help="Who says so.")
erratum_option = click.option("--erratum", type=click.IntRange(1), metavar="N", help="The erratum N, not the issue.")


@click.command()
@home_option
@click.argument("number", metavar="ISSUE", type=int)
@click.option("--now", "is_now", is_flag=True, help="Before its hour, too.")
@click.option(
    "--test",
    "test",
    metavar="[ADDRESS]",
    is_flag=False,
    flag_value="",
    help="One test mail to this address, or to the “test readers” of feeds.yaml; it counts for nothing.",
)
@click.option("--take-over", is_flag=True, help="Take the right to send from another copy.")
@click.option(
    "--uncertain", type=click.Choice(["again", "leave"]), help="Send the uncertain ones again, or leave them."
)
@erratum_option
@by_option
def send(home: Path, number: int, editor: str, **options: Any) -> int:
    """Send an approved issue whose hour has come, or go on with one that was stopped or paused."""
    with opened(home) as app:
        if options["test"] is not None:
            from newsletter.pipeline.trial_mail import send_tests

            for said in send_tests(app, number, to=options["test"]):
                say(said)
            return exit_code(app, is_partly=False)
        kind = _kind(options["erratum"])
        if options["uncertain"]:
            return _resolve(app, number, kind, again=options["uncertain"] == "again", editor=editor)
        return _send(app, number, editor, options)


def _send(app: "Newsletter", number: int, editor: str, options: dict[str, Any]) -> int:
    from newsletter.pipeline.send_acts import hand_over, send_erratum, send_now
    from newsletter.pipeline.send_right import is_put_back, sending_alone
    from newsletter.pipeline.sending import send_with

    kind = _kind(options["erratum"])
    over = threading.Event()

    def rest(seconds: float) -> None:
        over.wait(seconds)

    is_handed_over = not (options["erratum"] or options["is_now"]) and _waits_at_service(app, number)
    if not (options["erratum"] or is_handed_over):
        _check_hour(app, number, is_now=options["is_now"])
    # Whoever gives this command in a copy that was put back says that mail goes out here.
    with sending_alone(app, by_force=options["take_over"] or is_put_back(app)) as right:
        if options["erratum"]:
            send_erratum(app, number, options["erratum"], by=editor)
        elif is_handed_over:
            hand_over(app, number)
        else:
            send_now(app, number, by=editor)
        _say_begin(app, number, kind)
        # A thread of its own sets it: the main one may just hold the lock of the event, and would wait for itself.
        ends, asked = (signal.SIGINT, signal.SIGTERM), lambda *_: _thread.start_new_thread(over.set, ())
        before = {each: signal.signal(each, asked) for each in ends}
        try:
            send_with(app, right, is_over=over.is_set, rest=rest)
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
    return _say_end(app, number, kind)


def _say_begin(app: "Newsletter", number: int, kind: str) -> None:
    """How many go out and about how long that takes: nothing else is said before the end."""
    from newsletter.pipeline.deliveries import deliveries_of

    found, delivery = deliveries_of(app, number, kind), app.config.delivery
    count = found.counts.get("queued", 0) + found.counts.get("deferred", 0)
    if not count or found.campaigns or not (delivery.by == "smtp" or delivery.way):
        return
    pace, minutes = delivery.at_most_per_minute, -(-count // delivery.at_most_per_minute)
    long = f"about {minutes:,} minutes" if minutes > 1 else "about a minute"
    say(f"{count:,} {'mail' if count == 1 else 'mails'} to send, at most {pace:,} a minute: {long}.")
    if minutes > 1:
        say(f"Ctrl+C ends it safely; “newsletter deliveries {number}” in another window shows how far it is.")


def _waits_at_service(app: "Newsletter", number: int) -> bool:
    """Whether a service has the issue, or gets it now, and sends it at an hour that has not come."""
    from newsletter.pipeline.deliveries import deliveries_of

    found = deliveries_of(app, number)
    return bool(found.campaigns) and found.mailing.state == "scheduled" and found.mailing.send_at > app.now()


def _check_hour(app: "Newsletter", number: int, *, is_now: bool) -> None:
    from newsletter.pipeline.deliveries import deliveries_of

    found = deliveries_of(app, number).mailing
    if found.state in ("scheduled", "asking") and found.send_at > app.now() and not is_now:
        zone = app.config.schedule.zone
        hour = f"{found.send_at.astimezone(zone):%A %Y-%m-%d %H:%M} {zone.key}"
        raise UsageError(f"The hour of issue {number} is {hour}. --now sends it before.")


def _say_end(app: "Newsletter", number: int, kind: str) -> int:
    from newsletter.pipeline.deliveries import deliveries_of

    found = deliveries_of(app, number, kind)
    _say_counts(app, found)
    if found.mailing.state == "paused":
        return complain(f"It is paused: {found.mailing.reason}", TO_MEND)
    left = found.total - found.counts.get("accepted", 0) - found.passed_over_count
    is_whole = not left and not any(each.words for each in found.campaigns)
    return exit_code(app, is_partly=not is_whole)


def _resolve(app: "Newsletter", number: int, kind: str, *, again: bool, editor: str) -> int:
    from newsletter.pipeline.send_acts import resolve_unknown

    found = resolve_unknown(app, number, again=again, by=editor, kind=kind)
    mails = "1 uncertain mail" if found.count == 1 else f"{found.count:,} uncertain mails"
    say(f"{mails}: {'to be sent again' if again else 'left, and counted as accepted from now on'}.")
    if again and found.count:
        say(f"“newsletter run” sends them; so does “newsletter send {number}”.")
    return exit_code(app, is_partly=False)


@click.command()
@home_option
@click.argument("number", metavar="ISSUE", type=int)
@click.option("--pause", "is_pause", is_flag=True, help="Pause it; the issue itself is not stopped.")
@erratum_option
@by_option
def stop(home: Path, number: int, editor: str, is_pause: bool, erratum: int | None) -> int:
    """Stop an issue that is going out, or that would; within a second, whichever process sends."""
    from newsletter.pipeline import send_acts

    with opened(home) as app:
        (send_acts.pause if is_pause else send_acts.stop)(app, number, by=editor, kind=_kind(erratum))
        say(f"No mail of it begins any more. “newsletter send {number}” goes on.")
        return exit_code(app, is_partly=False)


@click.command()
@home_option
@click.argument("number", metavar="ISSUE", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--reader", "address", metavar="ADDRESS", help="What happened with the mail to this reader.")
@erratum_option
def deliveries(home: Path, number: int, as_json: bool, address: str | None, erratum: int | None) -> int:
    """What became of an issue: counts, domains, the servers' answers word for word, or one reader's trail."""
    from newsletter.pipeline.deliveries import all_deliveries, deliveries_of, trail

    with opened(home) as app:
        if address:
            steps = trail(app, number, address, _kind(erratum))
            if as_json:
                say_json([_step_record(each) for each in steps])
            else:
                _say_trail(app, steps)
            return exit_code(app, is_partly=False)
        found = deliveries_of(app, number, _kind(erratum))
        if as_json:
            errata = [] if erratum else [_record(each) for each in all_deliveries(app, number)[1:]]
            say_json(_record(found) | ({} if erratum else {"errata": errata}))
        else:
            _say_counts(app, found)
            _say_details(found)
        return exit_code(app, is_partly=False)


def _kind(erratum: int | None) -> str:
    return f"erratum-{erratum}" if erratum else "issue"


def _say_counts(app: "Newsletter", found: "Deliveries") -> None:
    zone, mailing = app.config.schedule.zone, found.mailing
    what = "Issue" if mailing.kind == "issue" else f"{mailing.kind.capitalize()} of issue"
    hour = f", due {mailing.send_at.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}" if mailing.started_at is None else ""
    many = "" if found.campaigns else f"   {found.done_count:,} of {found.total:,}"
    say(f"{what} {mailing.issue_number}   {mailing.state}{many}{hour}")
    for each in found.campaigns:
        _say_campaign(app, each)
    counts = [f"{words} {found.counts[state]:,}" for state, words in _WORDS.items() if found.counts.get(state)]
    if counts:
        say(f"  {' · '.join(counts)}")
    if found.next_at is not None and found.next_at > app.now():
        say(f"  next try at {found.next_at.astimezone(zone):%H:%M}")
    if mailing.reason:
        say(f"  {mailing.reason}")
    if found.crash:
        say(f"  {found.crash}")
    if found.counts.get("unknown"):
        number = mailing.issue_number
        warn(
            f"Of the uncertain ones nobody knows whether the server took them. “newsletter send {number} --uncertain "
            "again” sends them again (they could get it twice), “--uncertain leave” leaves them."
        )


def _say_campaign(app: "Newsletter", row: "CampaignRow") -> None:
    zone = app.config.schedule.zone
    lists = f"lists {', '.join(row.lists)}" if row.lists else "everybody there"
    hour = f" for {row.scheduled_at.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}" if row.scheduled_at else ""
    state = "not handed over yet" if row.state == "waiting" else f"{row.state}{hour}"
    say(f"  {row.service}, {lists}: {state}")
    counts = [
        f"{words} {count:,}"
        for words, count in (("readers there", row.reader_count), ("sent", row.sent_count))
        if count is not None
    ]
    say(f"    {row.name}{' · ' if counts else ''}{' · '.join(counts)}")
    if row.page:
        say(f"    {row.page}")
    if row.words:
        warn(f"    {row.words}")


def _say_details(found: "Deliveries") -> None:
    if found.domains:
        say()
        say(f"{'domain':<32} {'readers':>8} {'accepted':>9} {'try again':>10} {'refused':>8}")
    for each in found.domains[:40]:
        refused = each.counts.get("failed", 0) + each.counts.get("suppressed", 0)
        accepted, again = each.counts.get("accepted", 0), each.counts.get("deferred", 0)
        say(f"{each.domain:<32} {each.total:>8,} {accepted:>9,} {again:>10,} {refused:>8,}")
    if found.answers:
        say()
        say("What was answered, word for word:")
    for answer in found.answers:
        code = f"{answer.code} " if answer.code else ""
        say(f"  {answer.count:>6,}  {_WORDS[answer.state]}: {code}{answer.answer}")


def _say_trail(app: "Newsletter", steps: "tuple[Step, ...]") -> None:
    zone = app.config.schedule.zone
    for each in steps:
        code = f" {each.code}" if each.code else ""
        by = f" ({each.said_by})" if each.said_by else ""
        say(f"{each.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {each.state:<10}{code} {each.answer}{by}".rstrip())


def _record(found: "Deliveries") -> dict[str, Any]:
    mailing = found.mailing
    return {
        "issue": mailing.issue_number,
        "kind": mailing.kind,
        "state": mailing.state,
        "reason": mailing.reason,
        "send_at": _moment(mailing.send_at),
        "started_at": _moment(mailing.started_at),
        "finished_at": _moment(mailing.finished_at),
        "next_at": _moment(found.next_at),
        "total": found.total,
        "counts": {state: found.counts.get(state, 0) for state in _WORDS},
        "domains": [{"domain": each.domain, "total": each.total, "counts": each.counts} for each in found.domains],
        "answers": [asdict(each) for each in found.answers],
        "crash": found.crash or None,
        "campaigns": [_campaign_record(each) for each in found.campaigns],
    }


def _campaign_record(row: "CampaignRow") -> dict[str, Any]:
    return {
        "service": row.service,
        "name": row.name,
        "lists": list(row.lists),
        "state": row.state,
        "id": row.remote_id,
        "page": row.page,
        "scheduled_at": _moment(row.scheduled_at),
        "readers": row.reader_count,
        "sent": row.sent_count,
        "trouble": row.words or None,
    }


def _step_record(step: "Step") -> dict[str, Any]:
    return {**asdict(step), "at": _moment(step.at)}


def _moment(at: Any) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"
