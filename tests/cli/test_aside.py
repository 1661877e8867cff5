"""The command aside: what stands on stdout, on stderr and in the exit code."""

import json
from pathlib import Path

from tests.cli.test_commands import Newsletter, home_with, newsletter
from tests.loopback import serving

__all__ = ["newsletter"]


def test_list_replay_and_drop(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        home = home_with(tmp_path, web, f"  - name: Torn\n    kind: feed\n    url: {web.base}/torn.xml\n")
        empty = newsletter("aside", "--home", home)
        assert (empty.returncode, empty.stdout) == (0, "Nothing is set aside.\n")
        web["/torn.xml"] = "{ torn"
        gathered = newsletter("gather", "--home", home)
        assert gathered.returncode == 3
        assert "1 set aside" in next(line for line in gathered.stderr.splitlines() if "Torn" in line)
        assert "set aside" not in next(line for line in gathered.stderr.splitlines() if "Planet" in line)
        [found] = json.loads(newsletter("aside", "--home", home, "--json").stdout)
        assert [found] == json.loads(newsletter("aside", "list", "--json", "--home", home).stdout)
        assert [found] == json.loads(newsletter("aside", "--home", home, "list", "--json").stdout)
        assert (found["source"], found["reader"], found["size"]) == ("Torn", "feed", 6)
        assert (found["address"], found["state"], found["tries"]) == (f"{web.base}/torn.xml", "waiting", 0)
        assert found["set_aside_at"].endswith("Z")
        lines = newsletter("aside", "--home", home).stdout.splitlines()
        assert lines[0].startswith(found["id"])
        assert lines[0].endswith("Torn  6 bytes")
        assert lines[1].strip() == found["reason"]
        assert lines[-1] == "1 is set aside."
        again = newsletter("aside", "replay", found["id"][:6], "--home", home)
        assert (again.returncode, again.stdout) == (3, "0 read, 1 still set aside.\n")
        assert found["id"] in again.stderr
        assert "read again in vain 1 time\n" in newsletter("aside", "--home", home).stdout
        [record] = json.loads(newsletter("aside", "replay", "--all", "--json", "--home", home).stdout)
        assert (record["is_read"], record["new"], record["source"]) == (False, 0, "Torn")
        assert "read again in vain 2 times" in newsletter("aside", "--home", home).stdout
        assert newsletter("aside", "drop", found["id"], "--home", home).stdout == "1 dropped.\n"
        assert json.loads(newsletter("aside", "drop", "--all", "--json", "--home", home).stdout) == {"dropped": 0}


def test_what_is_to_be_read_again_has_to_be_named(newsletter: Newsletter, tmp_path: Path) -> None:
    with serving() as web:
        home = home_with(tmp_path, web)
        for words in (("replay",), ("drop",), ("drop", "--all", "abc")):
            ended = newsletter("aside", *words, "--home", home)
            assert ended.returncode == 2
            assert "write --all" in ended.stderr
        missing = newsletter("aside", "drop", "abc", "--home", home)
        assert (missing.returncode, "“abc”" in missing.stderr) == (1, True)
