"""Which language texts are in, when nothing can be said, and what is not read as words."""

import subprocess
import sys

import pytest

from newsletter.fetch.language import language_of, with_languages
from newsletter.model.item import Item
from tests.corpus import CORPUS, needs_corpus


def item(title: str, text: str = "", **values: object) -> Item:
    return Item("i", "s", "feed", "post", ("k",), title, text=text, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Der neue Brennofen hält seine Kurve jetzt auch nach einem Stromausfall.", "de"),
        ("The new kiln keeps its curve even when the power goes off for an hour.", "en"),
        ("Le nouveau four garde sa courbe même après une coupure de courant.", "fr"),
        ("Новая печь держит кривую даже после отключения электричества.", "ru"),
        ("التنور الجديد يحافظ على منحناه حتى بعد انقطاع التيار الكهربائي.", "ar"),
        ("新しい窯は停電の後でも曲線を保ちます。扉は自動的に閉まりますので、何もする必要はありません。", "ja"),
        ("Der Ofen ist warm.", None),
        ("", None),
        ("kiln.fire(cone=6) /usr/bin/kiln https://kiln.example/der/ofen/ist/warm/und/gross/genug 1234567890" * 3, None),
        ("> Der neue Brennofen hält seine Kurve auch nach einem Stromausfall.\nYes.", None),
    ],
)
def test_language_of(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_what_is_not_likely_enough_is_unknown() -> None:
    assert language_of("xq zzk vvrp mmlo kwej brlt xoiu vnmm qqpl zkru wuhx vlop ttre kjhg") is None


def test_what_a_source_says_stands_and_answers_are_left_alone() -> None:
    german = "Der neue Brennofen hält seine Kurve jetzt auch nach einem Stromausfall."
    found = with_languages([item(german), item(german, language="nl"), item(german, in_reply_to=("<a@b>",))])
    assert [each.language for each in found] == ["de", "nl", None]
    assert with_languages([item("Kurz", german)])[0].language == "de"


@needs_corpus
def test_recorded_texts_in_english_are_english() -> None:
    """Of many mails with code, names and quotes hardly one may be taken for another language."""
    texts = [path.read_text("utf-8") for path in sorted((CORPUS / "openstack-2011").glob("*.txt"))]
    paragraphs = [part for text in texts for part in text.split("\n") if len(part) > 120]
    assert len(paragraphs) > 100
    assert [part for part in paragraphs if language_of(part) not in ("en", None)] == []


def test_the_model_is_loaded_only_when_a_language_is_asked_for() -> None:
    check = "import sys, newsletter.cli, newsletter.pipeline.gather; print('fasttext' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", check], check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == "False"
