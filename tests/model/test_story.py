from newsletter.model.item import Form, Item, Thread
from newsletter.model.story import PLACE_LABELS, place_label


def test_a_post_that_is_answered_in_its_place_is_a_thread() -> None:
    def item(form: Form, thread: Thread | None) -> Item:
        return Item("i", "s", "k", form, ("k",), "T", thread=thread)

    assert place_label(item("post", Thread("r"))) == "thread"
    assert place_label(item("post", None)) == "blog"
    assert {form: place_label(item(form, Thread("r"))) for form in PLACE_LABELS} == {**PLACE_LABELS, "post": "thread"}
