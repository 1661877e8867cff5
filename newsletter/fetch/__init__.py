"""The outside world becomes Items."""
