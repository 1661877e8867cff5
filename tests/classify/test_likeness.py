from newsletter.classify.likeness import like_pairs, sentence_keys

SENTENCES = [
    f"The kiln number {word} keeps its curve after a long power cut."
    for word in ("one", "two", "three", "four", "five")
]


def test_only_longer_sentences_of_ones_own_are_keys() -> None:
    text = f"{SENTENCES[0]} Too short.\n> {SENTENCES[1]}"
    assert sentence_keys(text) == {"the kiln number one keeps its curve after a long power cut"}


def test_texts_that_share_half_of_the_shorter_one_are_alike() -> None:
    whole, part, other = (sentence_keys(" ".join(each)) for each in (SENTENCES, SENTENCES[:4], SENTENCES[3:]))
    assert list(like_pairs([whole, part, other])) == [(0, 1, 1.0)]


def test_a_form_letter_proves_nothing() -> None:
    assert list(like_pairs([sentence_keys(" ".join(SENTENCES))] * 7)) == []
