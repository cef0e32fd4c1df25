"""The screens of the directory: search, one's own practice, the desk, the setting up."""
