"""``python -m newsletter`` is the same as ``newsletter``."""

from newsletter.cli import main

main()
