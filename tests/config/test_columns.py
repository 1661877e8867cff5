from newsletter.config.columns import Columns


def columns(*lines: tuple[int, int, bool]) -> Columns:
    """Columns after lines of (spaces, letters of dashes, has a value)."""
    made = Columns()
    for indent, dashes, has_value in lines:
        made.take_key(indent, dashes, has_value=has_value)
    return made


SOURCE = [(0, 0, False), (2, 2, True), (4, 0, True)]


def test_lines_in_their_column_stay_there() -> None:
    made = columns(*SOURCE, (4, 0, False), (6, 0, True))
    assert made.take_key(4, 0, has_value=True) == (4, False)
    assert made.take_key(2, 2, has_value=True) == (2, False)
    assert made.take_key(0, 0, has_value=False) == (0, False)


def test_a_line_in_no_column_goes_to_the_nearest() -> None:
    assert columns(*SOURCE).take_key(5, 0, has_value=True) == (4, True)
    assert columns(*SOURCE).take_key(3, 0, has_value=True) == (4, True)
    assert columns(*SOURCE).take_key(2, 0, has_value=True) == (4, True)
    assert columns(*SOURCE).take_key(3, 2, has_value=True) == (2, True)
    assert columns(*SOURCE).take_key(0, 2, has_value=True) == (2, True)
    assert columns((0, 0, False), (4, 0, True)).take_key(1, 0, has_value=True) == (0, True)


def test_what_follows_a_moved_line_is_moved_without_a_word() -> None:
    made = columns(*SOURCE)
    assert made.take_key(3, 2, has_value=True) == (2, True)
    assert made.take_key(5, 0, has_value=True) == (4, False)
    assert made.take_key(5, 0, has_value=True) == (4, False)


def test_a_list_may_stand_in_the_column_of_its_key() -> None:
    made = columns((0, 0, False), (0, 2, True), (2, 0, True), (0, 2, True))
    assert made.inner_column == 2
    assert made.take_key(0, 0, has_value=False) == (0, False)


def test_a_dash_alone_opens_an_item() -> None:
    made = columns((0, 0, False))
    made.take_dash(2)
    assert made.take_key(4, 0, has_value=True) == (4, False)
    assert made.take_key(2, 2, has_value=True) == (2, False)


def test_the_column_of_the_inner_keys() -> None:
    assert Columns().inner_column == 0
    assert columns((0, 0, False)).inner_column == 2
    assert columns((0, 0, False), (3, 0, True)).inner_column == 3
    assert columns(*SOURCE).inner_column == 4
    made = columns((0, 0, False))
    made.take_dash(2)
    assert made.inner_column == 4


def test_the_column_of_a_line_that_begins_with_a_tab() -> None:
    made = columns((0, 0, False))
    assert made.column_for(8, is_dash=True) == 2
    made = columns(*SOURCE)
    assert made.column_for(8, is_dash=False) == 4
    assert made.column_for(16, is_dash=True) == 2
    made = columns(*SOURCE, (4, 0, False))
    assert made.column_for(16, is_dash=False) == 6
    made.take_key(6, 0, has_value=True)
    assert made.column_for(16, is_dash=False) == 6
