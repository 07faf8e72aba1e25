"""The commands: their arguments, and what they do in which order."""
