"""Network diagrams: an architecture as SVG and as PNG, without a browser or other program."""
