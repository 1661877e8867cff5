"""A mail server of our own that tests start in a temporary folder on free loopback ports, and stop again."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.services import free_port

PASSWORD = "fifty-small-boats"
_SETTINGS = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
mail_location = maildir:{folder}/mails/%n
first_valid_uid = 1
mail_fsync = never
{users}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/homes/%n
}}
"""
_SECONDS = 20


@dataclass
class MailServer:
    """The server (Dovecot). ``certificate`` is what a client has to trust; every user has the same password."""

    folder: Path
    port: int
    tls_port: int
    owner: int | None
    number: int = field(default=0)

    @property
    def certificate(self) -> Path:
        """The server's own certificate, for "localhost"."""
        return self.folder / "cert.pem"

    def deliver(self, user: str, mail: bytes) -> Path:
        """Put a mail into the Maildir of ``user``; the file it is."""
        self.number += 1
        box = self.folder / "mails" / user
        for name in ("", "cur", "new", "tmp"):
            (box / name).mkdir(parents=True, exist_ok=True)
            self.give(box / name)
        path = box / "new" / f"{1_700_000_000 + self.number}.M{self.number}.host"
        path.write_bytes(mail)
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Make ``path`` belong to whoever the mails belong to."""
        if self.owner is not None:
            os.chown(path, self.owner, self.owner)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A running server without mails."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if program is None:
        raise RuntimeError("dovecot is not installed; the tests need an IMAP server (apt: dovecot-imapd)")
    folder = Path(tempfile.mkdtemp(prefix="newsletter-mail-"))
    # As root it runs its parts as its own users, which have to come into the folder; mails are nobody's.
    is_root = os.geteuid() == 0
    server = MailServer(folder, free_port(), free_port(), 65534 if is_root else None)
    process = None
    try:
        folder.chmod(0o755)
        for name in ("run", "mails", "homes"):
            (folder / name).mkdir()
            if name != "run":
                server.give(folder / name)
        make_certificate(folder)
        (folder / "conf").write_text(_settings(server, is_root=is_root))
        process = subprocess.Popen(
            [program, "-F", "-c", str(folder / "conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _wait(server, process)
        yield server
    finally:
        if process is not None:
            process.terminate()
            process.wait(_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _settings(server: MailServer, *, is_root: bool) -> str:
    name = "" if is_root else subprocess.check_output(["id", "-un"], text=True).strip()
    group = "" if is_root else subprocess.check_output(["id", "-gn"], text=True).strip()
    users = (
        ""
        if is_root
        else f"default_login_user = {name}\ndefault_internal_user = {name}\ndefault_internal_group = {group}\n"
    )
    uid, gid = (65534, 65534) if is_root else (os.geteuid(), os.getegid())
    return _SETTINGS.format(
        folder=server.folder,
        port=server.port,
        tls_port=server.tls_port,
        password=PASSWORD,
        uid=uid,
        gid=gid,
        users=users,
    )


def make_certificate(folder: Path) -> None:
    options = {
        "-newkey": "ec",
        "-pkeyopt": "ec_paramgen_curve:prime256v1",
        "-keyout": str(folder / "key.pem"),
        "-out": str(folder / "cert.pem"),
        "-days": "2",
        "-subj": "/CN=localhost",
        "-addext": "subjectAltName=DNS:localhost,IP:127.0.0.1",
    }
    words = [word for pair in options.items() for word in pair]
    subprocess.run(["openssl", "req", "-x509", "-nodes", *words], check=True, capture_output=True)


def _wait(server: MailServer, process: "subprocess.Popen[bytes]") -> None:
    """Until it answers; what it wrote when it does not."""
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 1) as probe:
            if probe.recv(4) == b"* OK":
                return
        time.sleep(0.05)
    log = server.folder / "log"
    raise RuntimeError(f"Dovecot did not start: {log.read_text(errors='replace')[-2000:] if log.exists() else ''}")
