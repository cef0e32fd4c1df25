"""The doors of messaging: the desk's outbox, the words, the test phone, the carrier's calls."""
