from pathlib import Path

import pytest

from newsletter.errors import TemplateFault
from newsletter.render.environment import BUILT_IN, Templates
from newsletter.render.views import issue_context
from tests.render import samples


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def rendered(templates: Templates) -> str:
    return templates.render("email/issue.txt", issue=issue_context(samples.press(), samples.issue()))


def test_a_file_of_the_same_name_replaces(tmp_path: Path) -> None:
    write(tmp_path, "email/issue.txt", "{{ issue.name }}!")
    assert rendered(Templates(tmp_path)) == "Lantern Letter!"


def test_an_override_extends_what_it_replaces(tmp_path: Path) -> None:
    write(
        tmp_path,
        "email/issue.txt",
        '{% extends "builtin/email/issue.txt" %}{% block footer %}Bye.{% endblock %}',
    )
    text = rendered(Templates(tmp_path))
    assert text.startswith("LANTERN LETTER")
    assert "1  HIGHLIGHTS" in text
    assert text.endswith("Bye.")


def test_an_override_keeps_the_macros_of_what_it_extends(tmp_path: Path) -> None:
    write(
        tmp_path,
        "email/issue.html",
        '{% extends "builtin/email/issue.html" %}{% block sections %}{{ super() }}<p>More.</p>{% endblock %}',
    )
    html = Templates(tmp_path).render("email/issue.html", issue=issue_context(samples.press(), samples.issue()))
    assert "<p>More.</p>" in html
    assert "Highlights" in html


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("one\n{{ itm.title }}\n", 2, "'itm' is undefined"),
        ("one\ntwo\n{% for x in %}\n", 3, "Expected an expression"),
        ("{{ 1 // 0 }}", 1, "by zero"),
        ("{{ issue.nothing }}", 1, "nothing"),
        ("\n{{ issue.number + 'x' }}", 2, "unsupported operand"),
        ('\n{% include "email/none.txt" %}', 2, "no template “email/none.txt”"),
        ('{% extends "email/issue.txt" %}', 1, "recursion"),
    ],
)
def test_a_fault_names_file_and_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    write(tmp_path, "email/issue.txt", text)
    with pytest.raises(TemplateFault) as caught:
        rendered(Templates(tmp_path))
    assert (caught.value.file, caught.value.line) == ("email/issue.txt", line)
    assert said in caught.value.text


def test_a_file_that_is_not_text_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "issue.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TemplateFault):
        rendered(Templates(tmp_path))


def test_forgiving_templates_fall_back_and_say_so(tmp_path: Path) -> None:
    write(tmp_path, "email/issue.txt", "{{ itm }}")
    templates = Templates(tmp_path).forgiving()
    assert rendered(templates) == rendered(Templates())
    assert rendered(templates)
    assert templates.remarks == [
        "email/issue.txt:1: 'itm' is undefined. Mend this line. The built-in design is used instead."
    ]


def test_a_fault_of_our_own_is_not_hidden() -> None:
    templates = Templates().forgiving()
    with pytest.raises(TemplateFault):
        templates.render("email/issue.txt")
    with pytest.raises(TemplateFault):
        templates.text("web/nothing.css")


def test_hashes_name_every_file_and_change_with_it(tmp_path: Path) -> None:
    built_in = Templates().hashes()
    assert {"email/issue.html", "email/issue.txt", "web/site.css", "web/tokens.css"} <= set(built_in)
    assert list(built_in) == sorted(built_in)
    write(tmp_path, "web/site.css", "body { color: red }")
    changed = Templates(tmp_path).hashes()
    assert {name for name in built_in if built_in[name] != changed[name]} == {"web/site.css"}


def test_a_style_sheet_can_be_replaced(tmp_path: Path) -> None:
    write(tmp_path, "web/site.css", "body { color: red }")
    assert Templates(tmp_path).text("web/site.css") == "body { color: red }"
    assert Templates(tmp_path).text("web/tokens.css") == (BUILT_IN / "web/tokens.css").read_text(encoding="utf-8")


def test_half_characters_never_leave() -> None:
    context = issue_context(samples.press(name="Half \ud800 name"), samples.issue())
    assert "Half ? name" in Templates().render("email/issue.html", issue=context)
