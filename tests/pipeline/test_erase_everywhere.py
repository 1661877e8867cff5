"""A name in every column of text and in every sort of file is nowhere afterwards, but where a reason says so."""

import base64
import gzip
import json
import sqlite3
import zlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Date, Float, Integer, LargeBinary, String
from sqlalchemy.types import Boolean

from newsletter.pipeline.app import open_newsletter
from newsletter.pipeline.erase import erase_person
from newsletter.store.columns import Json, Moment
from newsletter.store.every_table import metadata
from tests.web.readers import FEEDS

pytestmark = pytest.mark.slow
NAME = "Ottilie Quastenflosser"
MARK = b"quastenflosser"
LEFT = {
    "editors": "they are refused before: an editor is removed first",
    "editor_links": "a column names an editor's key",
    "editor_sessions": "a column names an editor's key, as long as they are signed in",
    "models": "numbers of hashed words, packed by the program",
    "suppressed": "keyed hashes",
    "secrets": "keys",
    "erased_words": "keyed hashes",
    "erasures": "the editor who erased",
    "moves": "an address that goes with its reader",
    "holds": "names of machines",
    "hosts": "names of machines",
    "issue_files": "names of files",
    "editions": "names of files",
}
LEFT_COLUMNS = {
    ("sources", "id"): "of feeds.yaml",
    ("sources", "name"): "of feeds.yaml",
    ("sources", "address"): "of feeds.yaml",
    ("subscribers", "address"): "an address that goes with its reader",
    ("subscribers", "address_key"): "an address that goes with its reader",
    ("deliveries", "edition"): "the program's own word",
    ("deliveries", "domain"): "the name of a machine",
    ("deliveries", "state"): "the program's own word",
    ("deliveries", "holder"): "the name of a machine",
}
OF_FEEDS = ("source_id", "slot")
FILES = {
    "issues/0001/issue.html": f"<p>{NAME}</p>".encode(),
    "issues/0001/other-target.xml": f"<a>{NAME.upper()}</a>".encode(),
    "issues/0001/deep/er/target.txt": NAME.encode(),
    "issues/0001/snapshot/items.jsonl.gz": gzip.compress(json.dumps({"title": NAME}).encode() + b"\n"),
    "issues/0001/issue.eml": b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(NAME.encode()) + b"\n",
    "site/index.html": NAME.replace(" ", "&nbsp;").encode(),
    "site-pages.json": json.dumps({"1": {"line": NAME}}).encode(),
    "outbox/1.eml": f"Subject: x\n\n{NAME}\n".encode(),
    "imports/readers.csv": f"a@b.example,{NAME}\n".encode(),
    "site/events.ics": f"ORGANIZER;CN={NAME}:x\n".encode(),
    "site/odd.bin.txt": b"\xff\xfe " + NAME.encode(),
    "anything-else.log": NAME.encode(),
}


def value_for(kind: Any, table: str, name: str) -> Any:
    if isinstance(kind, LargeBinary):
        packed = {"contenders": gzip.compress, "feeds_versions": zlib.compress, "aside": zlib.compress}
        return packed.get(table, bytes)(json.dumps([NAME]).encode())
    if isinstance(kind, Boolean | Date | Integer | Float | Moment):
        return "2026-01-01" if isinstance(kind, Date) else 1
    if type(kind) is String:  # ids and hashes, which the program makes
        return "1" * 20
    if table == "item_revisions" and name == "content":
        return json.dumps({"native_keys": ["k"], "source_id": "s", "kind": "feed", "form": "post", "title": NAME})
    if name in OF_FEEDS or table in LEFT or (table, name) in LEFT_COLUMNS:
        return "x"
    if isinstance(kind, Json):
        return json.dumps({"told by": [NAME], NAME: 1})
    return NAME


def plant(path: Path) -> set[str]:
    """One row in every table; the columns that can hold text."""
    planted = set()
    with sqlite3.connect(path) as db:
        for name, table in metadata.tables.items():
            if name in LEFT:
                continue
            columns = {each.name: value_for(each.type, name, each.name) for each in table.c}
            quoted = ", ".join(f'"{each}"' for each in columns)
            marks = ", ".join("?" for _ in columns)
            db.execute(f'INSERT OR REPLACE INTO "{name}" ({quoted}) VALUES ({marks})', tuple(columns.values()))
            planted |= {f"{name}.{each}" for each, value in columns.items() if MARK in repr(value).lower().encode()}
    return planted


def rows_with(path: Path) -> set[str]:
    found = set()
    with sqlite3.connect(path) as db:
        for name, table in metadata.tables.items():
            for column in table.c:
                for (value,) in db.execute(f'SELECT "{column.name}" FROM "{name}"'):
                    data = value if isinstance(value, bytes) else str(value).encode()
                    for unpack in (bytes, gzip.decompress, zlib.decompress):
                        try:
                            found |= {f"{name}.{column.name}"} if MARK in unpack(data).lower() else set()
                        except (OSError, EOFError, zlib.error):
                            continue
    return found


def holding(data: bytes) -> bool:
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    coded = data.partition(b"base64\n\n")[2]
    return any(MARK in each.lower() for each in (data, base64.b64decode(coded) if coded else b""))


@pytest.mark.sqlite_only("its file is read")
def test_a_name_is_nowhere_afterwards(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    with open_newsletter(tmp_path, environ={}) as app:
        path = app.data / "newsletter.db"
        planted = plant(path)
        assert planted <= rows_with(path)
        assert len(planted) > 100
        for name, data in FILES.items():
            (app.data / name).parent.mkdir(parents=True, exist_ok=True)
            (app.data / name).write_bytes(data)
            assert holding(data)
        erase_person(app, [NAME], by="Ines")
        assert rows_with(path) == set()
        left = [str(each) for each in app.home.rglob("*") if each.is_file() and holding(each.read_bytes())]
        assert left == []
    left = [str(each) for each in tmp_path.rglob("*") if each.is_file() and holding(each.read_bytes())]
    assert left == []


def test_what_is_left_alone_is_there() -> None:
    assert set(LEFT) <= set(metadata.tables)
    assert all(name in metadata.tables[table].c for table, name in LEFT_COLUMNS)
