"""The outside world: the addresses at which partners show their keys."""
