"""A real DNS server on loopback, with the records that a test gives it."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = Mapping[tuple[str, str], list[str]]
"""By name and type, the records as a zone file has them."""


@contextmanager
def dns_server(zone: Zone, *, is_mute: bool = False) -> Iterator[int]:
    """The port it answers on; a mute one takes questions and never answers."""
    known = {(dns.name.from_text(name), kind): values for (name, kind), values in zone.items()}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with suppress(TimeoutError):
                    asked, where = bound.recvfrom(4096)
                    if not is_mute:
                        bound.sendto(_answer(known, dns.message.from_wire(asked)).to_wire(), where)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield bound.getsockname()[1]
        finally:
            over.set()
            thread.join(2)


def _answer(known: Mapping[tuple[dns.name.Name, str], list[str]], asked: dns.message.Message) -> dns.message.Message:
    answer = dns.message.make_response(asked)
    answer.flags |= dns.flags.RA
    question = asked.question[0]
    values = known.get((question.name, dns.rdatatype.to_text(question.rdtype)))
    if values is not None:
        answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", question.rdtype, values))
    elif not any(name == question.name for name, _ in known):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer
