"""Whether readers found an issue useful: counted, without anybody's name."""

from newsletter.errors import NotFound
from newsletter.pipeline.app import Newsletter
from newsletter.store import issues
from newsletter.store.usefulness import answers, count_answer


def is_out(app: Newsletter, number: int) -> bool:
    """Whether an issue of that number was approved or is out."""
    with app.database.reading() as db:
        try:
            return issues.issue(db, number).state != "draft"
        except NotFound:
            return False


def answer_useful(app: Newsletter, number: int, answer: str) -> None:
    """Count one "yes" or "no" for issue ``number``."""
    with app.database.transaction() as db:
        count_answer(db, number, answer)


def useful_counts(app: Newsletter, number: int) -> tuple[int, int]:
    """How many found issue ``number`` useful, and how many did not."""
    with app.database.reading() as db:
        found = answers(db, number)
    return found.get("yes", 0), found.get("no", 0)
