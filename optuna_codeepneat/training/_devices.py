"""Where networks are trained unless somebody says where."""

from __future__ import annotations

import torch


AUTO = "auto"


def device_of(device: torch.device | str) -> torch.device:
    """A device by its name.

    Args:
        device:
            A device; ``"auto"`` for a CUDA GPU where torch finds one, else for that of Apple's
            processors, else for the CPU.

    Raises:
        RuntimeError: If torch knows no device of that name.
    """
    if device != AUTO:
        return torch.device(device)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def is_on(tensor: torch.Tensor, device: torch.device | str) -> bool:
    """Whether a tensor is on a device, whose number may be left out."""
    wanted = torch.device(device)
    return tensor.device.type == wanted.type and wanted.index in (None, tensor.device.index)
