"""What is decided without the database: how a body that was kept meets what is known now."""
