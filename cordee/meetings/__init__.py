"""Meeting about one person: an agenda, what was said, decisions that are followed; and dilemmas."""
