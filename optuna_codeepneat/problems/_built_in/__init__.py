"""The problems that are there by name, one file each; `_registry.py` lists them."""
