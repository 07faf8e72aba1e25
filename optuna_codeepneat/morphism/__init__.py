"""Networks that start where their ancestors stopped: inherited weights, checkpoints."""

__all__: list[str] = []
