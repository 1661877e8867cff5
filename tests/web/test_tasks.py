"""Tasks: the last ones are kept, and none is forgotten that is not done yet."""

import threading

import pytest

from newsletter.errors import UsageError
from newsletter.web.tasks import Task, Tasks


@pytest.fixture
def tasks() -> Tasks:
    return Tasks(1, kept=2, patience=20, mistake="A mistake.")


def test_what_came_of_it_and_why_nothing_did(tasks: Tasks) -> None:
    task = Task("test", "planet")
    name = tasks.begin(task, lambda: 3)
    assert tasks.known(name, "test", "planet") is tasks.known(name, "test") is tasks.known(name) is task
    assert (task.result, task.is_done, task.problem) == (3, True, "")
    assert tasks.known(name, "look") is tasks.known(name, "test", "blog") is tasks.known("") is None

    def refuse() -> None:
        raise UsageError("Not so.")

    for make, said in ((refuse, "Not so."), (lambda: 1 / 0, "A mistake.")):
        task = Task("test", "planet")
        tasks.begin(task, make)
        assert (task.result, task.is_done, task.problem) == (None, True, said)


def test_only_what_is_done_is_forgotten(tasks: Tasks) -> None:
    may_end = threading.Event()
    first = tasks.begin(Task("a", ""), lambda: 1)
    tasks.patience = 0
    slow = [tasks.begin(Task("b", ""), lambda: may_end.wait(20)) for _ in range(4)]
    assert tasks.known(first) is None
    assert all(map(tasks.known, slow))
    may_end.set()
    tasks.patience = 20
    last = tasks.begin(Task("c", ""), lambda: 1)
    after = tasks.begin(Task("c", ""), lambda: 1)
    assert [bool(tasks.known(each)) for each in (*slow, last, after)] == [False] * 4 + [True] * 2
