"""The API against its own OpenAPI document: schemathesis asks a real server all it can think of, good and bad."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from newsletter.pipeline.api_tokens import add_token
from newsletter.web.api_limits import ApiLimits
from newsletter.web.api_table import PLACES
from tests.web.everything import Everything, everything
from tests.web.live import live
from tests.web.stored import stored_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore::Warning")]

SEED, EXAMPLES = 20261015, 6
_READ_AGAIN = {"archive_issues", "archive_lines"}
"""Tables that are brought up to date by whoever reads."""
_SENT = _READ_AGAIN | {"api_posts", "api_tokens", "changes", "items", "item_keys", "item_revisions", "sources"}
FROM_AWAY = {"X-Forwarded-For": "203.0.113.9"}
"""What a proxy on this machine says: so the server trusts nobody without a token."""


@dataclass
class Outcome:
    """What schemathesis found: failures by what they are, how often each check was made, and each answer's status."""

    failures: dict[str, str] = field(default_factory=dict)
    checks: Counter[str] = field(default_factory=Counter)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    with everything(tmp_path_factory.mktemp("conforms") / "home") as made:
        made.desk.web.state.api_limits = ApiLimits(posts="100000/hour", searches="100000/minute")
        yield made


@pytest.fixture(scope="module")
def base(found: Everything) -> Iterator[str]:
    with live(found.desk.web, is_open=True) as address:
        yield address


def asked(base: str, *, token: str = "") -> Outcome:
    """Ask everything, from a fixed seed."""
    load_all_checks()
    headers = {**FROM_AWAY, **({"Authorization": f"Bearer {token}"} if token else {})}
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "headers": headers,
            "workers": 1,
            "request-timeout": 20,
            "generation": {"max-examples": EXAMPLES, "mode": "all", "database": "none"},
            "checks": {"enabled": True, "positive_data_acceptance": {"expected-statuses": EXPECTED}},
            "phases": {name: {"enabled": True} for name in ("examples", "coverage", "fuzzing", "stateful")},
            "operations": [{"include-method": "POST", "checks": _JUDGED}],
            "suppress-health-check": ["all"],
        }
    )
    schema = schemathesis.openapi.from_url(f"{base}/api/openapi.json", config=config, headers=headers)
    outcome = Outcome()
    for event in from_schema(schema).execute():
        note(outcome, event)
    return outcome


EXPECTED: list[Any] = ["2xx", 401, 403, 404, 409, 304]
_JUDGED = {"positive_data_acceptance": {"expected-statuses": [*EXPECTED, 422]}}
"""What has the right shape and is no tip all the same: advertisements, sections that are not there."""


def note(outcome: Outcome, event: Any) -> None:
    if isinstance(event, events.NonFatalError | events.FatalError):
        outcome.errors.append(str(getattr(event, "value", None) or getattr(event, "exception", event)))
    if not isinstance(event, events.ScenarioFinished):
        return
    recorder = event.recorder
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is not None:
            outcome.answers[recorder.label, interaction.response.status_code] += 1
        for check in recorder.checks.get(case_id, ()):
            outcome.checks[check.name] += 1
            if check.status == Status.FAILURE and check.failure_info:
                failure = check.failure_info.failure
                key = f"{recorder.label}: {failure.title}"
                outcome.failures.setdefault(key, f"{failure.message}\n{check.failure_info.code_sample}")


def check(outcome: Outcome) -> None:
    """Nothing was found, and everything was looked for at every address."""
    assert outcome.errors == []
    assert not outcome.failures, "\n\n".join(f"{key}\n{said}" for key, said in outcome.failures.items())
    assert set(CHECKS.get_all_names()) - set(outcome.checks) == set()
    places = {f"{each.method} {each.path}" for each in PLACES}
    assert places <= {label for label, _ in outcome.answers}
    assert all(status < 500 for _, status in outcome.answers)


def test_without_a_token(base: str, found: Everything) -> None:
    before = stored_in(found.desk.app.home)
    outcome = asked(base)
    check(outcome)
    for each in PLACES:
        statuses = {status for label, status in outcome.answers if label == f"{each.method} {each.path}"}
        assert (401 in statuses) == (each.scope is not None)
        assert statuses.isdisjoint({200, 201}) == (each.scope is not None)
    after = stored_in(found.desk.app.home)
    assert set(before.new(after)) | set(before.lost(after)) <= _READ_AGAIN


def test_with_a_token_that_may_do_everything(base: str, found: Everything) -> None:
    token = add_token(found.desk.app, "everything", scopes=("read", "tip", "hot"))
    before = stored_in(found.desk.app.home)
    outcome = asked(base, token=token)
    check(outcome)
    for each in PLACES:
        assert outcome.answers[f"{each.method} {each.path}", 201 if each.takes else 200], each.path
    after = stored_in(found.desk.app.home)
    assert set(before.new(after)) <= _SENT
    assert set(before.lost(after)) <= _READ_AGAIN | {"api_tokens", "sources"}
