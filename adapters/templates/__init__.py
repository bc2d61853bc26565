"""Templates written by users: sandboxed Jinja with bounds on size and time."""
