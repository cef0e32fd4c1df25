"""The human door, by subject."""
