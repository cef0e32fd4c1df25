"""Pages of the broker: the team's, the one by link, the professional's own, the settings."""
