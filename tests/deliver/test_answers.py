"""What a server answers is read strictly, and means what the standards say."""

import pytest

from newsletter.deliver.answers import (
    LONGEST_LINE,
    Answer,
    NoSmtp,
    Phase,
    judge,
    take_answer,
    wait_named,
)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"250 2.0.0 ok\r\n", "250 2.0.0 ok"),
        (b"250\r\n", "250"),
        (b"250 ok\n", "250 ok"),
        (b"250-2.1.5 one\r\n250-2.1.5 two\r\n250 2.1.5 three\r\n", "250 2.1.5 one two three"),
        (b"550 5.1.1 caf\xe9\x07 unknown\r\n", "550 5.1.1 caf�� unknown"),
        (b"250 " + b"x" * 1_500 + b"\r\n", "250 " + "x" * 1_000),
    ],
)
def test_an_answer_is_read(data: bytes, answer: str) -> None:
    buffer = bytearray(data + b"354 go")
    assert str(take_answer(buffer)) == answer
    assert buffer == b"354 go"
    assert take_answer(buffer) is None


def test_an_answer_comes_in_pieces() -> None:
    buffer = bytearray()
    for at, byte in enumerate(whole := b"250-one\r\n250 two\r\n"):
        buffer.append(byte)
        assert (take_answer(buffer) is not None) == (at == len(whole) - 1)


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\xff\xfeHTTP/1.1 400 nope\r\n",
        b"hello\r\n",
        b"2500 ok\r\n",
        b"150 ok\r\n",
        b"250-one\r\n550 two\r\n",
        b"250 " + b"x" * (LONGEST_LINE + 1),
        b"250 " + b"x" * (LONGEST_LINE + 1) + b"\r\n",
        b"250-more\r\n" * 101,
    ],
)
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(NoSmtp):
        take_answer(bytearray(data))


@pytest.mark.parametrize(
    ("phase", "answer", "verdict"),
    [
        ("dot", "250 2.0.0 queued", "ok"),
        ("data", "354 go on", "ok"),
        ("data", "250 ok", "refused"),
        ("rcpt", "251 will forward", "ok"),
        ("rcpt", "421 4.3.2 closing", "busy"),
        ("mail", "451 4.3.0 later", "busy"),
        ("mail", "550 5.7.1 no", "not us"),
        ("mail", "552 5.3.4 too big", "not us"),
        ("rcpt", "450 4.2.1 mailbox busy", "later"),
        ("rcpt", "451 4.7.1 greylisted, try later", "later"),
        ("rcpt", "450 4.7.28 unusual rate of mail", "too many"),
        ("dot", "451 4.7.0 rate limit exceeded", "too many"),
        ("rcpt", "452 4.2.2 the mailbox exceeded its storage limit", "later"),
        ("rcpt", "550 5.1.1 no such user", "bad address"),
        ("rcpt", "556 5.1.10 takes no mail", "bad address"),
        ("rcpt", "553 5.1.8 sender's domain is unknown", "refused"),
        ("rcpt", "550 5.1.7 bad sender", "refused"),
        ("rcpt", "550 no such user", "refused"),
        ("dot", "550 5.1.1 odd", "refused"),
        ("rcpt", "554 5.7.1 blocked", "refused"),
    ],
)
def test_what_an_answer_means(phase: Phase, answer: str, verdict: str) -> None:
    assert judge(phase, Answer(int(answer[:3]), answer[4:])) == verdict


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("too many, wait 300 s", 300),
        ("please retry in 5 minutes", 300),
        ("try again after 2 hours", 7_200),
        ("wait 900 hours", 86_400),
        ("too many", None),
        ("wait 0 s", None),
    ],
)
def test_a_wait_is_taken_from_the_words(words: str, seconds: int | None) -> None:
    assert wait_named(Answer(450, words)) == seconds
