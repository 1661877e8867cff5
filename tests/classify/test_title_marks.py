import pytest

from newsletter.classify.title_marks import title_marks


@pytest.mark.parametrize(
    ("title", "mark"),
    [
        ("RFC 463: cones behind a gate", "numbered"),
        ("glaze#1123: mend the lid", "numbered"),
        ("7/15, Ghent monthly evening", "date in front"),
        ("2026-10-25 | Ghent, BE | Potters", "date in front"),
        ("Aug 7. Ghent, BE - Cones and lids", "date in front"),
        ("Thu, 12th of November: potters meet", "date in front"),
        ("Potters of Ghent, Nov 17", "date behind"),
        ("Potters' hack night", "occasion"),
        ("glaze 2.3.1 is out", "version"),
        ("Bump glaze to v1.4", "version"),
        ("A parser for glaze recipes", "thing"),
        ("conecalc. A library that counts cones", "thing"),
        ("`Cone::fire` takes a lid", "code words"),
        ("use fire_cone() twice", "code words"),
        ("This week in pottery 12", "digest"),
        ("Why I left the wheel", "lesson"),
        ("Wheels vs. hands", "lesson"),
        ("Job openings at the kiln", "job"),
        ("The kiln is hiring", "job"),
        ("Does it crack?", "question"),
    ],
)
def test_a_headline_says_what_it_is_about(title: str, mark: str) -> None:
    assert mark in title_marks(title)


@pytest.mark.parametrize(
    ("title", "mark"),
    [
        ("A faster job queue", "job"),
        ("Glaze costs $3.50 now", "version"),
        ("Down by 12.5 %", "version"),
        ("A quiet week", "digest"),
        ("12 ways to glaze", "date in front"),
        ("3 kilns", "numbered"),
    ],
)
def test_what_only_looks_like_it_is_not(title: str, mark: str) -> None:
    assert mark not in title_marks(title)
