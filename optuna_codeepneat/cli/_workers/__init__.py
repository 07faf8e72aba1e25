"""The processes that train networks, and the command that keeps them busy."""
