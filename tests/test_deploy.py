"""docs/deploy: every command, option, path and name in it is one that the program has."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from newsletter.cli import group
from newsletter.web import guard, health

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
PAGES = sorted(DEPLOY.glob("*.md"))
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()
COMPOSE = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text())
PROGRAM = "/opt/newsletter/bin/newsletter"
_INLINE = re.compile(r"`(newsletter [^`…\n]*)`")


def check_command(words: list[str]) -> None:
    """Fail unless ``words``, without the program's name, are a command with options that it has."""
    command: click.Command = group
    context = click.Context(group)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found is not None, words
        command, words = found, words[1:]
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    options = {word.partition("=")[0] for word in words if word.startswith("-")}
    assert options <= known | {"-h", "--help"}, (command.name, options - known)


def settings(unit: Path) -> dict[str, list[str]]:
    """The lines of a unit by their names."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        name, is_one, value = line.partition("=")
        if is_one and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def said(line: str) -> Iterator[list[str]]:
    """The words behind each name of the program in a line of shell."""
    words = shlex.split(line, comments=True)
    for at, word in enumerate(words):
        if word in ("newsletter", PROGRAM) and words[at - 1 : at] not in (["-u"], ["-o"], ["-g"], ["-t"], ["--owner"]):
            behind = words[at + 1 :]
            if behind and behind[0] in group.list_commands(click.Context(group)):
                yield behind


def steps(page: Path) -> list[str]:
    """The lines of shell that a page has."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_what_there_is_and_may_stop_in_time(unit: Path) -> None:
    found = settings(unit)
    [start] = found["ExecStart"]
    words = shlex.split(start)
    if words[0] == "/bin/sh":
        words = shlex.split(words[2].removeprefix("exec ").replace("%%", "%"))
    assert words[0] == PROGRAM
    check_command(words[1:])
    assert words[words.index("--home") + 1] == "/var/lib/newsletter"
    assert (found["User"], found["UMask"], found["ProtectSystem"]) == (["newsletter"], ["0077"], ["strict"])
    assert found["ReadWritePaths"][0].split()[0] == "/var/lib/newsletter"
    if "Restart" in found:
        assert int(found["TimeoutStopSec"][0]) > 10, "it ends by itself within ten seconds"


@pytest.mark.slow
def test_systemd_finds_nothing_in_the_units(tmp_path: Path) -> None:
    for unit in (*UNITS, *DEPLOY.glob("*.timer")):
        (tmp_path / unit.name).write_text(unit.read_text().replace(PROGRAM, "/bin/true"))
    analyze = shutil.which("systemd-analyze")
    names = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run([analyze or "true", "verify", *names], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if "newsletter" in line]
    assert ours == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_command_of_a_page_is_one(page: Path) -> None:
    text = page.read_text()
    for line in steps(page):
        for words in said(line):
            check_command(words)
    for inline in _INLINE.findall(text):
        for words in said(inline):
            check_command(words)
    for name in re.findall(r"\]\(([^):#]+)", text):
        assert (DEPLOY / name).exists(), name


def test_the_steps_say_commands_at_all() -> None:
    every = [words[0] for page in PAGES for line in steps(page) for words in said(line)]
    assert {"init", "check", "editors", "restore", "backup", "doctor", "sources"} <= set(every)


def test_every_variable_is_known_to_the_program() -> None:
    source = "".join(path.read_text() for path in (ROOT / "newsletter").rglob("*.py"))
    for path in DEPLOY.iterdir():
        for name in set(re.findall(r"NEWSLETTER_[A-Z_]+", path.read_text())):
            assert f'"{name}"' in source, (path.name, name)


def test_nginx_lets_through_what_the_program_takes_and_logs_no_keys() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    [size] = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(size) << 20 > guard.MAX_FILE
    [links] = re.findall(r"location ~ \^/\(([^)]*)\)/", text)
    assert f"/(?:{links})/" == guard._SECRET_LINK.pattern
    sent = {name.lower() for name in re.findall(r"proxy_set_header (\S+)", text)}
    assert sent == {"host", "x-forwarded-proto", "x-forwarded-for"}
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text, "what callers say of themselves does not count"


def test_the_container_is_made_of_what_lies_here() -> None:
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE, re.MULTILINE):
        for name in copied.split():
            assert (ROOT / name).exists(), name
    [start] = re.findall(r"^CMD \[(.*)\]$", CONTAINERFILE, re.MULTILINE)
    words = [word.strip('" ') for word in start.split(",")]
    assert words[0] == "newsletter"
    check_command(words[1:])
    [looked] = re.findall(r"http://127\.0\.0\.1:(\d+/\w+)", CONTAINERFILE)
    assert looked.removeprefix(words[words.index("--port") + 1]) in {route.path for route in health.ROUTES}
    [extras] = re.findall(r"'\.\[([\w,]+)\]'", CONTAINERFILE)
    for extra in extras.split(","):
        assert f"\n{extra} = [" in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("path", [DEPLOY / "Containerfile", DEPLOY / "one-machine.md"], ids=lambda path: path.name)
def test_the_constraints_are_the_lock_without_its_hashes(path: Path) -> None:
    command = next(line for line in path.read_text().splitlines() if "requirements.lock >" in line)
    command = command.removeprefix("RUN ").partition(" >")[0]
    made = subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    locked = re.findall(r"^([\w.-]+==\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert [line.split()[0] for line in made.splitlines()] == locked
    assert "--hash" not in made
    assert "\\" not in made


def test_a_new_volume_has_a_feeds_yaml_before_anything_is_started() -> None:
    lines = [line for line in steps(DEPLOY / "many-machines.md") if line.startswith("podman-compose ")]
    [up] = [at for at, line in enumerate(lines) if " up " in line]
    before, after = ([words[0] for line in each for words in said(line)] for each in (lines[:up], lines[up:]))
    assert (before, after) == (["init", "check"], ["editors", "doctor"])
    [volume] = COMPOSE["services"]["run"]["volumes"]
    for line in lines[1:up]:
        assert " run --rm --no-deps " in line, "neither the database nor the queue is asked"
        assert volume.partition(":")[2] in line, "what is written stays in the volume"


def test_the_services_of_the_compose_file_say_commands_that_there_are() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"run", "worker", "postgres", "rabbitmq"}
    check_command(services["worker"]["command"][1:])
    built = services["run"]["build"]
    assert (DEPLOY / built["context"]).resolve() == ROOT
    assert (ROOT / built["dockerfile"]).is_file()
    assert services["run"]["ports"] == ["127.0.0.1:8000:8000"], "nobody but the proxy"
    assert set(COMPOSE["volumes"]) == {
        each.partition(":")[0] for service in services.values() for each in service["volumes"]
    }
