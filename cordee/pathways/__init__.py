"""The conductor: hears the facts, calls the rooms, keeps the one worklist."""
