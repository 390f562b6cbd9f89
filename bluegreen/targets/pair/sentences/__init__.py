"""What people read of a pair's own acts, and why they are due: functions with typed parameters. Pure."""
