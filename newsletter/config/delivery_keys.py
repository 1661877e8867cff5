"""The keys and the ways of delivery that the newsletter has itself."""

from newsletter.config.bounces import BOUNCE_KEYS
from newsletter.config.campaigns import CAMPAIGN_KEYS, SERVICES
from newsletter.config.signing import DKIM_KEYS

DELIVERY_KEYS = (
    *("by", "server", "port", "user", "password", "at most per minute", "also publish", "also write", "test readers"),
    "attach",
    *DKIM_KEYS,
    *BOUNCE_KEYS,
    *("connections", "uncertain"),
    *CAMPAIGN_KEYS,
)
WAYS = ("smtp", "folder", *SERVICES)
