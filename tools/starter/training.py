"""What the three trainings share: steps counted from nothing, batches that depend on the step alone, checkpoints."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


@dataclass
class Plan:
    steps: int
    rate: float  # the highest learning rate
    decay: float = 0.01
    warmup: int = 200
    flat: float = 0.3  # share of the steps before the cosine begins


def learning_rate(plan: Plan, step: int) -> float:
    """Linear warm-up, flat, then half a cosine to zero."""
    if step < plan.warmup:
        return plan.rate * (step + 1) / plan.warmup
    start = plan.flat * plan.steps
    if step < start:
        return plan.rate
    return plan.rate * 0.5 * (1 + math.cos(math.pi * (step - start) / (plan.steps - start)))


class Batches(Dataset):
    """`make(step)` for every step from `first` on; a worker process makes them while the last one is learnt."""

    def __init__(self, make, first: int, last: int):
        self.make, self.first, self.last = make, first, last

    def __len__(self) -> int:
        return self.last - self.first

    def __getitem__(self, i: int):
        return self.make(self.first + i)


def optimiser(model: nn.Module, plan: Plan) -> torch.optim.AdamW:
    matrices = [p for p in model.parameters() if p.requires_grad and p.ndim > 1]
    others = [p for p in model.parameters() if p.requires_grad and p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": plan.decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98))


def train(model: nn.Module, plan: Plan, make, loss_of, checkpoint: Path, *, evaluate=None, every: int = 250) -> None:
    """Goes on from `checkpoint` where there is one, and writes it every `every` steps. `loss_of(batch, step)` is minimised."""
    adam = optimiser(model, plan)
    first, seconds = 0, 0.0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        adam.load_state_dict(saved["adam"])
        first, seconds = saved["step"], saved["seconds"]
    batches = DataLoader(Batches(make, first, plan.steps), batch_size=None, num_workers=1, prefetch_factor=4)
    began, mean = time.monotonic() - seconds, None
    model.train()
    for step, batch in enumerate(batches, first):
        for group in adam.param_groups:
            group["lr"] = learning_rate(plan, step)
        loss = loss_of(batch, step)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        done = step + 1
        if done % every == 0 or done == plan.steps:
            save(checkpoint, model, adam, done, time.monotonic() - began)
            said = evaluate(done) if evaluate else ""
            model.train()
            print(f"{done:6d} of {plan.steps}  {(time.monotonic() - began) / 60:6.1f} min  loss {mean:.3f}  {said}", flush=True)


def save(checkpoint: Path, model: nn.Module, adam, step: int, seconds: float) -> None:
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    partial = checkpoint.with_suffix(".partial")
    torch.save({"model": model.state_dict(), "adam": adam.state_dict(), "step": step, "seconds": seconds}, partial)
    os.replace(partial, checkpoint)
