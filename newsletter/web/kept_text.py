"""KeptTexts: texts of feeds.yaml that were typed and not saved, so that they can be tried, and gone back to."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from newsletter.pipeline.in_force import FEEDS

_MOST = 20


@dataclass(frozen=True, slots=True)
class KeptText:
    """A text that was typed, the hash of the file it was made from, what it is for, and which file it is."""

    text: str
    base: str
    note: str = ""
    file: str = FEEDS


class KeptTexts:
    """The last texts by a key that follows from them; those of all editors together."""

    def __init__(self, most: int = _MOST) -> None:
        self._most, self._lock = most, threading.Lock()
        self._texts: OrderedDict[str, KeptText] = OrderedDict()

    def keep(self, text: str, base: str, note: str = "", *, file: str = FEEDS) -> str:
        """Keep a text; its key."""
        key = hashlib.sha256(f"{file}\0{base}\0{note}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        with self._lock:
            self._texts[key] = KeptText(text, base, note, file)
            self._texts.move_to_end(key)
            while len(self._texts) > self._most:
                self._texts.popitem(last=False)
        return key

    def get(self, key: str) -> KeptText | None:
        """The text of that key; None when it is not kept any more."""
        with self._lock:
            return self._texts.get(key)
