"""What a meeting is, what is proposed to it, and what it decides. Pure."""
