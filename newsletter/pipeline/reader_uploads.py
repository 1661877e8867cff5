"""Files of readers that a browser sent: kept until they are brought in, for nobody else's eyes."""

import json
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from newsletter.errors import NotFound, UsageError
from newsletter.pipeline.app import Newsletter
from newsletter.text import one_line, shorten

KEPT_FOR = timedelta(days=7)
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent: what its owner calls it, and where its people come from."""

    id: str
    name: str
    source: str
    path: Path

    @property
    def failed_path(self) -> Path:
        """The file of the lines that failed; there is none while none did."""
        return self.path.with_suffix(".failed.csv")


def keep_upload(app: Newsletter, file: IO[bytes], *, name: str, source: str) -> Upload:
    """Keep what was sent (UsageError when it is empty); what was left lying for a week is dropped."""
    folder = _folder(app)
    for path in folder.glob("*.json"):
        if app.now().timestamp() - path.stat().st_mtime > KEPT_FOR.total_seconds():
            drop_upload(app, path.stem)
    made = secrets.token_hex(8)
    shown = shorten(name, 100) or "a file"
    upload = Upload(made, shown, one_line(source)[:200] or f"{shown}, {app.now():%Y-%m-%d}", folder / f"{made}.csv")
    for path in (upload.path, upload.path.with_suffix(".json")):
        path.touch(mode=0o600)
    with upload.path.open("wb") as kept:
        shutil.copyfileobj(file, kept)
    upload.path.with_suffix(".json").write_text(json.dumps([upload.name, upload.source]), encoding="utf-8")
    if upload.path.stat().st_size == 0:
        drop_upload(app, made)
        raise UsageError("The file is empty. Choose one with mail addresses in it.")
    return upload


def find_upload(app: Newsletter, number: str) -> Upload:
    """The file of that id (NotFound)."""
    path = _folder(app) / f"{number}.csv"
    try:
        if _ID.fullmatch(number) and path.is_file():
            name, source = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            return Upload(number, name, source, path)
    except (OSError, ValueError):
        pass
    raise NotFound("That file is not here any more. Bring it in once more.")


def drop_upload(app: Newsletter, number: str) -> None:
    """Forget a file, with the lines of it that failed."""
    if _ID.fullmatch(number):
        for path in _folder(app).glob(f"{number}.*"):
            path.unlink(missing_ok=True)


def uploads(app: Newsletter) -> Iterator[Upload]:
    """The files that wait."""
    for path in sorted(_folder(app).glob("*.csv")):
        if _ID.fullmatch(path.stem):
            yield find_upload(app, path.stem)


def _folder(app: Newsletter) -> Path:
    folder = app.data / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
