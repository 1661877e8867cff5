"""checks_of(): everything that is looked at before an issue is approved. Pure."""

from collections.abc import Iterable

from newsletter.edit.check import Act, Check, CheckInput, MailFacts, Shown, grouped
from newsletter.edit.entry_checks import entry_checks
from newsletter.edit.link_checks import link_checks
from newsletter.edit.mail_checks import mail_checks
from newsletter.model.issue import Change

__all__ = ["Act", "Check", "CheckInput", "MailFacts", "Shown", "checks_of", "looked_at", "stopping", "summary_of"]

_NO_DECISION = ("blurb", "remark")
_ORDER = {"stops": 0, "warning": 1, "good": 2}


def checks_of(found: CheckInput) -> tuple[Check, ...]:
    """What is to be said about the issue: what stops it, then what to look at, then what is well."""
    every = [*link_checks(found), *entry_checks(found), *mail_checks(found)]
    return tuple(sorted(every, key=lambda each: _ORDER[each.state]))


def stopping(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Those of ``checks`` that stop an issue."""
    return tuple(each for each in checks if each.state == "stops")


def looked_at(changes: Iterable[Change]) -> frozenset[str]:
    """Ids of the entries that an editor decided or changed something about."""
    return frozenset(change.target for change in changes if change.action not in _NO_DECISION)


def summary_of(checks: Iterable[Check]) -> str:
    """The checks in a sentence, a group for one: Two things to look at. Neither stops the issue."""
    every = grouped(checks)
    stops, warnings = (sum(each.state == state for each in every) for state in ("stops", "warning"))
    if stops:
        return f"{_number(stops)} {'thing stops' if stops == 1 else 'things stop'} the issue."
    if not warnings:
        return "All is well."
    ends = {1: "It does not stop the issue.", 2: "Neither stops the issue."}.get(warnings, "None stops the issue.")
    return f"{_number(warnings)} {'thing' if warnings == 1 else 'things'} to look at. {ends}"


def _number(count: int) -> str:
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return words[count] if count < len(words) else str(count)
