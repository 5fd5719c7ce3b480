"""What the three trainings share: steps counted from nothing, batches that depend on the step alone, checkpoints."""

from __future__ import annotations

import ctypes
import math
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

# products of matrices in bfloat16 take a fifth of the time on processors that have them, five times as long on others
HALVES = torch.cpu._is_avx512_bf16_supported()
# of standin/attention.py: the faster one, where no weights are asked for
ATTENTION = "plain" if HALVES else "sdpa"


def set_up(threads: int) -> None:
    """What a process that trains does first."""
    torch.set_num_threads(threads)
    keep_memory()


def keep_memory() -> None:
    """glibc gives large blocks back to the system at once and has them cleared anew at every step: half of the time of a step on
    windows of 30 s. Here it keeps them, in one pool (mallopt(3)); other libraries are left as they are."""
    M_TRIM_THRESHOLD, M_MMAP_MAX, M_ARENA_MAX = -1, -4, -8
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        for option, value in ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, -1), (M_ARENA_MAX, 1)):
            libc.mallopt(option, value)


@dataclass
class Plan:
    steps: int
    rate: float  # AdamW's highest learning rate; Muon's is `MUON` times that
    decay: float = 0.01
    warmup: int = 200
    flat: float = 0.3  # share of the steps before the cosine begins
    slow: str | None = None  # parameters whose names begin so learn at `SLOW` times the rate


MUON, SLOW = 2.0, 0.3


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


class Muon(torch.optim.Optimizer):
    """torch.optim.Muon (Jordan 2024) with "match_rms_adamw", for all matrices of one shape at once, and in float32 where products
    in bfloat16 are slow: PyTorch's own always takes bfloat16, which there costs ten times as much as the step it serves."""

    MOMENTUM, COEFFICIENTS, ITERATIONS = 0.95, (3.4445, -4.775, 2.0315), 5

    def __init__(self, matrices: list[nn.Parameter], rate: float, decay: float):
        shapes = sorted({p.shape for p in matrices})
        groups = [{"params": [p for p in matrices if p.shape == shape]} for shape in shapes]
        super().__init__(groups, {"lr": rate, "weight_decay": decay, "factor": MUON})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            params, rate = group["params"], group["lr"]
            updates = []
            for p in params:
                if "momentum" not in self.state[p]:
                    self.state[p]["momentum"] = torch.zeros_like(p)
                momentum = self.state[p]["momentum"].lerp_(p.grad, 1 - self.MOMENTUM)
                updates.append(p.grad.lerp(momentum, self.MOMENTUM))
            scale = 0.2 * math.sqrt(max(params[0].shape))
            for p, update in zip(params, self.orthogonal(torch.stack(updates))):
                p.mul_(1 - rate * group["weight_decay"]).add_(update, alpha=-rate * scale)

    def orthogonal(self, x: torch.Tensor) -> torch.Tensor:
        """Newton-Schulz: brings the singular values of every matrix [matrix, row, column] near 1."""
        a, b, c = self.COEFFICIENTS
        tall = x.shape[1] > x.shape[2]
        x = (x.mT if tall else x).to(torch.bfloat16 if HALVES else torch.float32)
        x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
        for _ in range(self.ITERATIONS):
            gram = x @ x.mT
            x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
        return (x.mT if tall else x).float()


class Optimisers:
    """Muon for the matrices of the layers, AdamW for everything else."""

    def __init__(self, model: nn.Module, plan: Plan):
        learnt = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
        matrices = [p for name, p in learnt if p.ndim == 2 and ".layers." in name]
        kept = {id(p) for p in matrices}
        others = [(p, SLOW if plan.slow and name.startswith(plan.slow) else 1.0) for name, p in learnt if id(p) not in kept]
        groups = [
            {"params": [p for p, its in others if (p.ndim > 1, its) == (wide, share)], "weight_decay": plan.decay * wide, "factor": share}
            for wide in (True, False)
            for share in (1.0, SLOW)
        ]
        self.plan = plan
        self.parts: dict[str, torch.optim.Optimizer] = {"adam": torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98))}
        if matrices:
            self.parts["muon"] = Muon(matrices, plan.rate, plan.decay)

    def step(self, step: int) -> None:
        rate = learning_rate(self.plan, step)
        for optimiser in self.parts.values():
            for group in optimiser.param_groups:
                group["lr"] = rate * group["factor"]
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def state(self) -> dict:
        return {name: optimiser.state_dict() for name, optimiser in self.parts.items()}

    def restore(self, saved: dict) -> None:
        for name, optimiser in self.parts.items():
            optimiser.load_state_dict(saved[name])


def train(model: nn.Module, plan: Plan, make, loss_of, checkpoint: Path, *, evaluate=None, every: int = 250) -> None:
    """Goes on from `checkpoint` where there is one, and writes it every `every` steps. `loss_of(batch, step)` is minimised."""
    optimisers = Optimisers(model, plan)
    first, seconds = 0, 0.0
    if checkpoint.exists():
        saved = read(checkpoint)
        model.load_state_dict(saved["model"])
        optimisers.restore(saved)
        first, seconds = saved["step"], saved["seconds"]
    batches = DataLoader(Batches(make, first, plan.steps), batch_size=None, num_workers=1, prefetch_factor=4)
    began, mean = time.monotonic() - seconds, None
    model.train()
    for step, batch in enumerate(batches, first):
        with torch.autocast("cpu", torch.bfloat16, enabled=HALVES):
            loss = loss_of(batch, step)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimisers.step(step)
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        done = step + 1
        if done % every == 0 or done == plan.steps:
            save(checkpoint, model, optimisers, done, time.monotonic() - began)
            said = evaluate(done) if evaluate else ""
            model.train()
            print(f"{done:6d} of {plan.steps}  {(time.monotonic() - began) / 60:6.1f} min  loss {mean:.3f}  {said}", flush=True)


def save(checkpoint: Path, model: nn.Module, optimisers: Optimisers, step: int, seconds: float) -> None:
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    partial = checkpoint.with_suffix(".partial")
    torch.save({"model": model.state_dict(), **optimisers.state(), "step": step, "seconds": seconds}, partial)
    os.replace(partial, checkpoint)


def mean_of(rounds: list[dict]) -> dict[str, torch.Tensor]:
    """Weights half way between the checkpoints of a training's rounds (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models")."""
    states = [one["model"] for one in rounds]
    return {name: sum(state[name] for state in states) / len(states) for name in states[0]}


def read(checkpoint: Path) -> dict:
    return torch.load(checkpoint, weights_only=True)


def processor() -> str:
    """What trains here, for the model card."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores ({name})"
