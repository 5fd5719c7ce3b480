"""A convolutional network that learns beside ast-starter's transformer, on the same scenes, and that it learns from: it needs a
quarter of the steps. Nothing of it is in the model."""

from __future__ import annotations

import torch
from ast_features import BANDS, PATCH
from torch import nn

CHANNELS = (24, 48, 96, 192)  # after every halving of time and bands; four of them make a cell as large as a patch


class Block(nn.Module):
    """Half of the resolution (He et al. 2016, "Deep residual learning for image recognition"; the way past it takes means)."""

    def __init__(self, before: int, after: int):
        super().__init__()
        self.first = normed(before, after, (3, 3), stride=2)
        self.second = normed(after, after, (3, 3))
        self.past = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(before, after, 1, bias=False))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (self.second(self.first(x).relu()) + self.past(x)).relu()


def normed(before: int, after: int, size: tuple[int, int], stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(before, after, size, stride, padding=(size[0] // 2, size[1] // 2), bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(after))


class Teacher(nn.Module):
    def __init__(self, labels: int):
        super().__init__()
        self.body = nn.Sequential(
            normed(1, CHANNELS[0], (5, 5), stride=2), nn.ReLU(), *map(Block, CHANNELS, CHANNELS[1:]),
            normed(CHANNELS[-1], CHANNELS[-1], (3, 1)), nn.ReLU(),
        )  # fmt: skip
        self.bands = nn.Linear(CHANNELS[-1] * (BANDS // PATCH), CHANNELS[-1])
        self.heard = nn.Linear(2 * CHANNELS[-1], labels)
        self.when = nn.Linear(CHANNELS[-1], labels)
        for head in (self.heard, self.when):
            nn.init.constant_(head.bias, -2.5)
        self.to(memory_format=torch.channels_last)

    def forward(self, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """values: [scene, frame, band]. Logits of what is heard [scene, label] and of what is heard when [scene, column, label];
        and what it sees in every patch [scene, patch, channel], in the transformer's order."""
        cells = self.body(values[:, None].contiguous(memory_format=torch.channels_last))  # [scene, channel, column, band]
        columns = self.bands(cells.transpose(1, 2).flatten(2)).relu()
        heard = self.heard(torch.cat((columns.mean(1), columns.amax(1)), 1))
        return heard.float(), self.when(columns).float(), cells.float().transpose(2, 3).flatten(2).mT

    def loss(self, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """To be minimised; and for a pupil, who is not to change the teacher, the logits of what is heard and what is in every patch."""
        heard, when, cells = self(batch["input_values"])
        return wrong(heard, batch["labels"]) + wrong(when, batch["when"]), heard.detach(), cells.detach()


def wrong(logits: torch.Tensor, chances: torch.Tensor) -> torch.Tensor:
    return nn.functional.binary_cross_entropy_with_logits(logits.float(), chances)
