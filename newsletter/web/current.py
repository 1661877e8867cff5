"""The newsletter that handlers work with; see :mod:`newsletter.pipeline.current`."""

from newsletter.pipeline.current import CurrentNewsletter as CurrentNewsletter
from newsletter.pipeline.current import Surroundings as Surroundings
