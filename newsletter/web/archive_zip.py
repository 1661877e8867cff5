"""All public issues in one zip file, made while it is sent: nothing of it is held on disk or whole in memory."""

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from newsletter.web.sessions import newsletter_of, signed_in

_PIECE = 64 * 1024
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first time a zip file can name."""


@signed_in
def archive_zip(request: Request) -> Response:
    """The folders of the issues as the public site has them."""
    app = newsletter_of(request)
    name = f"issues-{app.now():%Y-%m-%d}.zip"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(zipped(app.site / "issues"), headers=headers, media_type="application/zip")


ROUTES = [Route("/desk/archive.zip", archive_zip, methods=["GET"])]


def zipped(folder: Path) -> Iterator[bytes]:
    """A zip file of all files below ``folder``, in pieces; the same files give the same bytes.

    What goes while it is made (an issue is published anew) is left out; links that lead elsewhere are not followed.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            try:
                source = path.open("rb")
            except OSError:
                continue
            with source, archive.open(_entry(folder, path), "w") as target:
                while piece := source.read(_PIECE):
                    target.write(piece)
                    yield sink.taken()
    yield sink.taken()


def _entry(folder: Path, path: Path) -> zipfile.ZipInfo:
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime).timetuple()[:6]  # noqa: DTZ006 - zip has no zones
    except OSError:
        changed = _EARLIEST
    name = path.relative_to(folder.parent).as_posix()
    entry = zipfile.ZipInfo(name, max(changed, _EARLIEST))
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return entry


class _Sink(io.RawIOBase):
    """Takes what is written, once and in order; it cannot seek, so sizes follow each file."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
