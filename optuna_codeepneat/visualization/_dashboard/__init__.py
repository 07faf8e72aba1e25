"""What Optuna Dashboard shows of a study beyond what it shows of any."""
