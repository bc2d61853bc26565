"""The pages for people: every screen is read through what the API reads through, and works without JavaScript."""
