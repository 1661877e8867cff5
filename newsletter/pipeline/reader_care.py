"""look_after_readers: what came back is counted, and who cannot be reached is asked whether they are there."""

import structlog

from newsletter.errors import FetchError, UsageError
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.bounce_mailbox import read_bounces
from newsletter.pipeline.bounces import send_probes, settle_probes

log = structlog.get_logger()


def look_after_readers(app: Newsletter) -> None:
    """Do all that is due; a mailbox that cannot be read is logged and keeps nothing else waiting."""
    try:
        found = read_bounces(app)
    except (FetchError, UsageError) as fault:
        found = None
        log.warning("bounces not read", trouble=str(fault))
    if found is not None and found.mails_count:
        log.info(
            "bounces read",
            mails=found.mails_count,
            **{name.replace(" ", "_"): count for name, count in found.taken.items()},
        )
    if asked := send_probes(app):
        log.info("readers asked whether they are there", count=asked)
    if alive := settle_probes(app):
        log.info("readers are there after all", count=alive)
