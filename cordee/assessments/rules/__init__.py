"""Decisions about an evaluation: what a definition means, what was answered, what it scores."""
