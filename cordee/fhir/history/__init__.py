"""What resources were: one of them, a type, or the whole door, in the order of time."""
