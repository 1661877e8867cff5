"""Services that tests start for themselves, in temporary folders on free loopback ports, and stop again."""

import contextlib
import os
import pwd
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "autovacuum": "off",
    "logging_collector": "off",
    # The shared memory of a small container may be too small for it, or closed to its user.
    "dynamic_shared_memory_type": "mmap",
}
_FOR_MANY = {
    "shared_buffers": "128MB",
    "max_connections": "300",
    # Little is kept of what was written: the disk may be memory.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    # As it may be where somebody has a server already: neither the order of letters nor the time is ours.
    "timezone": "Asia/Kathmandu",
}
_OF_A_COUNTRY = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")
_IN_MEMORY = Path("/dev/shm")
_ENOUGH_MEMORY = 3 << 30
_TRIES = 5


def free_port() -> int:
    """A loopback port that nobody listens on just now.

    It lies outside the range from which the system takes ports for outgoing connections: the
    tests that run meanwhile open hundreds of those, and one of them would take the port before
    the service does.
    """
    low, high = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    ports = [port for port in range(10_000, 65_536) if not low <= port <= high]
    for port in random.SystemRandom().sample(ports, len(ports)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no loopback port is free")


@contextmanager
def postgres_server(*, for_many: bool = False) -> Iterator[str]:
    """A PostgreSQL server of our own; gives the address of its empty database without the name.

    One that many tests use at once is kept in memory where there is enough of it: making a
    database takes a quarter of the time there.
    """
    folder = Path(tempfile.mkdtemp(prefix="newsletter-postgres-", dir=_IN_MEMORY if for_many and _has_room() else None))
    settings = _SETTINGS | _FOR_MANY if for_many else _SETTINGS
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        letters = _OF_A_COUNTRY if for_many else ("--no-locale",)
        _run("initdb", "-D", data, "-U", "newsletter", "--auth=trust", "--encoding=UTF8", "--no-sync", *letters)
        port = _start(folder, data, settings)
        try:
            yield f"postgresql+psycopg://newsletter@127.0.0.1:{port}"
        finally:
            _run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _has_room() -> bool:
    """Whether memory serves as a disk, with room for the databases of many tests."""
    return (
        _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK) and shutil.disk_usage(_IN_MEMORY).free > _ENOUGH_MEMORY
    )


def _start(folder: Path, data: Path, given: dict[str, str]) -> int:
    """Start the server on a free port; somebody may be faster than we are to take one."""
    said = ""
    for number in range(_TRIES):
        port, log = free_port(), folder / f"log-{number}"
        settings = " ".join(f"-c {name}={value}" for name, value in (given | {"port": str(port)}).items())
        options = f"{settings} -c unix_socket_directories={folder}"
        try:
            _run("pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")
        except RuntimeError as error:
            said = f"{error}\n{log.read_text(errors='replace')[-2000:] if log.exists() else 'it wrote no log'}"
        else:
            return port
    raise RuntimeError(f"PostgreSQL did not start in {_TRIES} tries; the last one said: {said}")


@contextmanager
def rabbitmq_server() -> Iterator[str]:
    """A RabbitMQ server of our own, with its own node name, ports and port mapper; gives its address."""
    folder = Path(tempfile.mkdtemp(prefix="newsletter-rabbitmq-"))
    port, between, mapper = free_port(), free_port(), free_port()
    if os.geteuid() == 0:
        shutil.chown(folder, "rabbitmq", "rabbitmq")
    (config := folder / "rabbitmq.conf").write_text("")
    (plugins := folder / "plugins").write_text("[].")
    environ = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "RABBITMQ_NODENAME": f"newsletter{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(between),
        "ERL_EPMD_PORT": str(mapper),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_CONFIG_FILE": str(config),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"),
    }
    identity = {"user": "rabbitmq", "group": "rabbitmq", "extra_groups": ()} if os.geteuid() == 0 else {}
    with (folder / "said").open("wb") as said:
        server = subprocess.Popen(
            [_rabbitmq()],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            **identity,  # type: ignore[call-overload]
        )
    try:
        _wait_for_amqp(server, port, folder / "said")
        yield f"amqp://guest:guest@127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)
        # The mapper of ports was started for this node alone.
        subprocess.run(["epmd", "-port", str(mapper), "-kill"], env=environ, capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _rabbitmq() -> str:
    """Debian's command changes its user by itself; the program behind it does not."""
    kept = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    found = str(kept) if kept.exists() else shutil.which("rabbitmq-server")
    if not found:
        raise RuntimeError("rabbitmq-server is not installed; the tests need it (apt: rabbitmq-server)")
    return found


def _wait_for_amqp(server: "subprocess.Popen[bytes]", port: int, said: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as probe:
            probe.settimeout(5)
            probe.sendall(b"AMQP\0\0\x09\x01")
            if probe.recv(1):
                return
        time.sleep(0.1)
    raise RuntimeError(f"RabbitMQ did not start: {said.read_text(errors='replace')[-2000:]}")


def _run(program: str, *arguments: str | Path) -> None:
    """Run one of PostgreSQL's programs; it refuses to run as root, so it runs as its own user then."""
    identity = {"user": "postgres", "group": "postgres", "extra_groups": ()} if os.geteuid() == 0 else {}
    home = pwd.getpwnam("postgres").pw_dir if identity else str(Path.home())
    done = subprocess.run(
        [_binary(program), *map(str, arguments)],
        cwd=home if Path(home).is_dir() else "/",
        env={"PATH": os.defpath, "LC_ALL": "C", "HOME": home},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        check=False,
        **identity,  # type: ignore[arg-type]
    )
    if done.returncode:
        raise RuntimeError(f"{program} ended with {done.returncode}: {(done.stdout or b'').decode()[-2000:]}")


def _binary(program: str) -> str:
    """Debian keeps the server's programs apart from those of its clients."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    found = str(kept[-1]) if kept else shutil.which(program)
    if not found:
        raise RuntimeError(f"{program} is not installed; the tests need PostgreSQL's server (apt: postgresql)")
    return found
