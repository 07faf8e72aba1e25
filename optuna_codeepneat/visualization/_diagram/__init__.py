"""Network diagrams: an architecture as SVG and as PNG, without a browser or other program."""

from optuna_codeepneat.visualization._diagram._svg import network_svg


__all__ = [
    "network_svg",
]
