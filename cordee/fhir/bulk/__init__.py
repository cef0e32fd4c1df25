"""Bulk data: `$export`, made in parts by a job, and taken away as files (Bulk Data Access 2.0.0).

An export is a reading like any other: the actor of the system that asks, its policy, the second
lock, and each person told of is traced. ADR 43.
"""
