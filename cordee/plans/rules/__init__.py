"""Decisions about a plan: where it stands, who may agree to it, what changed, what comes first."""
