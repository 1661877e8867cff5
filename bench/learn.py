"""How often the classifier puts an item where the editors did, and how quickly.

    python bench/learn.py FOLDER [SET ...]

FOLDER holds files of past issues as "newsletter learn" reads them. Each issue is predicted whole before it is
learned. The filtered files are made in a temporary folder. Speed is counted in seconds of CPU; other work on the
machine makes it worse.

Limits: accuracy and macro-F1 as in LIMITS; the first issue of twir, by rules alone, 0.65 / 0.57; 15,000 items a
second classified; an issue of 100 items learned in 20 ms; 170 MiB.
"""

import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from newsletter.classify.encoding import encode
from newsletter.classify.features import example_of_line
from newsletter.classify.learned import SectionModel, take_in
from newsletter.classify.model_blob import from_bytes, to_bytes
from newsletter.pipeline.past_issues import read_past_issues

TWIR = "twir-until-2025-02"
Row = dict[str, str]


def is_placed(row: Row) -> bool:
    return row["section"] != "none"


def is_of_the_community(row: Row) -> bool:
    return "Rust Community" in row["section_raw"] and is_placed(row)


SETS: dict[str, tuple[str, Callable[[Row], bool]]] = {
    "rust-community": (TWIR, is_of_the_community),
    "twir": (TWIR, is_placed),
    "lwkd": ("lwkd", is_placed),
    "ipfs": ("ipfs-weekly", is_placed),
    "swift": ("swift-weekly", is_placed),
    "nixos": ("nixos-weekly", is_placed),
    "twir+none": (TWIR, lambda row: True),
    "lwkd+none": ("lwkd", lambda row: True),
    "ipfs+none": ("ipfs-weekly", lambda row: True),
    "swift+none": ("swift-weekly", lambda row: True),
    "nixos+none": ("nixos-weekly", lambda row: True),
}
LIMITS = {"rust-community": (0.938, 0.912), "twir": (0.980, 0.952), "lwkd": (0.941, 0.882)}


def filtered(folder: Path, name: str, out: Path) -> Path:
    file, keeps = SETS[name]
    path = out / f"{name}.jsonl"
    with gzip.open(folder / f"{file}.jsonl.gz", "rt", encoding="utf-8") as lines, path.open("w") as made:
        made.writelines(line for line in lines if keeps(json.loads(line)))
    return path


def replayed(path: Path) -> None:
    command = [sys.executable, "-m", "newsletter", "learn", str(path), "--replay"]
    before = time.perf_counter()
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    whole = time.perf_counter() - before
    wanted = LIMITS.get(path.stem)
    limit = f" (limit {wanted[0]:.3f} / {wanted[1]:.3f})" if wanted else ""
    print(
        f"{path.stem:15} {report['accuracy']:.4f} / {report['macro_f1']:.4f}{limit}, "
        f"{report['items_per_second']:,} items/s, {whole:.1f} s in all"
    )
    spans = (
        f"{name}: {each['accuracy']:.3f}/{each['macro_f1']:.3f}" for name, each in report["by_issue_number"].items()
    )
    print(f"{'':15} {'  '.join(spans)}")


def learning(path: Path) -> None:
    """The time to learn an issue of 100 items when a dozen others are gone over with it, and the model as bytes."""
    items = [item for issue in read_past_issues(path) for item in issue.items][-4_000:]
    model, times = SectionModel(), []
    for at in range(0, len(items) - 99, 100):
        part = items[at : at + 100]
        rows = encode([example_of_line(item.title, item.url, item.text) for item in part])
        before = time.process_time()
        take_in(model, str(at), rows, [item.section for item in part], rules=[""] * len(part))
        times.append(time.process_time() - before)
    late = sorted(times[13:])
    before = time.process_time()
    blob = to_bytes(model)
    saved = time.process_time() - before
    before = time.process_time()
    from_bytes(blob)
    loaded = time.process_time() - before
    print(
        f"learning 100 items, {len(model.sections)} sections: median {late[len(late) // 2] * 1000:.1f} ms, best "
        f"{late[0] * 1000:.1f} ms; blob {len(blob) / 2**20:.1f} MiB, saved {saved * 1000:.0f} ms, "
        f"loaded {loaded * 1000:.0f} ms"
    )


def main() -> None:
    folder, names = Path(sys.argv[1]), sys.argv[2:] or list(SETS)
    with tempfile.TemporaryDirectory(prefix="bench-") as out:
        paths = [filtered(folder, name, Path(out)) for name in names]
        for path in paths:
            replayed(path)
        # Before anything large is done here: a child begins with its parent's peak.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"most memory of a replay: {peak:.0f} MiB")
        learning(max(paths, key=lambda path: path.stat().st_size))


if __name__ == "__main__":
    main()
