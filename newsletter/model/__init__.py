"""The words of the domain as frozen dataclasses; imports nothing but the standard library."""
