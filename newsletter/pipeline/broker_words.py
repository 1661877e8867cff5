"""What a fault of the broker's library means: who refused what, and in which words. Needs that library (pika)."""

from typing import Literal

from pika.adapters.utils.connection_workflow import AMQPConnectorException, AMQPConnectorStackTimeout
from pika.exceptions import (
    AMQPChannelError,
    AMQPError,
    AuthenticationError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

FAULTS = (AMQPError, AMQPConnectorException, OSError)
"""All that this library raises when a broker cannot be spoken to."""
ANSWER_SECONDS = 5.0
"""A broker that says nothing for so long does not answer."""
_ACCESS_REFUSED, _NOT_ALLOWED = 403, 530


def refused(fault: BaseException) -> Literal["login", "virtual host", "queue"] | None:
    """What a broker refused that is there and answers; None when it was something else."""
    inner = innermost(fault)
    code = getattr(inner, "reply_code", None)
    if isinstance(inner, AMQPChannelError):
        return "queue" if code == _ACCESS_REFUSED else None
    if code == _ACCESS_REFUSED or isinstance(inner, AuthenticationError | ProbableAuthenticationError):
        return "login"
    if code == _NOT_ALLOWED or isinstance(inner, ProbableAccessDeniedError):
        return "virtual host"
    return None


def says_nothing(fault: BaseException) -> bool:
    """Whether there is somebody who takes connections and never answers."""
    return isinstance(innermost(fault), AMQPConnectorStackTimeout)


def said_of(fault: BaseException) -> str:
    """The words of ``fault``, or of what it carries; its name when it has none. Always one line."""
    if says_nothing(fault):
        return f"it takes the connection and says nothing for {ANSWER_SECONDS:g} s"
    inner = innermost(fault)
    text = getattr(inner, "reply_text", None) or str(inner)
    return " ".join(text.split()) or type(inner).__name__


def innermost(fault: BaseException) -> BaseException:
    """What ``fault`` carries, be it as an argument or as its cause; itself when it carries nothing."""
    carried = next((each for each in fault.args if isinstance(each, BaseException)), None)
    carried = carried or getattr(fault, "exception", None) or fault.__cause__
    return innermost(carried) if isinstance(carried, BaseException) else fault
