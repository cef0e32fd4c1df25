"""The liaison notebook: short notes of the circle, who read them, and contacts made."""
