"""What you know: the append-only log in SQLite and the schedule derived from it. Imports no other room."""
