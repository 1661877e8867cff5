"""An Issue becomes bytes."""
