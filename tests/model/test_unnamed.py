import pytest

from newsletter.model.item import Person
from newsletter.model.unnamed import Unnamed

HIDDEN = Unnamed(("Ada  Obi", "<bo@example.org>", "lea"))


@pytest.mark.parametrize(
    ("person", "hides"),
    [
        (Person("ada obi"), True),
        (Person("Somebody", "BO@example.org"), True),
        (Person("L. Novak", "lea@github.com"), True),
        (Person("Lea Novak"), False),
        (Person("Bo", "bo@example.com"), False),
        (Person("", ""), False),
        (None, False),
    ],
)
def test_people_are_hidden_by_name_address_and_account(person: Person | None, hides: bool) -> None:
    assert HIDDEN.hides(person) is hides
    assert not Unnamed().hides(person)


def test_the_name_that_may_be_shown() -> None:
    assert HIDDEN.name_of(Person("Ada Obi", "x")) is None
    assert HIDDEN.name_of(Person("Cy", "x")) == "Cy"
    assert HIDDEN.name_of(None) is None
    assert HIDDEN.name_of(Person("", "x")) is None


def test_sentences_that_name_them_are_left_out() -> None:
    said = ["It was ADA OBI who did it.", "The leaves fall.", "Lea helped."]
    assert HIDDEN.without(said) == ["The leaves fall."]
    assert Unnamed().without(said) == said
