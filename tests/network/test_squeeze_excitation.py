from __future__ import annotations

import pytest
import torch

from optuna_codeepneat.network import as_image
from optuna_codeepneat.network._squeeze_excitation import SqueezeExcitation


@pytest.mark.parametrize("sizes", [(), (9,), (5, 4)])
def test_a_channel_is_scaled_by_what_all_are_on_average(sizes: tuple[int, ...]) -> None:
    """Hu et al. 2018, equations 2 to 4; a SiLU for the rectifier, and twice the sigmoid."""
    layer = SqueezeExcitation(6, 2)
    x = torch.randn(3, 6, *sizes)
    for example, out in zip(x, layer(x), strict=True):
        mean = torch.stack([channel.mean() for channel in example])
        between = layer.squeeze.weight @ mean + layer.squeeze.bias
        between = between * between.sigmoid()
        scale = 2 * (layer.excite.weight @ between + layer.excite.bias).sigmoid()
        for i in range(6):
            torch.testing.assert_close(out[i], scale[i] * example[i])


def test_without_weights_it_passes_on_what_it_is_given() -> None:
    layer = SqueezeExcitation(6, 2)
    with torch.no_grad():
        layer.excite.weight.zero_()
        layer.excite.bias.zero_()
    x = torch.randn(3, 6, 7)
    assert torch.equal(layer(x), x)


def test_images_lie_in_memory_as_they_did() -> None:
    x = as_image(torch.randn(3, 6, 5, 4))
    assert SqueezeExcitation(6, 2)(x).is_contiguous(memory_format=torch.channels_last)
