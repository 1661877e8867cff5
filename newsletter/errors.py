"""Every exception this program raises on purpose.

NewsletterError
├── ConfigError            feeds.yaml has something to mend; carries every Problem
├── FileFault              a file given to a command has lines to mend; carries every Problem
├── UsageError             a command was called with something that cannot be meant
├── NotFound               a number, name or file the user gave is not there
├── SpliceFault            feeds.yaml cannot be changed there by the program; says what to do by hand
├── WrongState             an issue is in a state that does not allow this step
├── ChangedMeanwhile       somebody else changed the same thing first; carries who, when and what
│   └── FeedsChanged       feeds.yaml was changed on disk meanwhile; carries what differs, and both in one if that goes
├── NotAllowed             who asks may not do this, or not from there
├── MailFault              a mail could not be handed over; says whether to try again
│   └── ServiceFault       a service that sends in our place did not do what it was asked
├── Busy                   too much at once: try again, at the time named if there is one
├── TemplateFault          a template cannot be rendered; carries file and line
├── PluginFault            something of another package cannot be used; says why
├── StoreFault             the database cannot be used as it is
│   └── DatabaseAway       its server does not answer; the log says so once, and once that it is back
└── FetchError             a source could not be read; becomes the source's state
    ├── Unreachable        no answer: name, connection, deadline, broken stream
    ├── AddressRefused     the address lies in a network the program does not read
    ├── TooLarge           more bytes, packed or unpacked, than a document may have
    ├── BadStatus          the server answered with an error status
    ├── Throttled          429 or 503: come back at ``until``
    ├── Gone               410: never ask again
    └── NotReadable        the bytes are not what the kind reads
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


class NewsletterError(Exception):
    """Something the user or the outside world caused; its text says how to mend it."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a file: where it is, what is wrong and how to mend it."""

    file: str
    line: int
    text: str
    is_warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class ConfigError(NewsletterError):
    """feeds.yaml cannot be put in force; ``problems`` holds the first mistakes in file order, of ``total``."""

    def __init__(self, problems: Iterable[Problem], total: int = 0) -> None:
        self.problems = tuple(problems)
        self.total = max(total, len(self.problems))
        hidden = [f"{len(self.problems)} of {self.total} shown."] if self.total > len(self.problems) else []
        super().__init__("\n".join([*(str(problem) for problem in self.problems), *hidden]))


class FileFault(NewsletterError):
    """A file given to a command has lines to mend; ``problems`` holds the first of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(NewsletterError):
    """A command was given something that cannot be meant."""


class NotFound(NewsletterError):
    """What the user named does not exist."""


class WrongState(NewsletterError):
    """The issue's state does not allow this step."""


class SpliceFault(NewsletterError):
    """feeds.yaml cannot be changed at that place without touching more than was asked."""


class ChangedMeanwhile(NewsletterError):
    """Somebody else changed the same thing since it was shown: ``editor``, at ``made_at``, by the change ``number``."""

    def __init__(self, text: str, *, editor: str, made_at: datetime, number: int) -> None:
        self.editor, self.made_at, self.number = editor, made_at, number
        super().__init__(text)


class FeedsChanged(ChangedMeanwhile):
    """feeds.yaml is another one than the change was made for.

    ``file`` is its name or that of a file that it includes, ``mine`` is what was to be written there, ``theirs`` is the
    file as it is now, ``both`` has both changes in it where their lines don't touch (else None);
    ``clashes`` are the places where they do, as (line, what stood there, mine, theirs).
    """

    def __init__(
        self, text: str, *, editor: str, made_at: datetime, number: int, theirs: str, both: str | None = None
    ) -> None:
        super().__init__(text, editor=editor, made_at=made_at, number=number)
        self.theirs, self.both = theirs, both
        self.clashes: tuple[tuple[int, str, str, str], ...] = ()
        self.file, self.mine = "feeds.yaml", ""


class NotAllowed(NewsletterError):
    """Who asks may not do this, or not from the page it was sent from."""


class MailFault(NewsletterError):
    """A mail could not be handed over; ``is_final`` when the same mail would be refused again."""

    def __init__(self, text: str, *, is_final: bool = False) -> None:
        self.is_final = is_final
        super().__init__(text)


class ServiceFault(MailFault):
    """A service that sends in our place did not do what it was asked; ``is_final`` when it would refuse it again.

    ``status`` is its HTTP status, ``wait`` how many seconds it asked us to wait, and ``may_be_done`` says that
    nobody knows whether it did it.
    """

    def __init__(
        self,
        text: str,
        *,
        is_final: bool = False,
        status: int | None = None,
        wait: float | None = None,
        may_be_done: bool = False,
    ) -> None:
        self.status, self.wait, self.may_be_done = status, wait, may_be_done
        super().__init__(text, is_final=is_final)


class Busy(NewsletterError):
    """Too much is asked at once, of everybody or of this caller; ``seconds`` is how long to wait."""

    def __init__(self, text: str, *, seconds: int = 60) -> None:
        self.seconds = seconds
        super().__init__(text)


class PluginFault(NewsletterError):
    """What another package brings cannot be used as it is."""


class StoreFault(NewsletterError):
    """The database cannot be used as it is; the text says what to do."""


class DatabaseAway(StoreFault):
    """The server does not answer. Whoever asks again says nothing of it: its link has told the log."""


class TemplateFault(NewsletterError):
    """A template cannot be rendered."""

    def __init__(self, file: str, line: int, text: str) -> None:
        self.file, self.line, self.text = file, line, text
        super().__init__(f"{file}:{line}: {text}")


class FetchError(NewsletterError):
    """A source could not be read; ``state`` is the state it leads to, ``how`` what to do where its text is mute."""

    state = "failing"
    status: int | None = None
    """The status of the answer, if there was one."""
    said: str = ""
    """What the server said itself, as far as it was read."""

    @property
    def how(self) -> str:
        """What the editor can do about it."""
        return ""


class Unreachable(FetchError):
    """No usable answer: unknown name, refused connection, deadline, broken stream."""

    @property
    def how(self) -> str:
        """It may pass."""
        return "It is asked again later; if that lasts, look whether the address is right"


class AddressRefused(FetchError):
    """The address lies in a network that the program does not read."""


class TooLarge(FetchError):
    """The document is larger, packed or unpacked, than the limit."""


class BadStatus(FetchError):
    """The server answered with an error status."""

    status: int

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)

    @property
    def how(self) -> str:
        """By whose doing it is: that of the address, of who asks, or of the server."""
        if self.status in (401, 403, 407):
            return "It wants a token, or no programs: look at the address in a browser, and what its kind can be given"
        if self.status >= 500:
            return "The server is in trouble; it is asked again later"
        return "Look at the address in a browser, and write down the right one"


class Throttled(FetchError):
    """The server asked us to wait (429, or 503 with Retry-After; RFC 9110, 10.2.3)."""

    state = "throttled"

    def __init__(self, text: str, *, until: datetime | None = None, is_asked: bool = True) -> None:
        self.until = until
        self.is_asked = is_asked
        """Whether it said so now; what it said before is kept to without a question."""
        super().__init__(text)


class Gone(FetchError):
    """The server says the document is gone for good (410)."""

    state = "gone"
    status = 410

    @property
    def how(self) -> str:
        """It does not pass."""
        return "Find its new address, or take the source out"


class NotReadable(FetchError):
    """The bytes are not a document of this kind."""
