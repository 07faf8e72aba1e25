"""What a person sees in the terminal: progress, the front as it grows, tables."""
