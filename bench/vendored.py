"""Whether the files of others in newsletter/web/static/vendor are what their authors published.

    python bench/vendored.py

Fetches each package named in VENDOR.toml again with “npm pack” and compares byte for byte. Needs npm and the network.
"""

import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "newsletter" / "web" / "static" / "vendor"


def published(name: str, version: str, path: str) -> bytes:
    """The file ``path`` of an npm package."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"{name}@{version}"], cwd=folder, check=True, capture_output=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as packed:
            found = packed.extractfile(f"package/{path}")
            assert found is not None
            return found.read()


def main() -> None:
    differing = 0
    for file, about in tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8")).items():
        is_same = published(about["name"], about["version"], about["path"]) == (VENDOR / file).read_bytes()
        differing += not is_same
        print(f"{file}: {'as' if is_same else 'NOT as'} published in {about['name']} {about['version']}")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
