"""Templates: where they are looked up, and what happens when one has a fault."""

import hashlib
import re
import time
import traceback
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    select_autoescape,
)

from newsletter.errors import TemplateFault
from newsletter.render import plain
from newsletter.render.languages import in_language

_PACKAGED = Path(__file__).resolve().parents[1] / "templates"
_CHECKOUT = Path(__file__).resolve().parents[2] / "templates"
BUILT_IN = _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT
"""The built-in set: inside the installed package, or beside it in a checkout."""

_TICK = 2.0
"""Seconds, the coarsest clock of a file system in use (FAT)."""
_OF_AN_OBJECT = re.compile(r"'[\w.]+ object' has no attribute '(\w+)'")
_FILTERS: dict[str, Callable[..., str]] = {
    "fill": plain.fill,
    "row": plain.row,
    "dots": plain.dots,
    "bar": plain.bar,
    "in_language": in_language,
}


class Templates:
    """The templates of a newsletter: the files of ``override`` first, then the built-in ones.

    An override can extend what it replaces under the name ``builtin/…``. With ``remarks`` given, a
    fault in an override is written there and the built-in design is used; without, it is raised.
    """

    def __init__(self, override: Path | None = None, *, remarks: list[str] | None = None) -> None:
        self.override = override
        self.remarks = remarks
        built_in = FileSystemLoader(BUILT_IN)
        prefixed = PrefixLoader({"builtin": built_in})
        self._built_in = _environment(ChoiceLoader([built_in, prefixed]))
        self._chosen = self._built_in
        if override is not None:
            self._chosen = _environment(ChoiceLoader([FileSystemLoader(override), built_in, prefixed]))

    def forgiving(self) -> "Templates":
        """These templates with an empty list of ``remarks``: faults in overrides no longer stop anything."""
        return Templates(self.override, remarks=[])

    def render(self, name: str, **context: Any) -> str:
        """The template ``name`` filled with ``context`` (TemplateFault); half characters become "?"."""
        text = self._with_fallback(lambda environment: environment.get_template(name).render(context), name)
        return text.encode("utf-8", "replace").decode()

    def compile(self, names: Iterable[str]) -> None:
        """Make the templates ``names`` ready, so that their first rendering need not (TemplateFault)."""
        for name in names:
            self._with_fallback(partial(_compiled, name=name), name)

    def text(self, name: str) -> str:
        """A file of the set as it stands, such as a style sheet (TemplateFault)."""
        return self._with_fallback(partial(_source, name=name), name)

    def files(self, folder: str, suffix: str) -> dict[str, Path]:
        """The files in force of one ``folder`` of the set whose names end in ``suffix``, by their names, in order."""
        roots = [root for root in (BUILT_IN, self.override) if root]
        found = {f"{folder}/{path.name}": path for root in roots for path in (root / folder).glob(f"*{suffix}")}
        return dict(sorted(found.items()))

    def hashes(self) -> dict[str, str]:
        """Name and SHA-256 of every file in force; what two renderings must share to be the same."""
        found = {name: path for folder in (BUILT_IN, self.override) if folder for name, path in _files(folder)}
        return {name: _hash_of(path) for name, path in sorted(found.items())}

    def misspelt(self) -> tuple[str, ...]:
        """A remark for each file of the override that replaces nothing and is named nearly like one that it could."""
        if self.override is None:
            return ()
        known = [name for name, _ in _files(BUILT_IN)]
        strange = sorted(name for name, _ in _files(self.override) if name not in known)
        near = ((name, get_close_matches(name, known, n=1, cutoff=0.8)) for name in strange)
        return tuple(f"templates/{name} replaces nothing. Did you mean {found[0]}?" for name, found in near if found)

    def _with_fallback(self, produce: Callable[[Environment], str], name: str) -> str:
        try:
            return _guarded(self._chosen, produce, name)
        except TemplateFault as fault:
            if self.remarks is None or self._chosen is self._built_in:
                raise
            remark = f"{fault} The built-in design is used instead."
            if remark not in self.remarks:
                self.remarks.append(remark)
            return _guarded(self._built_in, produce, name)


def _environment(loader: BaseLoader) -> Environment:
    environment = Environment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html", "xml"), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_FILTERS)
    return environment


def _files(folder: Path) -> list[tuple[str, Path]]:
    return [(path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file()]


def _hash_of(path: Path) -> str:
    """The SHA-256 of a file. One that has not changed for a while is not read again."""
    state = path.stat()
    # Written just now, it can be written once more within the same tick of the file system's clock.
    if abs(time.time() - state.st_mtime) < _TICK:
        return _read_hash(path)
    return _known_hash(path, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


@lru_cache(maxsize=1_024)
def _known_hash(path: Path, *state: int) -> str:
    return _read_hash(path)


def _read_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _compiled(environment: Environment, *, name: str) -> str:
    return environment.get_template(name).name or name


def _source(environment: Environment, *, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _guarded(environment: Environment, produce: Callable[[Environment], str], name: str) -> str:
    try:
        return produce(environment)
    except TemplateSyntaxError as fault:
        file = fault.filename or fault.name or name
        raise TemplateFault(_shown(file), fault.lineno, _said(fault.message)) from fault
    except TemplateNotFound as fault:
        raise TemplateFault(*_place(fault, name), f"There is no template “{fault.name}”.") from fault
    except (
        TemplateError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
    ) as fault:
        # All that an expression in a template can raise; our own code inside filters is total.
        raise TemplateFault(*_place(fault, name), _said(str(fault))) from fault
    except OSError as fault:
        raise TemplateFault(name, 1, f"It cannot be read: {fault.strerror or fault}.") from fault


def _said(text: str | None) -> str:
    said = _OF_AN_OBJECT.sub(
        r"there is no “\1” here; docs/templates.md lists what there is", text or "There is a fault"
    )
    return f"{said.rstrip('. ')}. Mend this line."


def _place(fault: BaseException, name: str) -> tuple[str, int]:
    """The template and line nearest to the fault; Jinja2 puts them into the traceback."""
    for frame in reversed(traceback.extract_tb(fault.__traceback__)):
        if not frame.filename.endswith(".py") and not frame.filename.startswith("<"):
            return _shown(frame.filename), frame.lineno or 1
    return name, 1


def _shown(file: str) -> str:
    """The end of ``file`` that names the template inside its set."""
    parts = Path(file).parts
    return "/".join(parts[-2:]) if len(parts) > 1 else file
