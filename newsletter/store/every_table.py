"""Every table there is: whoever makes or empties all of them takes ``metadata`` from here."""

from importlib import import_module

from newsletter.store.tables import metadata as metadata

for _name in ("mail", "bounce", "campaign", "feeds", "proposal", "queue", "trouble"):
    import_module(f"newsletter.store.{_name}_tables")
import_module("newsletter.store.indices")
