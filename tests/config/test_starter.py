import pytest

from newsletter.config.starter import starter_text
from tests.config.sample import read


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("hive-weekly", "Hive weekly"),
        ("my_bees", "My bees"),
        ("", "My community weekly"),
        ("...", "My community weekly"),
        ("Bees: the weekly", "Bees: the weekly"),
        ("#1", "#1"),
        ('O\'Neil "x" \\y', 'O\'Neil "x" \\y'),
        ("čebele", "Čebele"),
        ("{a} %s", "{a} %s"),
        ("line\nbreak", "Line break"),
        ("no", "No"),
    ],
)
def test_a_new_home_begins_with_a_file_that_is_well(folder: str, name: str) -> None:
    config = read(starter_text(folder), {})
    assert config.newsletter.name == name
    assert [warning.text for warning in config.warnings] == ['There is no source yet. Write one under "sources:".']
    assert config.sources == ()


def test_what_stands_there_as_a_note_is_well_too() -> None:
    lines = starter_text("x").split("\n")
    uncommented = [
        line.replace("# ", "", 1) if line.startswith(("  # ", "# delivery", "#   ")) else line for line in lines
    ]
    text = "\n".join(uncommented)
    config = read(text, {"SMTP_USER": "u", "SMTP_PASSWORD": "p"})
    assert [source.kind for source in config.sources] == ["", "mailing list", "gerrit"]
    assert config.delivery.server == "mail.example.org"
    assert config.newsletter.site == "https://news.example.org"
