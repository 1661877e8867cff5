"""export: everything of a newsletter in formats that other programs read."""

import csv
import json
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsletter.deliver.csv_cells import safe_row
from newsletter.errors import UsageError, WrongState
from newsletter.model.codec import time_text
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.opml import export_list
from newsletter.pipeline.readers_file import export_readers
from newsletter.render.records import item_record
from newsletter.store import open_rows
from newsletter.store.database import Db

ISSUE_FILES = ("*.html", "*.txt", "*.eml", "*.ics", "*.json")
README = "README.txt"
_ABOUT = {
    "feeds.yaml": "the sources, sections and rules, as the editor wrote them",
    "issues/": "each issue: web page, mail (HTML, text, MIME), calendar, and all of it as JSON",
    "items.jsonl": "everything read, one JSON object a line, the oldest first",
    "stories.jsonl": "which items tell one thing, and in which issues it was told",
    "decisions.jsonl": "what editors said about two items: one story (merge), two (apart), or open again",
    "changes.jsonl": "what editors did to issues, in the order they did it",
    "approvals.jsonl": "who approved which issue, and when",
    "corrections.jsonl": "what was corrected in issues that were out",
    "sources.opml": "the sources that are feeds, as a subscription list for feed readers (OPML 2.0)",
    "statistics.csv": "the figures of each issue",
    "deliveries.csv": "how many mails of each issue and erratum came into which state; no reader is named",
    "templates/": "your own templates; what is not there comes with the program",
    "subscribers.csv": "the readers with what they agreed to; keep it where only you read it",
}
_LEFT_OUT = (
    "what the program learned from your choices",
    "who may sign in to the desk, and API tokens",
    "each single delivery, bounces, addresses that are written to no more",
    "what each issue was made from (data/issues/*/snapshot)",
    "earlier versions of feeds.yaml and of items, how far each source was read, what was set aside",
)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: how many lines, rows or issues each name holds."""

    folder: Path
    counts: Mapping[str, int]


def export(app: Newsletter, folder: Path, *, with_readers: bool = False, by: str = "") -> Exported:
    """Write everything into ``folder``, which must not be there or be empty; it is whole or not there.

    Addresses of readers are in it only with ``with_readers``. Raises UsageError, WrongState.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise WrongState(f"{folder} is not empty. Name a folder that is not there yet.")
    staged = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    try:
        staged.mkdir(parents=True, mode=0o700 if with_readers else 0o777)
        with app.database.reading() as db:
            counts = _write_rows(app, db, staged)
        counts |= _write_files(app, staged)
        if with_readers:
            path = staged / "subscribers.csv"
            path.touch(mode=0o600)
            with path.open("w", encoding="utf-8", newline="") as file:
                file.writelines(export_readers(app, by=by))
            with path.open(encoding="utf-8", newline="") as file:
                counts["subscribers.csv"] = sum(1 for _ in csv.reader(file)) - 1
        (staged / README).write_text(_readme(app, counts), encoding="utf-8")
        with suppress(FileNotFoundError):
            folder.rmdir()
        staged.rename(folder)
    except OSError as fault:
        raise UsageError(f"{folder} cannot be written: {fault.strerror or fault}.") from fault
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return Exported(folder, counts)


def _write_rows(app: Newsletter, db: Db, folder: Path) -> dict[str, int]:
    names = {source.id: source.name for source in app.config.sources}

    def items() -> Iterator[dict[str, Any]]:
        for each in open_rows.each_item(db):
            yield item_record(each.item, source_name=names.get(each.item.source_id, each.item.source_id))

    written: dict[str, Callable[[], Iterable[dict[str, Any]]]] = {
        "items.jsonl": items,
        "stories.jsonl": lambda: open_rows.each_story(db),
        "decisions.jsonl": lambda: open_rows.each_decision(db),
        "changes.jsonl": lambda: open_rows.each_change(db),
        "approvals.jsonl": lambda: open_rows.each_approval(db),
        "corrections.jsonl": lambda: open_rows.each_correction(db),
    }
    counts = {name: _write_lines(folder / name, rows()) for name, rows in written.items()}
    figures, states = (
        ("issue", "published_on", "name", "value", "proof", "note"),
        ("issue", "mailing", "state", "count"),
    )
    counts["statistics.csv"] = _write_sheet(folder / "statistics.csv", figures, open_rows.each_figure(db))
    counts["deliveries.csv"] = _write_sheet(folder / "deliveries.csv", states, open_rows.each_delivery_count(db))
    return counts


def _write_sheet(path: Path, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(heads)
        for count, row in enumerate(rows, 1):  # noqa: B007
            sheet.writerow(safe_row(row))
    return count


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", errors="replace") as file:
        for count, row in enumerate(rows, 1):  # noqa: B007
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return count


def _write_files(app: Newsletter, folder: Path) -> dict[str, int]:
    for name, data in app.config.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    feeds = export_list(app)
    (folder / "sources.opml").write_bytes(feeds.content)
    count = 0
    (folder / "issues").mkdir()
    for issue in sorted((app.data / "issues").glob("[0-9]*")):
        files = sorted(path for pattern in ISSUE_FILES for path in issue.glob(pattern) if path.is_file())
        if files:
            (folder / "issues" / issue.name).mkdir()
            count += 1
        for path in files:
            shutil.copyfile(path, folder / "issues" / issue.name / path.name)
    found = {**dict.fromkeys(app.config.files, 1), "sources.opml": feeds.count, "issues/": count}
    templates = _write_templates(app, folder / "templates")
    return {**found, "templates/": templates} if templates else found


def _write_templates(app: Newsletter, folder: Path) -> int:
    own, count = app.template_folder, 0
    for path in sorted(own.rglob("*")) if own else ():
        if path.is_file() and not path.name.startswith("."):
            target = folder / path.relative_to(own or path)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            count += 1
    return count


def _readme(app: Newsletter, counts: Mapping[str, int]) -> str:
    name = app.config.newsletter.name
    lines = [f"{name}, everything in open formats, written {time_text(app.now().replace(microsecond=0))}.", ""]
    lines += [f"{key:18} {what} ({counts[key]})" for key, what in _ABOUT.items() if key in counts]
    lines += ["", "Times are ISO 8601 in UTC; text is UTF-8. What is unknown is null.", ""]
    if "subscribers.csv" not in counts:
        lines.insert(-1, "The readers are not in it: “newsletter export --with-readers” adds them.")
    lines += ["What only this program reads is not in it; “newsletter backup FILE” holds it:"]
    lines += [*(f"- {each}" for each in _LEFT_OUT), ""]
    return "\n".join(lines)
