"""include: further files of sources and rules, their mistakes with file and line, nothing outside the home."""

from pathlib import Path

import pytest

from newsletter.config.include import MOST_FILES, bundle, files_on_disk, patterns_in, unbundle
from newsletter.config.load import Config, load_config, read_whole
from newsletter.errors import ConfigError

HEAD = "newsletter:\n  name: T\n  from: T <t@example.org>\n"
OWN = "sources:\n  - name: Own\n    url: https://own.example/f.xml\n"


def source(name: str, *more: str) -> str:
    return "\n".join((f"  - name: {name}", f"    url: https://{name.lower()}.example/f.xml", *more)) + "\n"


def rule(name: str, word: str, *, match: str = "title") -> str:
    return f"  - name: {name}\n    match:\n      {match}: {word}\n    boost: 5\n"


def home(folder: Path, include: str, **files: str) -> Path:
    """A feeds.yaml with ``include``, and files below ``more``."""
    (folder / "more").mkdir(exist_ok=True)
    path = folder / "feeds.yaml"
    path.write_text(f"{HEAD}include: {include}\n{OWN}")
    for name, text in files.items():
        (folder / "more" / f"{name}.yaml").write_text(text)
    return path


def mistakes(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    return [str(problem) for problem in caught.value.problems]


def names(config: Config) -> list[str]:
    return [each.name for each in config.sources]


def test_sources_and_rules_follow_those_of_feeds_yaml_in_the_order_of_the_names(tmp_path: Path) -> None:
    path = home(
        tmp_path,
        "[more/*.yaml]",
        b="sources:\n" + source("B"),
        a="sources:\n" + source("A") + "rules:\n" + rule("Later", "x"),
    )
    path.write_text(path.read_text() + "rules:\n" + rule("First", "B", match="source"))
    config = load_config(path, {})
    assert names(config) == ["Own", "A", "B"]
    assert [(each.name, each.number, each.place) for each in config.rules] == [
        ("First", 1, "feeds.yaml:9"),
        ("Later", 2, "more/a.yaml:5"),
    ]
    assert [each.place for each in config.sources] == ["feeds.yaml:7", "more/a.yaml:3", "more/b.yaml:3"]
    assert (config.rules[0].own_line, config.rules[1].own_line, config.sources[1].own_line) == (9, None, None)
    assert list(config.files) == ["feeds.yaml", "more/a.yaml", "more/b.yaml"]
    assert config.includes == ("more/*.yaml",)


def test_files_named_one_by_one_come_in_that_order_and_each_once(tmp_path: Path) -> None:
    path = home(
        tmp_path,
        "[more/b.yaml, more/a.yaml, more/*.yaml]",
        a="sources:\n" + source("A"),
        b="sources:\n" + source("B"),
    )
    assert names(load_config(path, {})) == ["Own", "B", "A"]
    assert names(load_config(home(tmp_path, "more/a.yaml"), {})) == ["Own", "A"]


def test_defaults_and_sections_of_feeds_yaml_hold_for_all(tmp_path: Path) -> None:
    path = home(tmp_path, "more/a.yaml", a="sources:\n" + source("A", "    section: event"))
    path.write_text(path.read_text() + "defaults:\n  weight: 7\nsections:\n  - id: events\n    title: Events\n")
    assert mistakes(path) == ['more/a.yaml:4: There is no section "event". Did you mean "events"? Sections: events.']
    (tmp_path / "more" / "a.yaml").write_text("sources:\n" + source("A"))
    assert [each.weight for each in load_config(path, {}).sources] == [7, 7]


def test_mistakes_of_all_files_are_told_with_theirs_in_the_order_of_the_files(tmp_path: Path) -> None:
    path = home(
        tmp_path,
        "[more/b.yaml, more/a.yaml]",
        a="sources:\n" + source("A", "    secton: x"),
        b="sources:\n" + source("B", "\tweight: 3") + "rules:\n" + rule("R", "Nobody", match="source"),
    )
    path.write_text(path.read_text() + "    wieght: 3\n")
    assert [each.partition(": ")[0] for each in mistakes(path)] == [
        "feeds.yaml:8",
        "more/b.yaml:4",
        "more/b.yaml:8",
        "more/a.yaml:4",
    ]


def test_names_and_addresses_stand_once_over_all_files(tmp_path: Path) -> None:
    again = "  - name: Other\n    url: https://own.example/f.xml\n"
    path = home(
        tmp_path,
        "more/*.yaml",
        a="sources:\n" + source("own") + again + "rules:\n" + rule("R", "x"),
        b="rules:\n" + rule("r", "y"),
    )
    assert mistakes(path) == [
        'more/a.yaml:2: Two sources are called "own"; the first is on line 6 of feeds.yaml. Give one another name.',
        'more/a.yaml:5: "Other" reads the same address as "Own" on line 7 of feeds.yaml. Every item would come twice. '
        "Remove one.",
        'more/b.yaml:2: Two rules are called "r"; the first is on line 7 of more/a.yaml. Give one another name.',
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "sections:\n  - id: a\n    title: A\n",
            'more/a.yaml:1: "sections" is not something more/a.yaml can have. It can hold sources and rules. '
            '"sections:" belongs into feeds.yaml.',
        ),
        (
            "include: more/a.yaml\n",
            'more/a.yaml:1: "include" is not something more/a.yaml can have. An included file includes no others: '
            "name them in feeds.yaml.",
        ),
        (
            "- name: A\n  url: https://a.example/\n",
            'more/a.yaml:1: A list stands here at the left edge. Write "sources:" on a line above it.',
        ),
        ("just words\n", 'more/a.yaml:1: "just words" is no "key: value". The file begins with "sources:".'),
        (
            "sources:\n  - name: &a A\n",
            'more/a.yaml:2: Put quotes around &a A: a value may not begin with &. Write name: "&a A".',
        ),
    ],
)
def test_what_an_included_file_may_not_hold(tmp_path: Path, text: str, told: str) -> None:
    assert mistakes(home(tmp_path, "more/a.yaml", a=text))[0] == told


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "sources:\n", "rules: []\n"])
def test_an_included_file_may_be_empty(tmp_path: Path, text: str) -> None:
    assert names(load_config(home(tmp_path, "more/a.yaml", a=text), {})) == ["Own"]


OUT = "leads out of the folder of this newsletter. Name files in it, for example more/lists.yaml."


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("/etc/passwd.yaml", f'"/etc/passwd.yaml" {OUT}'),
        ("more/../../x.yaml", f'"more/../../x.yaml" {OUT}'),
        ("~/x.yaml", f'"~/x.yaml" {OUT}'),
        ("more\\x.yaml", f'"more\\x.yaml" {OUT}'),
        ("C:/x.yaml", f'"C:/x.yaml" {OUT}'),
        (
            '"**/*.yaml"',
            '"**/*.yaml" cannot be a pattern: "*" stands for a part of one name. Write for example more/*.yaml.',
        ),
        (
            "more/list.txt",
            '"more/list.txt" must end with .yaml, as feeds.yaml does. Write for example more/lists.yaml.',
        ),
        (
            "data/x.yaml",
            '"data/x.yaml" cannot be included: what lies there is the program\'s own. Put the file elsewhere.',
        ),
        ("feeds.yaml", "feeds.yaml cannot include itself. Name other files."),
        ("more/none.yaml", 'There is no file "more/none.yaml" beside feeds.yaml. Write it, or take its name out.'),
    ],
)
def test_what_cannot_be_included(tmp_path: Path, named: str, told: str) -> None:
    path = home(tmp_path, named)
    # The rule may be about a source of the file that is not read, so nothing is said of it.
    path.write_text(path.read_text() + "rules:\n" + rule("R", "Elsewhere", match="source"))
    assert mistakes(path) == [f"feeds.yaml:4: {told}"]


def test_links_that_lead_out_and_folders_are_refused(tmp_path: Path) -> None:
    inside = tmp_path / "home"
    inside.mkdir()
    (tmp_path / "secret.yaml").write_text("token: x\n")
    path = home(inside, "more/*.yaml")
    (inside / "more" / "s.yaml").symlink_to(tmp_path / "secret.yaml")
    assert mistakes(path) == [
        'feeds.yaml:4: "more/s.yaml" leads out of the folder of this newsletter. Put the file into it.'
    ]
    (inside / "more" / "s.yaml").unlink()
    (inside / "more" / "s.yaml").mkdir()
    assert mistakes(path) == ['feeds.yaml:4: "more/s.yaml" is no file that can be read. Name a file.']
    (inside / "more" / "s.yaml").rmdir()
    (inside / "more" / "s.yaml").symlink_to("s.yaml")
    assert len(mistakes(path)) == 1


def test_a_pattern_without_a_file_is_a_warning_and_it_takes_no_hidden_file_and_not_feeds_yaml(tmp_path: Path) -> None:
    path = home(tmp_path, "'*.yaml'")
    (tmp_path / ".hidden.yaml").write_text("nonsense\n")
    assert [str(each) for each in load_config(path, {}).warnings] == [
        'feeds.yaml:4: There is no file for "*.yaml" yet.'
    ]


def test_files_that_are_too_many_or_too_large(tmp_path: Path) -> None:
    path = home(tmp_path, "more/*.yaml", a="#" * 300_001)
    assert mistakes(path)[0].startswith('feeds.yaml:4: "more/a.yaml" is too large. It has 300 KB, and at most 300 KB')
    home(tmp_path, "more/*.yaml", **{f"f{number}": "" for number in range(MOST_FILES + 1)})
    assert mistakes(path)[-1] == (
        "feeds.yaml:4: With this more than 100 files or 1000 KB would be included. Name fewer."
    )


def test_the_whole_is_one_text_that_is_read_again_without_the_disk(tmp_path: Path) -> None:
    path = home(tmp_path, "more/*.yaml", a="sources:\n" + source("Ä").rstrip(), b="rules:\n" + rule("R", "x") + "\n\n")
    config = load_config(path, {})
    for file in (tmp_path / "more").iterdir():
        file.unlink()
    again = read_whole(config.text.encode(), file="feeds.yaml", environ={}, base=Path())
    assert (again.sources, again.rules, again.text, again.files) == (
        config.sources,
        config.rules,
        config.text,
        config.files,
    )
    assert again.file_hash == config.file_hash != load_config(home(tmp_path, "more/*.yaml"), {}).file_hash


def test_a_bundle_of_one_file_is_that_file() -> None:
    assert bundle({"feeds.yaml": "a\r\nb"}) == "a\r\nb"
    main, kept = unbundle(b"a\r\n\xffb")
    assert (main, dict(kept.files)) == (b"a\r\n\xffb", {})


def test_a_line_that_the_program_keeps_for_itself(tmp_path: Path) -> None:
    path = home(tmp_path, "more/a.yaml", a="# x\n#====[ file more/b.yaml ]====\nsources:\n")
    assert mistakes(path) == ["more/a.yaml:2: This line is one that the program keeps for itself. Remove it."]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("include: more/*.yaml\nsources:\n\t- broken", ("more/*.yaml",)),
        ("a: [\ninclude:\n  - x.yaml\n# note\nb:", ("x.yaml",)),
        ("include:\n  # note\n  - x.yaml\n  - y.yaml\nb: [", ("x.yaml", "y.yaml")),
        ("include:\n- x.yaml\n- ../y.yaml\nb: [", ("x.yaml",)),
        ("sources:\n  include: x.yaml\n", ()),
        ("include: [x.yaml\n", ()),
        ("include", ()),
    ],
)
def test_what_a_broken_file_includes_is_known_all_the_same(text: str, found: tuple[str, ...]) -> None:
    assert patterns_in(text) == found


def test_the_files_there_are_now(tmp_path: Path) -> None:
    home(tmp_path, "x", b="", a="")
    assert [each.name for each in files_on_disk(tmp_path, ("more/*.yaml", "none.yaml"))] == ["a.yaml", "b.yaml"]
