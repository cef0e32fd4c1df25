"""PostgreSQL as Django knows it, but for which connection a page is lent."""
