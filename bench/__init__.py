"""Side by side with a baseline, in the same run, on the same machine. No test asserts a time."""
