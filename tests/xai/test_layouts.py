"""Maps among the tokens of transformers, and the layer that is hooked if none is named."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import qxgap as qx
from qxgap import xai
from qxgap.xai.layouts import Layout, layout_of

torch.set_num_threads(1)


class Block(nn.Module):
    """Attention with a residual; as in transformers, it returns a tuple."""

    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.weights = nn.Softmax(dim=-1)  # (B, heads, tokens, tokens): no maps

    def forward(self, tokens):
        x = self.norm(tokens)
        scores = self.query(x) @ self.key(x).mT / x.shape[-1] ** 0.5
        weights = self.weights(scores[:, None].expand(-1, 2, -1, -1)).mean(dim=1)
        return (tokens + weights @ self.value(x), None)


class SmallTransformer(nn.Module):
    """A vision transformer with ``prefix`` tokens, whose first one is read; patches of 4 x 4."""

    def __init__(self, prefix=1, width=6, mean=False):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 4, stride=4)
        self.first = nn.Parameter(torch.randn(1, prefix, width))
        self.blocks = nn.ModuleList([Block(width), Block(width)])
        self.last, self.head, self.mean = nn.LayerNorm(width), nn.Linear(width, 5), mean

    def forward(self, images):
        patches = self.patches(images).flatten(2).mT
        return self.read(torch.cat([self.first.expand(len(images), -1, -1), patches], dim=1))

    def read(self, tokens, blocks=None):
        for block in self.blocks if blocks is None else blocks:
            tokens = block(tokens)[0]
        tokens = self.last(tokens)
        logits = self.head(tokens.mean(dim=1) if self.mean else tokens[:, 0])
        return SimpleNamespace(logits=logits)


def transformer(seed=0, **options):
    torch.manual_seed(seed)
    return SmallTransformer(**options).double().eval()


@pytest.mark.parametrize(("prefix", "shape"), [(1, (16, 16)), (2, (16, 32)), (5, (12, 12))])
def test_tokens_against_finite_differences(prefix, shape):
    network = transformer(prefix=prefix)
    images = torch.rand(2, 3, *shape, dtype=torch.float64)
    found = xai.capture(network, images, "blocks.0", targets=[2, 4])
    rows, columns = shape[0] // 4, shape[1] // 4
    assert found.maps.shape == found.gradients.shape == (2, 6, rows, columns)
    with torch.no_grad():
        patches = network.patches(images).flatten(2).mT
        tokens = torch.cat([network.first.expand(2, -1, -1), patches], dim=1)
        tokens = network.blocks[0](tokens)[0]
        for row in range(rows):
            for column in range(columns):
                token = prefix + row * columns + column
                assert torch.equal(found.maps[:, :, row, column], tokens[:, token])
        step = torch.zeros_like(tokens)
        step[:, prefix:] = 1e-6 * torch.rand(step[:, prefix:].shape, dtype=torch.float64)
        above, below = (
            network.read(tokens + sign * step, network.blocks[1:]).logits for sign in (1, -1)
        )
    expected = ((above - below) / 2)[[0, 1], [2, 4]]
    inner = (found.gradients.permute(0, 2, 3, 1).flatten(1, 2) * step[:, prefix:]).sum((1, 2))
    torch.testing.assert_close(inner, expected, rtol=1e-5, atol=0)


def test_the_output_of_the_last_block_reaches_a_class_token_only():
    images = torch.rand(1, 3, 16, 16)
    for layer in ("last", "blocks.1"):
        with pytest.raises(qx.InputError, match=r"first 1 tokens, .* before the last attention"):
            xai.capture(transformer(), images, layer)
    assert xai.capture(transformer(mean=True), images, "last").gradients.any()


def test_the_layer_of_a_transformer_is_the_last_normalization_with_gradients():
    images = torch.rand(1, 3, 16, 16)
    assert xai.last_map_layer(transformer(), images) == "blocks.1.norm"
    assert xai.last_map_layer(transformer(mean=True), images) == "last"


def test_a_transformer_is_explained():
    network = transformer()
    network.INPUT = (3, 16)
    opened = xai.open_network(network)
    assert "layer 'blocks.1.norm'" in opened.notes[0]
    images = torch.rand(3, 3, 16, 16, dtype=torch.float64)
    assert xai.num_classes(network, images) == 5
    assert opened.check_layer(images).map_size == (4, 4)
    explanation = qx.explain.explain_image(opened, images[0], seed=1)
    assert explanation.instance.num_maps == 6


class Swin(nn.Module):
    """Maps with the channels last, as in Swin, and with them first in front of the pooling."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 5, 4, stride=4), nn.LayerNorm(5)
        self.inside, self.head = nn.Linear(5, 5), nn.Linear(5, 2)

    def forward(self, images):
        maps = self.inside(self.norm(self.conv(images).permute(0, 2, 3, 1)))
        return self.head(maps.relu().mean(dim=(1, 2)))


def test_channels_last():
    torch.manual_seed(0)
    network, images = Swin(), torch.rand(2, 3, 16, 16)
    found = xai.capture(network, images, "norm")
    with torch.no_grad():
        expected = network.norm(network.conv(images).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    assert found.maps.shape == (2, 5, 4, 4)
    assert torch.equal(found.maps, expected)
    assert xai.last_map_layer(network, images) == "inside"


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 12), st.integers(1, 3), st.integers(0, 5), st.integers(1, 4))
def test_grid_and_prefix_follow_from_the_number_of_tokens(side, stretch, prefix, patch):
    images = torch.zeros(1, 3, side * patch * stretch, side * patch)
    if side < 3:
        prefix = min(prefix, 1)
    tokens = torch.zeros(1, side * side * stretch + prefix, 7)
    assert layout_of(nn.LayerNorm(7), tokens, images) == Layout(
        True, prefix, (side * stretch, side)
    )


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((1, 7, 4, 4), Layout()),  # also where a LayerNorm is over as many numbers
        ((1, 4, 4, 4), Layout()),
        ((1, 4, 4, 7), Layout(channels_last=True)),
        ((1, 4, 4, 8), Layout()),  # nothing normalizes over 8
        ((1, 5, 4, 7), Layout()),
        ((1, 16, 8), None),
        ((1, 15, 7), None),
        ((2, 16, 7), None),
        ((1, 7), None),
    ],
)
def test_outputs_that_are_maps_and_others(shape, expected):
    network = nn.Sequential(nn.LayerNorm(7), nn.LayerNorm(4), nn.LayerNorm((8, 8)))
    assert layout_of(network, torch.zeros(shape), torch.zeros(1, 3, 8, 8)) == expected


def test_a_known_number_of_prefix_tokens_comes_first():
    network = nn.LayerNorm(7)
    network.num_prefix_tokens = 12  # 16 tokens are 4 x 4 patches, or 12 and 2 x 2
    images = torch.zeros(1, 3, 8, 8)
    assert layout_of(network, torch.zeros(1, 16, 7), images) == Layout(True, 12, (2, 2))


class Residual(nn.Module):
    """Convolutions with a ReLU that runs twice, global pooling, and a layer beside the logits."""

    def __init__(self):
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3))
        self.relu, self.pool = nn.ReLU(), nn.AdaptiveAvgPool2d(1)
        self.beside, self.head = nn.Conv2d(3, 2, 1), nn.Linear(3, 2)

    def forward(self, images):
        x = self.relu(self.relu(self.block(images)))
        self.beside(x)
        return self.head(self.pool(x).flatten(1))


def test_the_last_layer_of_convolutional_networks():
    torch.manual_seed(0)
    images = torch.rand(1, 1, 8, 8)
    assert xai.last_map_layer(Residual(), images) == "block"
    network = Residual()
    nn.init.zeros_(network.head.weight)
    with pytest.raises(qx.InputError, match=r"a head of zeros.*: block, block.0"):
        xai.last_map_layer(network, images)
    with pytest.raises(qx.InputError, match=r"fails on images of shape \(1, 2, 2\)"):
        xai.last_map_layer(network, images[..., :2, :2])
