"""Technique, without a word of care: the thread, the queue, errors, the shared look."""
