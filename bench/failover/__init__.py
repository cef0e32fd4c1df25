"""Three nodes, strict synchronous replication, the primary killed under load: is anything lost?"""
