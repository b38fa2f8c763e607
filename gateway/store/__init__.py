"""What outlives a process: held mail, the outbox, the memory of orders; SQLite or PostgreSQL."""
