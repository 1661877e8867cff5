"""Environments for the programs that ours is measured against, and runs inside them."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def peer_python(cache: Path, name: str, packages: Sequence[str]) -> str:
    """The interpreter of a peer's environment, made when it is not there."""
    folder = cache / name
    python = folder / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *packages], check=True)
    return str(python)


def run_side(python: str, script: str, *words: object) -> list[dict[str, Any]]:
    """The JSON objects that ``script`` prints, one a line; its last word is a folder that goes afterwards."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        command = [python, script, *map(str, words), home]
        done = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ
        )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
