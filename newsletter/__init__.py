"""A community newsletter that gathers, sorts and writes itself."""

__version__ = "0.1.0"
