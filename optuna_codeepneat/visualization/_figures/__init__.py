"""Figures: each with what it shows as a value, and how Plotly draws it."""
