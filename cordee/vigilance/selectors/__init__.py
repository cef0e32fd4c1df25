"""What the room reads, for an actor."""
