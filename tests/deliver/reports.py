"""Reports as mail servers write them, made by hand after RFC 3464 and RFC 5965."""

RETURNED = """\
Return-Path: <{returned}>
Message-ID: <issue-57.1@example.org>
From: Weekly <news@example.org>
Subject: Nominations close 31 March
"""


def delivery_report(
    to: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    said: str = "smtp; 550 5.1.1 No such user",
    returned: str = "",
    date: str = "",
) -> bytes:
    """A report about a mail to ``ada@example.net`` that comes back to ``to``."""
    return f"""\
Return-Path: <>
Date: {date}
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain

I am sorry. Status: 4.0.0 is only said here, and so is bounces+b-nobody@example.org.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Fri, 4 Mar 2011 10:00:00 +0000

Final-Recipient: rfc822; ada@example.net
Action: {action}
Status: {status}
Diagnostic-Code: {said}

--=_b
Content-Type: text/rfc822-headers

{RETURNED.format(returned=returned)}
--=_b--
""".encode()


def complaint(returned: str, *, kind: str = "abuse") -> bytes:
    """A complaint of a reader by way of their provider, who took the address out."""
    return f"""\
From: complaints@provider.example
To: abuse@example.org
Subject: FW: Nominations close 31 March
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=_b"

--=_b
Content-Type: text/plain; charset=us-ascii

This is an abuse report.

--=_b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{returned}>
Original-Rcpt-To: <redacted@provider.example>

--=_b
Content-Type: message/rfc822

{RETURNED.format(returned=returned)}
Hello

--=_b--
""".encode()
