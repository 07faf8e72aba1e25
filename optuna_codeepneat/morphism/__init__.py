"""Networks that start where their ancestors stopped: inherited weights, checkpoints."""
