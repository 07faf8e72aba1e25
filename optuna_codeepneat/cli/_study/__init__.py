"""The study of a search: its storage, its settings, its sampler, its artifacts."""
