"""The house: how large its rooms are, how they hang together, and how well they are described."""
