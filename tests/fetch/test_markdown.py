import time

import pytest

from newsletter.fetch.markdown import read_markdown

NOTES = """<!-- Describe
your change -->
## What's new ##

* **Fast** start, see [the docs](https://x.example/a_(b) "Docs") and #12
  + nested _one_
- [x] done `code_with_under` and snake_case_name
![shot](https://x.example/s.png)[![badge](https://b.example/b.svg)](https://ci.example/)

| a | b |
|---|:-:|
| 1 | 2 |
***

```sh
$ pip install x   # **not bold**


* keep
```

See <https://y.example/?a=1&b=2>, https://z.example/x. or [ref][1] &amp; [nope] \\*star\\*<br>next [Same]

[1]: https://r.example/ "Title"
[same]: https://s.example/
Title
=====
<details><summary>More</summary>

hidden <a href='https://h.example/'>h</a> [bad](javascript:alert(1))</details>
"""


def test_the_text_is_what_people_see_and_the_links_are_kept() -> None:
    written = read_markdown(NOTES)
    assert written.text == (
        "What's new\n\n- Fast start, see the docs and #12\n  - nested one\n"
        "- done code_with_under and snake_case_name\n\n"
        "| a | b |\n| 1 | 2 |\n\n$ pip install x   # **not bold**\n\n* keep\n\n"
        "See https://y.example/?a=1&b=2, https://z.example/x. or ref & [nope] *star*\nnext [Same]\n\n"
        "Title\nMore\n\nhidden h bad"
    )
    assert set(written.links) == {
        "https://x.example/a_(b)", "https://ci.example/", "https://r.example/", "https://h.example/",
        "https://y.example/?a=1&b=2", "https://z.example/x",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""), (" \n ", ""), ("<!-- only a template -->", ""), ("<!-- never closed", ""), ("plain", "plain"),
        ("a\r\n\r\nb", "a\n\nb"), ("# ", ""), ("2 * 3 * 4", "2 * 3 * 4"), ("*a* and **b**", "a and b"),
        ("~~gone~~", "gone"), ("``a`b``", "a`b"), ("```\nunclosed", "unclosed"),
        ("~~~\na\n```\nb\n~~~\nc", "a\n```\nb\nc"),
        ("> said\nso", "> said\nso"), ("1. one\n2. two", "1. one\n2. two"), ("- - -\na", "a"),
        ("a < b > c", "a < b > c"),
        ("x\u200by\u202e", "xy"), ("[a](b)", "a"), ("[a]()", "a"), ("![a][b]", ""),
    ],
)  # fmt: skip
def test_marks_of_every_sort(source: str, text: str) -> None:
    assert read_markdown(source).text == text


@pytest.mark.parametrize(
    "piece",
    ["**a ", "[", "[a](", "`a ", "<a ", "<!--", "- ", "_a ", "~~a", "*", "`", "| -- ", "![a]", "http://", "[a][b]", "#",
     "\\", "> ", "\n \n", "<", "&", "[a]: b ", "((", "<a href=", "~~~\n", "[a](b 'c", "- - "],
)  # fmt: skip
def test_nothing_that_is_written_costs_much(piece: str) -> None:
    began = time.process_time()
    read_markdown(piece * (1_000_000 // len(piece)))
    assert time.process_time() - began < 1
