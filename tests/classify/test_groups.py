from newsletter.classify.groups import Groups


def test_what_is_joined_step_by_step_is_one_group_with_its_reasons_once() -> None:
    groups = Groups(5)
    assert groups.join(0, 1, "one thread")
    assert groups.join(3, 1, "the same title")
    assert groups.join(0, 3, "one thread")
    assert groups.members() == [[0, 1, 3], [2], [4]]
    assert sorted(groups.reasons(3)) == ["one thread", "the same title"]
    assert groups.reasons(2) == ()


def test_a_pair_that_must_stay_apart_keeps_its_groups_apart() -> None:
    groups = Groups(4, apart=[(0, 3), (2, 2)])
    groups.join(0, 1, "x")
    groups.join(3, 2, "x")
    assert not groups.join(1, 2, "y")
    assert groups.members() == [[0, 1], [2, 3]]
    assert "y" not in groups.reasons(1)


def test_what_is_left_alone_joins_nothing() -> None:
    groups = Groups(3)
    groups.leave_alone([1])
    assert not groups.join(0, 1, "x")
    assert groups.join(0, 2, "x")
