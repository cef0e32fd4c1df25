"""Finding someone: ask in waves, keep the first yes, thank the others."""
