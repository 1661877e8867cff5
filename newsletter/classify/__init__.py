"""Items become Stories with a Verdict."""
