"""Requests: received, triaged, oriented, and never closed before the caller has been told."""
