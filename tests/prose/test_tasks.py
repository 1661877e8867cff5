import pytest

from newsletter.prose.tasks import task_in


@pytest.mark.parametrize(
    ("sentence", "task"),
    [
        ("Nominations close on Friday", "Nominate"),
        ("Vote by 1 March", "Vote"),
        ("The call for papers ends on 12 June", "Hand in"),
        ("The CFP closes on 12 June", "Hand in"),
        ("Please register until Saturday", "Sign up"),
        ("Early bird prices end soon", "Get a ticket"),
        ("Applications are due on Monday", "Apply"),
        ("Comments are welcome until Monday", "Answer"),
        ("Vote on the proposals until Monday", "Vote"),
        ("The feature freeze is on Monday", ""),
        ("", ""),
    ],
)
def test_what_readers_are_asked_for(sentence: str, task: str) -> None:
    assert task_in(sentence) == task
