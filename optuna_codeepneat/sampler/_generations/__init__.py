"""The protocol over trials: which generation a trial belongs to, and what it is bred from."""
