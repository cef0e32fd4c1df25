"""What may be asked, by whom it is proved, and how long it lasts. Pure."""
