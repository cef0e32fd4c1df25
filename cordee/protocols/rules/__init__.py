"""Protocols and their conformance: pure, the moment is an argument."""
