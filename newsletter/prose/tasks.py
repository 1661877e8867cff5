"""What readers are asked to do until a day, as one verb: "the CFP closes on Friday" asks to hand in a proposal."""

import re
from collections.abc import Sequence

_TASKS: Sequence[tuple[str, re.Pattern[str]]] = tuple(
    (task, re.compile(rf"\b(?:{words})", re.IGNORECASE))
    for task, words in (
        ("Nominate", r"nominat\w+|self-nominat\w+|candida\w+"),
        ("Vote", r"vot(?:e|es|ing)\b|ballots?\b|polls?\b"),
        (
            "Hand in",
            r"submi\w+|c\.?f\.?p\b|call for (?:papers|proposals|talks|speakers|abstracts)|(?:talk )?proposals?\b|"
            r"papers?\b|abstracts?\b|entries\b",
        ),
        ("Apply", r"appl(?:y|ications?)\b"),
        ("Sign up", r"regist(?:er|ration)\w*|sign(?:ing)?[ -]?up\b|rsvp\b"),
        ("Get a ticket", r"tickets?\b|early[ -]bird\b"),
        ("Answer", r"surveys?\b|feedback\b|comments?\b"),
    )
)


def task_in(sentence: str) -> str:
    """What ``sentence`` asks for: the task that it names first; "" when it names none of them."""
    found = [(match.start(), task) for task, words in _TASKS if (match := words.search(sentence))]
    return min(found, default=(0, ""))[1]
