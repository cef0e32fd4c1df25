"""What brings the house to life: PostgreSQL and the processes. It imports no room."""
