"""What a reader's own mail costs: putting it together, and signing it.

    python bench/letters.py [--kilobytes 52] [--readers 2000]

An edition of that size with its placeholders, as approval writes it. Counted is CPU time a reader, the least of
five rounds: the pieces alone, signed with rsa-2048, with Ed25519, with both; beside it a freshly built EmailMessage,
and dkimpy over the same mail. Limit: rsa-2048 at most 0.5 ms.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from newsletter.deliver.dkim import Dkim, Key, read_key
from newsletter.deliver.edition_file import Bodies, Heading, placeholders_for, write_edition
from newsletter.deliver.message import Edition, Personal

LIMIT_MS = 0.5
ROUNDS = 5
SITE = "https://letter.example.org/"
SENDER = "letter@example.org"


def edition(kilobytes: int) -> tuple[bytes, str, str]:
    """An edition of about that size, and its bodies."""
    held = placeholders_for("bench")
    links = f"{SITE}u/{held.unsubscribe}\n", f"{SITE}r/{held.preferences}\n"
    text_line, html_line = "A line of the plain text, as long as such lines are. \n", "<p>A line of <b>HTML</b>.</p>\n"
    text = links[0] + text_line * (kilobytes * 200 // len(text_line)) + "".join(links)
    html = links[0] + html_line * (kilobytes * 800 // len(html_line)) + "".join(links)
    heading = Heading(
        sender=("Lantern Letter", SENDER),
        subject="A week in one mail",
        at=datetime(2027, 4, 16, 8, tzinfo=UTC),
        list_name="Lantern Letter",
        list_label="letter.example.org",
        language="en",
        answers=("", SENDER),
        unsubscribe_url=links[0].strip(),
        archive_url=SITE,
        issue_url=f"{SITE}issues/57/",
    )
    return write_edition(heading, Bodies(text, html), held), text, html


def keys() -> tuple[Key, Key, bytes]:
    """One of each kind, and the first as PEM."""
    pems = [
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        if isinstance(key, rsa.RSAPrivateKey)
        else key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        for key in (rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate())
    ]
    first, second = (
        read_key(pem.decode(), selector="mail", domain="example.org", sender_domain="example.org") for pem in pems
    )
    return first, second, pems[0]


def microseconds(make: Callable[[Personal], object], readers: int) -> float:
    """CPU time for one reader, the least of some rounds."""
    ada = Personal("ada@example.net", 7, "<issue-57.aa@example.org>", "u" * 32, "p" * 32, "b" * 32)
    people = [replace(ada, address=f"reader{number}@example.net") for number in range(min(readers, 500))]
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for number in range(readers):
            make(people[number % len(people)])
        best = min(best, (time.process_time() - begun) / readers)
    return best * 1e6


def fresh(text: str, html: str) -> Callable[[Personal], bytes]:
    """What is usually done: a new mail for each reader."""

    def make(personal: Personal) -> bytes:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = SENDER, personal.address, "A week in one mail"
        mail["Message-ID"] = personal.message_id
        mail.set_content(text, cte="quoted-printable")
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        return mail.as_bytes()

    return make


def main() -> int:
    """Print the figures; 1 when the limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kilobytes", type=int, default=52)
    parser.add_argument("--readers", type=int, default=2_000)
    given = parser.parse_args()
    data, text, html = edition(given.kilobytes)
    first, second, pem = keys()
    plain = Edition.read(data)
    rows = {
        "pieces": microseconds(plain.pieces, given.readers * 10),
        "joined": microseconds(plain.for_reader, given.readers * 5),
    }
    for name, used in (("rsa-2048", [first]), ("ed25519", [second]), ("both", [first, second])):
        rows[f"signed, {name}"] = microseconds(Edition.read(data, signer=Dkim(used)).pieces, given.readers)
    rows["a fresh EmailMessage"] = microseconds(fresh(text, html), max(1, given.readers // 50))
    rows["dkimpy, rsa-2048"] = microseconds(
        lambda personal: dkim.sign(plain.for_reader(personal), b"mail", b"example.org", pem),
        max(1, given.readers // 50),
    )
    print(f"{len(data):,} bytes, CPU a reader")
    for name, value in rows.items():
        print(f"  {name:22} {value:10,.1f} us")
    signed = rows["signed, rsa-2048"] / 1000
    print(f"signed with rsa-2048: {signed:.3f} ms (limit {LIMIT_MS} ms): {'ok' if signed <= LIMIT_MS else 'too much'}")
    return 0 if signed <= LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
