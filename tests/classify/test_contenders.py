import pytest

from newsletter.classify.contenders import (
    Contender,
    Pool,
    is_plan_title,
    is_release_title,
    is_routine_title,
    title_pieces,
)


def test_a_pool_knows_its_liveliest() -> None:
    pool = Pool.of([Contender("a", "A", posts=3, people_count=2), Contender("b", "B", posts=9, people_count=1)])
    assert (pool.most_posts, pool.most_people) == (9, 2)
    assert (Pool.of([]).most_posts, Pool.of([]).most_people) == (1, 1)


def test_everybody_is_the_starter_and_who_wrote() -> None:
    assert Contender("a", "A", starter="Asta", people=("Bo", "", "Asta")).everybody == {"Asta", "Bo"}


def test_pieces_of_a_title_are_words_and_neighbours() -> None:
    assert title_pieces("Slower Drums: 2 of them") == {
        *("slower", "drums", "of", "them"),
        *("slower drums", "drums of", "of them"),
    }


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("Tumbler 4.3.0 is out", (True, False, False)),
        ("Basin released", (True, False, False)),
        ("RFC: a door without current", (False, True, False)),
        ("BIP proposal: smaller blocks", (False, True, False)),
        ("Weekly meeting, agenda", (False, False, True)),
        ("What should the door do?", (False, False, False)),
        ("Specific wishes", (False, False, False)),
    ],
)
def test_kinds_of_titles(title: str, kinds: tuple[bool, bool, bool]) -> None:
    assert (is_release_title(title), is_plan_title(title), is_routine_title(title)) == kinds
