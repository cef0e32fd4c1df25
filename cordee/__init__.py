"""Cordée: one rope from the first call to the last review."""
