"""The doors of the room: the phone, and the desks."""
