"""Protocols: what a pathway expects, written by coordinators, and what the thread says of it."""
