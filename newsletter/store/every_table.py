"""Every table there is: whoever makes or empties all of them takes ``metadata`` from here."""

from importlib import import_module

from newsletter.store.tables import metadata as metadata

_NAMES = ("mail", "bounce", "campaign", "erasure", "feeds", "keep", "proposal", "queue", "token", "trouble")
for _name in _NAMES:
    import_module(f"newsletter.store.{_name}_tables")
import_module("newsletter.store.indices")
