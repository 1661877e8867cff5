"""KeptForm: what was posted after the session had ended. It waits in the sign-in page and is sent again afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request

from newsletter.web.sessions import form_of, own_path

_PATH, _FIELD = "again", "again."
_SECRET = ("csrf", "password", "code", "secret", "token")


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Where a form was going and what it said; secrets are left out."""

    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def hidden(self) -> tuple[tuple[str, str], ...]:
        """The hidden fields with which a page carries it on."""
        return ((_PATH, self.path), *((f"{_FIELD}{name}", value) for name, value in self.fields))

    @property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """What a person wrote, to look at before it is sent again."""
        return tuple((name, value) for name, value in self.fields if value.strip() and name != "seen")


def kept_from_post(request: Request) -> KeptForm:
    """The form of this very request."""
    return KeptForm(own_path(request.url.path), tuple(_texts(form_of(request).multi_items())))


def kept_in_page(request: Request) -> KeptForm | None:
    """The form that the page this request comes from carried on; None when it carried none."""
    form = form_of(request)
    path = form.get(_PATH)
    if not isinstance(path, str) or own_path(path) != path:
        return None
    carried = ((name[len(_FIELD) :], value) for name, value in form.multi_items() if name.startswith(_FIELD))
    return KeptForm(path, tuple(_texts(carried)))


def _texts(items: Iterable[tuple[str, object]]) -> Iterable[tuple[str, str]]:
    for name, value in items:
        if isinstance(value, str) and not any(word in name.lower() for word in _SECRET):
            yield name, value
