"""A user's ROM files: what form and game each is, and where the copy lies."""
