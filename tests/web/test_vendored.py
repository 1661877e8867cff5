"""Files of others are listed, with their licence, and are as they were when they were listed."""

import hashlib
import tomllib
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "newsletter" / "web" / "static" / "vendor"


def test_every_file_of_others_is_listed_and_unchanged() -> None:
    listed = tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(path.name for path in VENDOR.iterdir() if path.name != "VENDOR.toml")
    for name, about in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == about["sha256"]
        assert about["licence"]
