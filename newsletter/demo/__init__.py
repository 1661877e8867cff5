"""The sample community: its documents and the loopback server that plays them."""
