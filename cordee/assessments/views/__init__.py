"""The doors of the room: what was evaluated, what is being filled in, the instruments."""
