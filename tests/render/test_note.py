from newsletter.render.contexts import SpanView
from newsletter.render.note import note_paragraphs


def test_paragraphs_are_parted_by_empty_lines() -> None:
    assert note_paragraphs("one\ntwo\n\n \nthree\r\n\r\n") == ((SpanView("one two"),), (SpanView("three"),))
    assert note_paragraphs(" \n\n") == ()


def test_stress_links_and_bare_addresses() -> None:
    (spans,) = note_paragraphs("A **b** [c](https://c.example/x) and https://d.example/y. End")
    assert spans == (
        SpanView("A "),
        SpanView("b", is_strong=True),
        SpanView(" "),
        SpanView("c", url="https://c.example/x"),
        SpanView(" and "),
        SpanView("https://d.example/y", url="https://d.example/y"),
        SpanView(". End"),
    )


def test_other_schemes_are_no_links() -> None:
    (spans,) = note_paragraphs("[x](javascript:alert(1)) [y](data:text/html,z)")
    assert [span.url for span in spans] == [None] * len(spans)


def test_html_and_marks_without_an_end_stay_words() -> None:
    assert note_paragraphs("<b>a</b> **b [c](d") == ((SpanView("<b>a</b> **b [c](d"),),)
