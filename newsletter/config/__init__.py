"""feeds.yaml and the environment become a Config."""
