"""What a server says, in its own words, and what a person reads of it."""

import pytest
from sqlalchemy.exc import DBAPIError

from newsletter.store.faults import explain


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('connection to server at "db" failed: FATAL:  sorry, too many clients already', "takes no more connections"),
        ("FATAL:  remaining connection slots are reserved for roles with SUPERUSER", "Raise max_connections"),
        (
            'could not extend file "base/5/1": No space left on device\nHINT:  Check free disk space.',
            "disk of its server",
        ),
        ("cannot execute UPDATE in a read-only transaction", "its server only copies another one"),
        ('FATAL:  database "news" does not exist', "Make it with createdb"),
        ("the connection is closed", "cannot be used: the connection is closed. Check that the server runs"),
    ],
)
def test_what_a_server_says_is_explained(words: str, said: str) -> None:
    text = explain(DBAPIError("SELECT 1", None, Exception(words)), "postgresql://db/news", is_sqlite=False)
    assert text.startswith("postgresql://db/news")
    assert said in text
    assert "\n" not in text
