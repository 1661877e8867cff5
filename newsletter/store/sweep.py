"""Taking names out of every row of every table: found first while others write, then replaced."""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import LargeBinary, RowMapping, Table, delete, or_, select, tuple_, type_coerce, update
from sqlalchemy.types import Text

from newsletter.model.erased import Erased
from newsletter.store.columns import Json, Key, PlainText, json_text
from newsletter.store.content import content_of, read_content, url_key
from newsletter.store.database import Db, in_parts
from newsletter.store.every_table import metadata
from newsletter.store.tables import (
    approvals,
    archive_issues,
    archive_lines,
    aside,
    changes,
    corrections,
    issues,
    item_revisions,
    items,
)

_LEFT_ALONE = frozenset(
    # Addresses that a use case of their own takes out; hashes; and editors, who are removed before.
    {"erasures", "erased_words", "secrets", "suppressed", "moves", "editors", "models"}
    # Made anew from the others.
    | {"archive_lines", "archive_issues"}
    # Names of places, of machines and of files.
    | {"holds", "hosts", "issue_files", "editions"}
)
_NAMES_OF_SOURCES = frozenset({"source_id", "slot"})
_KEPT = frozenset(
    (table, name)
    for table, names in (("sources", ("id", "name", "address")), ("subscribers", ("address", "address_key")))
    for name in names
)
"""What follows from feeds.yaml, which its editor changes; and addresses of readers, which go with their rows."""
_OWN_WORDS: Mapping[str, frozenset[str]] = {
    "deliveries": frozenset({"edition", "domain", "state", "holder"}),
}
"""Where there are millions of rows: what the program itself wrote there, so that only what was answered is read."""
_ROWS_AT_ONCE, _READ_AT_ONCE, _PACKED_AT_ONCE = 100, 1_000, 4
_PACKED: Mapping[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "contenders": (gzip.decompress, lambda data: gzip.compress(data, 6, mtime=0)),
    "feeds_versions": (zlib.decompress, lambda data: zlib.compress(data, 9)),
}
_DROPPED = {"state": "dropped", "data": zlib.compress(b""), "kept_size": 0}

_OF_DRAFTS = (issues, changes, corrections)
"""What an issue is made of; the key of each begins with the number of the issue."""

_RowKey = tuple[Any, ...]


@dataclass(slots=True)
class Found:
    """The rows that name somebody, by table; each row by its key."""

    rows: dict[str, list[_RowKey]] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[str]:
        """How many rows of each table."""
        return Counter({name: len(keys) for name, keys in self.rows.items()})


def find_rows(db: Db, erased: Erased, *, at: Callable[[str], None] = lambda table: None) -> Found:
    """The rows that name somebody; ``at`` is told each table before it is read.

    Every text is read once, in the order it lies in. Where ``erased`` can tell at a glance that a row names nobody,
    that is all it costs.
    """
    found = Found()
    for table in _tables():
        at(table.name)
        keys = [tuple(row[name] for name in _keys(table)) for row in _naming(db, table, erased)]
        if keys:
            found.rows[table.name] = keys
    lines = {row["issue_number"] for row in _naming(db, archive_lines, erased)}
    if lines:
        found.rows[archive_lines.name] = [(each,) for each in sorted(lines)]
    return found


def clean_rows(db: Db, erased: Erased, found: Found) -> int:
    """Replace the names in the rows that were found, as they are now; how many changed."""
    count = 0
    for table in _tables():
        keys = found.rows.get(table.name, [])
        for at in range(0, len(keys), _ROWS_AT_ONCE):
            columns = [table.c[name] for name in _keys(table)]
            asked = select(table).where(tuple_(*columns).in_(keys[at : at + _ROWS_AT_ONCE]))
            for row in db.execute(asked).mappings().all():
                if values := _cleaned(table, row, erased):
                    _replace(db, table, row, values)
                    count += 1
    _count_anew(db, [key[0] for key in found.rows.get(item_revisions.name, [])])
    for number in {key[0] for key in found.rows.get(archive_lines.name, [])}:
        for each in (archive_lines, archive_issues):
            count += db.execute(delete(each).where(each.c.issue_number == number)).rowcount
    _draft_anew(db, {key[0] for table in _OF_DRAFTS for key in found.rows.get(table.name, [])})
    return count


def _tables() -> list[Table]:
    return [table for table in metadata.sorted_tables if table.name not in _LEFT_ALONE]


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


def _texts(table: Table) -> list[str]:
    kinds = (PlainText, Key, Json)
    texts = (each.name for each in table.c if isinstance(each.type, kinds) or type(each.type) is Text)
    own = _OWN_WORDS.get(table.name, _NAMES_OF_SOURCES)
    return [name for name in texts if name not in own and (table.name, name) not in _KEPT]


def _naming(db: Db, table: Table, erased: Erased) -> Iterator[RowMapping]:
    """The rows of a table that name somebody."""
    columns = [table.c[name] for name in _keys(table)]
    for keys in in_parts(_candidates(db, table, erased), _ROWS_AT_ONCE):
        rows = db.execute(select(table).where(tuple_(*columns).in_(keys))).mappings().all()
        yield from (row for row in rows if _cleaned(table, row, erased))


def _candidates(db: Db, table: Table, erased: Erased) -> Iterator[_RowKey]:
    """The keys of the rows that may name somebody. Texts are read as they lie there, whatever they stand for."""
    texts = [type_coerce(table.c[name], Text) for name in _texts(table)]
    packed = [table.c[name] for name in _packed(table)]
    if not texts and not packed:
        return
    keys = [table.c[name] for name in _keys(table)]
    first, last = len(keys), len(keys) + len(texts)
    asked = select(*keys, *texts, *packed)
    if table.name in _OWN_WORDS:
        asked = asked.where(or_(*(text != "" for text in texts)))
    options = {"stream_results": True, "yield_per": _PACKED_AT_ONCE if packed else _READ_AT_ONCE}
    for row in db.execute(asked.execution_options(**options)):
        held = "\n".join([text for text in row[first:last] if text])
        if erased.may_name(held) or any(_may_name(table, data, erased) for data in row[last:]):
            yield tuple(row[:first])


def _packed(table: Table) -> list[str]:
    return [each.name for each in table.c if isinstance(each.type, LargeBinary)]


def _may_name(table: Table, data: bytes, erased: Erased) -> bool:
    if table is aside:
        return erased.may_be_in(zlib.decompress(data))
    return table.name not in _PACKED or erased.may_name(_PACKED[table.name][0](data).decode("utf-8", "replace"))


def _cleaned(table: Table, row: RowMapping, erased: Erased) -> dict[str, Any]:
    """The columns of a row that name somebody, as they are without."""
    values: dict[str, Any] = {}
    for name in _texts(table):
        before = row[name]
        after = _without(table, name, before, erased)
        if after != before:
            values[name] = after
    if table is aside and row["state"] != "dropped" and erased.is_in(zlib.decompress(row["data"])):
        values |= _DROPPED
    if table.name in _PACKED:
        unpack, pack = _PACKED[table.name]
        if not erased.may_name((data := unpack(row["content"])).decode("utf-8", "replace")):
            return values
        held = json.loads(data)
        clean = erased.value(held)
        if clean != held:
            data = json.dumps(clean, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
            values["content"] = pack(data)
    return values


def _without(table: Table, name: str, before: Any, erased: Erased) -> Any:
    if before is None:
        return None
    if table is item_revisions and name == "content":
        if not erased.may_name(before):
            return before
        held = json.loads(before)
        clean = erased.value(held)
        return before if clean == held else json_text(clean)
    return erased.value(before)


def _replace(db: Db, table: Table, row: RowMapping, values: dict[str, Any]) -> None:
    keys = _keys(table)
    is_it = [table.c[name] == row[name] for name in keys]
    moved = {name: values.get(name, row[name]) for name in keys}
    if any(name in values for name in keys):
        there = db.execute(select(table).where(*(table.c[name] == moved[name] for name in keys))).first()
        if there is not None:  # what was told two ways is one now
            db.execute(delete(table).where(*is_it))
            return
    db.execute(update(table).where(*is_it).values(**values))


def _draft_anew(db: Db, numbers: Iterable[int]) -> None:
    """Let nobody take what they keep of these issues for what is stored now; who approved them still did."""
    for number in sorted(numbers):
        before = db.execute(select(issues.c.drafted_at).where(issues.c.number == number)).scalar()
        if before is not None:
            later = before + timedelta(microseconds=1)
            is_about_it = (approvals.c.issue_number == number, approvals.c.drafted_at == before)
            db.execute(update(issues).where(issues.c.number == number).values(drafted_at=later))
            db.execute(update(approvals).where(*is_about_it).values(drafted_at=later))


def _count_anew(db: Db, ids: Sequence[str]) -> None:
    """Let the items of ``ids`` be found and compared by what they say now."""
    is_current = (item_revisions.c.item_id == items.c.id) & (item_revisions.c.number == items.c.revision)
    columns = (items.c.id, items.c.thread_root, item_revisions.c.content)
    for item_id in dict.fromkeys(ids):
        row = db.execute(select(*columns).join(item_revisions, is_current).where(items.c.id == item_id)).one_or_none()
        if row is None:
            continue
        content = content_of(read_content(row.content, item_id=row.id, thread_root=row.thread_root))
        author = content.item.author
        values = {"content_hash": content.hash, "author_key": author.identity if author else None}
        values["url_key"] = url_key(content.item.url) if content.item.url else None
        db.execute(update(items).where(items.c.id == item_id).values(**values))
