"""How the web is asked: sizes, times, and which networks beside the public one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.fetch.guard import Network


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How the web is asked.

    Sizes count unpacked bytes. ``total_seconds`` is for one request with its redirects and its
    body; the wait for one of the ``per_host`` places does not count.
    """

    user_agent: str = "newsletter/0.1 (+reads what communities publish)"
    allow_networks: tuple[Network, ...] = ()
    total_seconds: float = 60
    download_seconds: float = 300
    connect_seconds: float = 10
    read_seconds: float = 20
    max_bytes: int = 20 << 20
    max_download_bytes: int = 2 << 30
    per_host: int = 2
    max_redirects: int = 8
    hosts: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Names that the system is not asked for: the address and port where each is. The guard looks at these, too."""
