"""What mails to readers are signed with."""

from newsletter.deliver.dkim import Dkim, read_key
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.mailing import sender_of


def signer_of(app: Newsletter) -> Dkim | None:
    """The DKIM signatures of this newsletter; None when feeds.yaml names no key. Raises UsageError for a bad one."""
    settings = app.config.delivery.dkim
    if not settings.selectors:
        return None
    host = sender_of(app)[1].rpartition("@")[2].lower()
    return Dkim(
        [
            read_key(pem, selector=selector, domain=settings.domain or host, sender_domain=host)
            for selector, pem in zip(settings.selectors, settings.keys, strict=True)
        ]
    )
