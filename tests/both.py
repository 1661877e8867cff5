"""All tests, first on SQLite, then on PostgreSQL those that opened a database: what ``./dev test`` runs.

python -m tests.both [--database sqlite|postgresql] [what pytest takes]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

_PYTEST = (sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup")
_NOTHING_TO_DO = 5


def main(words: list[str]) -> int:
    """Run both parts, whatever the first one said, and say at the end what each came to."""
    if any(word.split("=")[0] == "--database" for word in words):
        return subprocess.run([*_PYTEST, *words], check=False).returncode
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "sqlite.json", Path(folder) / "postgresql.json"
        codes = [subprocess.run([*_PYTEST, f"--note={first}", *words], check=False).returncode]
        if json.loads(first.read_text())["touched"] if first.is_file() else False:
            again = ("--database=postgresql", f"--only={first}", f"--note={second}")
            code = subprocess.run([*_PYTEST, *again, *words], check=False).returncode
            codes.append(0 if code == _NOTHING_TO_DO else code)
        for name, note in (("SQLite", first), ("PostgreSQL", second)):
            sys.stdout.write(
                f"{name}: {json.loads(note.read_text())['said'] if note.is_file() else 'nothing was run'}\n"
            )
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
