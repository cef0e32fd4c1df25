"""Partners: the applications and systems that come in by machine, their keys, and in whose name."""
