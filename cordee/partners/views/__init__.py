"""Doors of the room: machines, the page of consent, one's own applications, administration."""
