import pytest

from newsletter.fetch.mail_head import read_head
from newsletter.fetch.mail_parts import body_text

HTML = "Content-Type: text/html; charset=utf-8\n\n<p>As <b>HTML</b></p>"
PLAIN = "Content-Type: text/plain; charset=utf-8\n\nAs words"
PATCH = 'Content-Type: text/x-patch; name="pump.patch"\n\n+++ pump'
ATTACHED = "Content-Type: text/plain\nContent-Disposition: attachment\n\nA log"
PICTURE = "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo="
FORWARDED = "Content-Type: message/rfc822\n\nSubject: inner\nContent-Type: text/plain\n\nSaid before"


def text_of(mail: str | bytes) -> str:
    data = mail.encode() if isinstance(mail, str) else mail
    head, at = read_head(data)
    return body_text(head, data[at:]).strip()


def multipart(sub: str, *parts: str, boundary: str = "tide") -> str:
    joined = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return (
        f'Content-Type: multipart/{sub}; boundary="{boundary}"\n\nFor old programs.\n{joined}--{boundary}--\nAfter.\n'
    )


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        ("Subject: plain\n\nAs words\n", "As words"),
        ("Content-Type: text/plain\n\nAs words\n", "As words"),
        (HTML, "As HTML"),
        ("Content-Type: nonsense\n\nAs words", "As words"),
        ("Content-Type: application/octet-stream\n\nxxx", ""),
        (PATCH, "+++ pump"),
        (multipart("alternative", PLAIN, HTML), "As words"),
        (multipart("alternative", HTML, PLAIN), "As words"),
        (multipart("alternative", HTML), "As HTML"),
        (multipart("alternative", "Content-Type: text/plain\n\n \n", HTML), "As HTML"),
        (multipart("mixed", PLAIN, PATCH, ATTACHED, PICTURE), "As words"),
        (multipart("mixed", PLAIN, "\nAnd more"), "As words\n\nAnd more"),
        (multipart("mixed", HTML, PLAIN), "As HTML\n\nAs words"),
        (multipart("mixed", PLAIN, FORWARDED), "As words"),
        (multipart("mixed", FORWARDED), "Said before"),
        (multipart("digest", FORWARDED, FORWARDED), "Said before\n\nSaid before"),
        (multipart("signed", PLAIN, "Content-Type: text/plain\n\nsignature"), "As words"),
        (multipart("related", HTML, PICTURE), "As HTML"),
        (multipart("mixed", multipart("alternative", PLAIN, HTML, boundary="inner"), PICTURE), "As words"),
        (multipart("mixed", PICTURE), ""),
        (multipart("mixed"), ""),
    ],
)
def test_what_a_person_reads(mail: str, text: str) -> None:
    assert text_of(mail) == text


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        ("Content-Transfer-Encoding: base64\n\nR3LDvMOfZQ==\n", "Grüße"),
        ("Content-Transfer-Encoding: BASE64;\n\nR3LDvMOfZQ\n", "Grüße"),
        ("Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=\n=C3=9Fe\n", "Grüße"),
        ("Content-Transfer-Encoding: quoted-printable\n\n=ZZ=4\n", "=ZZ=4"),
        ("Content-Transfer-Encoding: base64\n\n!!!!====\xff\n", ""),
        ('Content-Type: text/plain; charset="nobody-knows"\n\nGrüße', "Grüße"),
        ("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGrüße", "Grüße"),
    ],
)
def test_encodings(mail: str, text: str) -> None:
    assert text_of(mail) == text


def test_a_boundary_is_a_whole_line() -> None:
    mail = 'Content-Type: multipart/mixed; boundary="a"\n\n--ab\n\nnot a part\n--a\n\n--ab\nA part --a too\n--a--\n'

    assert text_of(mail) == "--ab\nA part --a too"


def test_windows_line_ends() -> None:
    assert text_of(multipart("alternative", PLAIN, HTML).replace("\n", "\r\n")) == "As words"


def test_parts_without_an_end() -> None:
    assert text_of(multipart("mixed", PLAIN).partition("\n--tide--")[0]) == "As words"


@pytest.mark.parametrize(
    "mail",
    [
        f"Subject: lost\n\nThis is a multi-part message.\n--tide\n{PLAIN}\n--tide\n{PICTURE}\n--tide--\n",
        f"Subject: the headers are lost\n\n--tide\n{PLAIN}\n--tide--\n",
        multipart("mixed", PLAIN).replace('"tide"', '"another"').replace("For old programs.\n", ""),
        multipart("mixed", PLAIN).replace('; boundary="tide"', "").replace("For old programs.\n", ""),
    ],
)
def test_parts_whose_boundary_nobody_states(mail: str) -> None:
    assert text_of(mail) == "As words"


def test_quotes_in_html_look_like_quotes() -> None:
    mail = (
        "Content-Type: text/html\n\n<div>Done.</div><div>On Monday Ada wrote:<blockquote>Is it <i>done</i>?"
        "<blockquote><p>Do it</p></blockquote></blockquote></div><p>Bye</p>"
    )

    lines = [line for line in text_of(mail).split("\n") if line]

    assert lines == ["Done.", "On Monday Ada wrote:", "> Is it done?", "> Do it", "Bye"]


def test_html_is_text_and_nothing_of_it_runs() -> None:
    assert text_of("Content-Type: text/html\n\n<script>alert(1)</script><p onclick=x()>Hi &amp; bye</p>") == "Hi & bye"


def test_depth_and_number_of_parts_are_bounded() -> None:
    deep = PLAIN
    for number in range(300):
        deep = multipart("mixed", deep, boundary=f"b{number}")
    many = multipart("mixed", *["\nx"] * 20_000)
    letters = PLAIN
    for _ in range(300):
        letters = f"Content-Type: message/rfc822\n\n{letters}"

    assert "As words" in text_of(deep)
    assert text_of(many).count("x") <= 200
    assert text_of(letters) == ""
