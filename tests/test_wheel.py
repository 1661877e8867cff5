"""What users install: the built wheel, alone in an empty environment, runs the demo."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).with_name("uv")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("wheel")]


def run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([*map(str, words)], cwd=cwd, env=clean, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_templates_migrations_and_the_sample(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "newsletter/templates/email/issue.html",
        "newsletter/templates/web/site.css",
        "newsletter/templates/desk/layout.html",
        "newsletter/web/static/desk.js",
        "newsletter/web/static/review/start.js",
        "newsletter/store/migrations/env.py",
        "newsletter/demo/documents/feeds.yaml",
        "newsletter/py.typed",
    ):
        assert name in names, name
    assert not [name for name in names if name.startswith(("tests/", "bench/", "docs/"))]


def test_the_installed_wheel_runs_the_demo(wheel: Path, tmp_path: Path) -> None:
    run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "empty", cwd=tmp_path)
    python = tmp_path / "empty" / "bin" / "python"
    run(
        UV,
        "pip",
        "install",
        "--quiet",
        "--python",
        python,
        "--constraint",
        ROOT / "requirements.lock",
        wheel,
        cwd=tmp_path,
    )
    newsletter = tmp_path / "empty" / "bin" / "newsletter"
    told = run(newsletter, "demo", "--home", tmp_path / "home", cwd=tmp_path)
    assert "Issue 4: " in told.stdout
    folder = tmp_path / "home" / "data" / "issues" / "0004"
    assert (folder / "issue.eml").stat().st_size > 10_000
    run(newsletter, "rebuild", "4", "--home", tmp_path / "home", cwd=tmp_path)
    run(newsletter, "init", tmp_path / "mine", cwd=tmp_path)
    run(newsletter, "check", "--home", tmp_path / "mine", cwd=tmp_path)
