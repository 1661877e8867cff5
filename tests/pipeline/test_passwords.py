"""Passwords: how they are kept, in earnest, and how few are compared at once."""

import threading
import time
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from newsletter.errors import Busy, UsageError
from newsletter.pipeline import passwords
from newsletter.pipeline.passwords import check_new, hashed, is_outdated, is_right

PASSWORD = "five blue herons wade"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.mark.slow
def test_a_password_is_kept_as_argon2id_with_enough_memory() -> None:
    kept = hashed(PASSWORD)
    found = extract_parameters(kept)
    assert found.type is Type.ID
    assert found.memory_cost >= 64 * 1024
    assert is_right(kept, PASSWORD)
    assert not is_outdated(kept)
    assert PASSWORD not in kept


@pytest.mark.slow
def test_nobodys_password_takes_as_long_as_a_wrong_one() -> None:
    kept = hashed(PASSWORD)

    def took(against: str | None) -> float:
        began = time.process_time()
        assert not is_right(against, "wrong")
        return time.process_time() - began

    took(None)
    pairs = [(took(kept), took(None)) for _ in range(3)]
    assert min(a for a, _ in pairs) < 2 * min(b for _, b in pairs) < 4 * min(a for a, _ in pairs)


@pytest.mark.usefixtures("quick")
def test_parameters_that_change_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = hashed(PASSWORD)
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert is_right(kept, PASSWORD)
    assert is_outdated(kept)


@pytest.mark.usefixtures("quick")
def test_what_is_kept_wrongly_is_never_right() -> None:
    for kept in ("", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$x$y"):
        assert not is_right(kept, PASSWORD)


@pytest.mark.usefixtures("quick")
def test_two_are_compared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, gate = 0, 0, threading.Barrier(2, timeout=5)
    lock = threading.Lock()

    class Slow:
        def hash(self, password: bytes) -> str:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            gate.wait()
            with lock:
                inside -= 1
            return ""

    monkeypatch.setattr(passwords, "HASHER", Slow())
    threads = [threading.Thread(target=hashed, args=("x",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == 2


@pytest.mark.usefixtures("quick")
def test_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(passwords, "_AT_ONCE", threading.BoundedSemaphore(1))
    with passwords._Place(), pytest.raises(Busy):
        hashed(PASSWORD)


@pytest.mark.parametrize("password", ["a" * 11, "", "a" * 12, "abab" * 5, "x" * 1025, "Ines-Vale-12", "INESVALE2026"])
def test_passwords_that_will_not_do(password: str) -> None:
    with pytest.raises(UsageError):
        check_new(password, names=("Ines Vale", "", "@"))


@pytest.mark.parametrize(
    "password", [PASSWORD, "长长长长密码密码保险箱里面", "Ines Vale likes herons", "abcd" * 256, "            ab3?"]
)
def test_passwords_that_do(password: str) -> None:
    check_new(password, names=("Ines Vale", "Test weekly"))
