"""The operators that models are made of, and small models made of them.

``size`` is "tiny" for processors and "base" for accelerators. Weights and inputs are random,
from a fixed seed.
"""

import torch
from torch import nn
from torch.nn import functional

from tracker import workload

WIDTH = {"tiny": 128, "base": 1024}
LENGTH = {"tiny": 64, "base": 512}
SIZES = ["tiny", "base"]
DTYPES = ["float32", "bfloat16"]
COMPILE = [False, True]
BATCHES = [1, 4, 16, 64]


@workload(do="call", params={"size": SIZES, "dtype": DTYPES})
def matmul(size):
    width = WIDTH[size]
    return torch.matmul, (torch.randn(width, width), torch.randn(width, width))


@workload(do="call", params={"size": SIZES})
def add(size):
    width = WIDTH[size]
    return torch.add, (torch.randn(8 * width, width), torch.randn(8 * width, width))


@workload(do="call", params={"size": SIZES})
def softmax(size):
    return torch.softmax, {"input": torch.randn(64, 8 * WIDTH[size]), "dim": -1}


@workload(do="call", params={"size": SIZES, "dtype": DTYPES, "sdpa": ["math", "flash"]})
def attention(size):
    shape = (2, 8, LENGTH[size], 64)
    query, key, value = (torch.randn(shape) for _ in range(3))
    return functional.scaled_dot_product_attention, (query, key, value)


@workload(params={"size": SIZES})
def layer_norm(size):
    width = WIDTH[size]
    return nn.LayerNorm(width), torch.randn(16, LENGTH[size], width)


@workload(params={"size": SIZES})
def embedding(size):
    width = WIDTH[size]
    return nn.Embedding(8 * width, width), torch.randint(0, 8 * width, (16, LENGTH[size]))


@workload(params={"size": SIZES, "batch": BATCHES}, items="batch")
def convolution(size, batch):
    channels = WIDTH[size] // 8
    return nn.Conv2d(channels, channels, 3, padding=1), torch.randn(batch, channels, 32, 32)


def perceptron_of(size):
    width = WIDTH[size]
    return nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))


@workload(params={"size": SIZES, "batch": BATCHES, "compile": COMPILE}, items="batch")
def perceptron(size, batch):
    return perceptron_of(size), torch.randn(batch, WIDTH[size])


@workload(do="train", params={"size": SIZES, "batch": [16], "compile": COMPILE}, items="batch")
def perceptron_step(size, batch):
    model = perceptron_of(size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    return model, torch.randn(batch, WIDTH[size]), {"optimizer": optimizer}


@workload(params={"size": SIZES, "batch": BATCHES, "compile": COMPILE}, items="batch")
def encoder_layer(size, batch):
    width = WIDTH[size]
    layer = nn.TransformerEncoderLayer(width, nhead=8, dim_feedforward=4 * width, batch_first=True)
    return layer, torch.randn(batch, LENGTH[size], width)


@workload(do="train", params={"size": SIZES, "batch": [8]}, items="batch")
def convolutional_step(size, batch):
    channels = WIDTH[size] // 8
    model = nn.Sequential(
        nn.Conv2d(3, channels, 3, padding=1),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(channels, 10),
    )
    labels = torch.randint(0, 10, (batch,))

    def loss(output):
        return functional.cross_entropy(output, labels)

    return model, torch.randn(batch, 3, 32, 32), {"loss": loss}
