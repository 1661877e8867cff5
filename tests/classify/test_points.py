from newsletter.classify.points import list_line, meeting_line


def test_the_first_two_points_that_tell_a_change_are_one_line() -> None:
    text = (
        "- Bump dependencies\n- feat(core): The kiln cools by itself (#12)\n  - inner\n* Adds a door by @ada\n- third"
    )
    assert list_line(text) == "The kiln cools by itself; adds a door."
    assert list_line("No list here.") == ""


def test_a_meeting_tells_its_decisions_first() -> None:
    text = "Topics:\n- The old door\nDecisions:\n- Buy a new door\n- Paint the wall green\nAction items:\n- Order it"
    assert meeting_line(text) == "Decisions: buy a new door; paint the wall green."
    assert meeting_line("Topics:\n- The old door") == "Topics: the old door."
    assert meeting_line("We met.") == ""
