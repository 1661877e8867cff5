"""Every table there is: whoever makes or empties all of them takes ``metadata`` from here."""

from newsletter.store import (
    bounce_tables,
    campaign_tables,
    feeds_tables,
    mail_tables,
    proposal_tables,
    tables,
    trouble_tables,
)

metadata = tables.metadata

__all__ = [
    "bounce_tables",
    "campaign_tables",
    "feeds_tables",
    "mail_tables",
    "metadata",
    "proposal_tables",
    "trouble_tables",
]
