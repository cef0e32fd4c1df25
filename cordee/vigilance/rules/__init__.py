"""What a visit may say, and how what a phone sent is read. Pure."""
