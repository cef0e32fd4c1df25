"""Subscriptions: what changed is read from the thread, judged in the name of each owner, and told.

`criteria` reads what is watched, `feeding` finds what changed, `notices` writes what is told,
`sending` tells it at an address, `stream` to who listens.
"""
