"""Bulk data that comes in: `$import`, of files that a system shows or of lines that it sends.

An import is a writing like any other: each line goes where a single create or update goes, in the
name of the system, under the rights that it has then. ADR 45.
"""
