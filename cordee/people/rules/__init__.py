"""Decisions about a person: identity, sharing, processing, emergency. Pure, with their sources."""
