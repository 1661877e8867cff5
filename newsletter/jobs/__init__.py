"""When and where the use cases run."""
