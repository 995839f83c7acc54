"""detector.py --composed DIR --out RUN [--pictures N]

Trains a face detector (score, box, five landmarks per cell) to say of composed pictures what YuNet says of them. Starts
from random weights, goes on from RUN/last.pt where there is one, and writes it every few minutes.
"""
import argparse
import json
import pathlib
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

import faces
from compose import CELLS, SIZE
from embedder import Unit, network_input
from progress import Progress

HELD = 512          # of the composed pictures, the first: never trained on
SCORE_CLEAR = 0.3   # cells of at least this score teach boxes and landmarks
ORDER_MIRRORED = [1, 0, 2, 4, 3]


class Detector(nn.Module):
    """A pyramid of three levels (strides 8, 16, 32); each is told what the coarser one sees, and has one head."""

    CHANNELS = 48

    def __init__(self):
        super().__init__()
        c = self.CHANNELS
        self.stem = nn.Sequential(Unit(3, 16, 2), Unit(16, 24, 2), Unit(24, c, 2), Unit(c, c, 1))
        self.middle = nn.Sequential(Unit(c, c, 2), Unit(c, c, 1), Unit(c, c, 1))
        self.top = nn.Sequential(Unit(c, c, 2), Unit(c, c, 1), Unit(c, c, 1))
        self.merged = nn.ModuleList([Unit(c, c, 1) for _ in range(3)])
        self.heads = nn.ModuleList([nn.Conv2d(c, 15, 1) for _ in range(3)])
        for head in self.heads:
            nn.init.constant_(head.bias[:1], -4.0)

    def levels(self, x):
        fine = self.stem(x)
        middle = self.middle(fine)
        top = self.merged[2](self.top(middle))
        middle = self.merged[1](middle + functional.interpolate(top, scale_factor=2))
        fine = self.merged[0](fine + functional.interpolate(middle, scale_factor=2))
        return [fine, middle, top]

    def forward(self, x):
        """N x cells x 15: the score's logit, box, landmarks."""
        said = [head(level) for head, level in zip(self.heads, self.levels(x))]
        return torch.cat([s.flatten(2) for s in said], 2).transpose(1, 2)


def mirrored(pictures, labels):
    levels, at = [], 0
    for stride in faces.STRIDES:
        side = SIZE // stride
        level = labels[:, at:at + side * side].reshape(len(labels), side, side, 15)[:, :, ::-1]
        points = level[..., 5:].reshape(*level.shape[:3], 5, 2)[..., ORDER_MIRRORED, :]
        points = numpy.stack([1 - points[..., 0], points[..., 1]], -1).reshape(*level.shape[:3], 10)
        level = numpy.concatenate([level[..., :1], 1 - level[..., 1:2], level[..., 2:5], points], -1)
        levels.append(level.reshape(len(labels), side * side, 15))
        at += side * side
    return pictures[:, :, ::-1], numpy.concatenate(levels, 1)


class Composed(torch.utils.data.IterableDataset):
    def __init__(self, folder, batch, seed):
        self.folder, self.batch, self.seed = pathlib.Path(folder), batch, seed

    def open(self):
        count = (self.folder / "dense.f16").stat().st_size // (CELLS * 30)
        return (numpy.memmap(self.folder / "pictures.u8", numpy.uint8, "r", shape=(count, SIZE, SIZE, 3)),
                numpy.memmap(self.folder / "dense.f16", numpy.float16, "r", shape=(count, CELLS, 15)))

    def __iter__(self):
        chance = numpy.random.Generator(numpy.random.SFC64(self.seed))
        while True:
            pictures, labels = self.open()
            for _ in range(200):
                rows = numpy.sort(chance.integers(HELD, len(pictures), self.batch))
                picture, label = pictures[rows], labels[rows].astype(numpy.float32)
                if chance.random() < 0.5:
                    picture, label = mirrored(picture, label)
                yield torch.from_numpy(numpy.ascontiguousarray(picture)), torch.from_numpy(numpy.ascontiguousarray(label))


def loss_of(said, wanted):
    """Scores by their cross entropy, weighted by how wrong they are (Li et al., "Generalized Focal Loss", 2020); boxes by
    what they overlap and landmarks by their distance in units of the face, where the teacher sees one."""
    score, clear = wanted[..., 0], wanted[..., 0] >= SCORE_CLEAR
    logit = said[..., 0]
    wrong = (logit.sigmoid() - score).abs().detach() ** 1.5
    faces_count = score.sum().clamp(min=1)
    scores = (functional.binary_cross_entropy_with_logits(logit, score, reduction="none") * wrong).sum() / faces_count
    mine, true, weight = said[clear], wanted[clear], score[clear]
    half_mine, half_true = mine[:, 3:5].clamp(-6, 6).exp() / 2, true[:, 3:5].exp() / 2
    low = torch.maximum(mine[:, 1:3] - half_mine, true[:, 1:3] - half_true)
    high = torch.minimum(mine[:, 1:3] + half_mine, true[:, 1:3] + half_true)
    overlap = (high - low).clamp(min=0).prod(1)
    union = 4 * half_mine.prod(1) + 4 * half_true.prod(1) - overlap
    boxes = ((1 - overlap / union) * weight).sum() / faces_count
    size = (4 * half_true.prod(1)).sqrt()[:, None]
    boxes = boxes + ((mine[:, 1:5] - true[:, 1:5]).abs().mean(1) * weight).sum() / faces_count * 0.2
    points = ((mine[:, 5:] - true[:, 5:]).abs() / size).mean(1)
    return scores, boxes, (points * weight).sum() / faces_count


@torch.no_grad()
def agreement(network, pictures, labels):
    """Of the cells that the teacher takes for a face (0.6): how many are seen, how many others are, landmark error in faces."""
    network.eval()
    found = missed = invented = 0
    error = []
    for at in range(0, len(pictures), 16):
        with torch.cpu.amp.autocast():
            said = network(network_input(pictures[at:at + 16])).float()
        wanted = torch.from_numpy(labels[at:at + 16].astype(numpy.float32))
        score = said[..., 0].sigmoid()
        true = wanted[..., 0] >= 0.6
        found += (true & (score >= 0.4)).sum().item()
        missed += (true & (score < 0.4)).sum().item()
        invented += ((score >= 0.6) & (wanted[..., 0] < 0.2)).sum().item()
        size = wanted[true][:, 3:5].exp().prod(1).sqrt()[:, None]
        error.append(((said[true][:, 5:] - wanted[true][:, 5:]).abs() / size).mean(1))
    network.train()
    return found / max(1, found + missed), invented / max(1, found), torch.cat(error).median().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--composed", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--images", type=int, default=120_000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    network = Detector().to(memory_format=torch.channels_last)
    average = Detector().to(memory_format=torch.channels_last)
    average.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), options.rate, weight_decay=0.01)
    seen, last = 0, options.out / "last.pt"
    if last.exists():
        state = torch.load(last)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        seen = state["seen"]
    composed = Composed(options.composed, options.batch, options.seed + seen)
    pictures, labels = composed.open()
    held = pictures[:HELD], labels[:HELD]
    progress = Progress("detector", options.images, seen, every=20)
    saved = time.monotonic()
    losses = []
    for pictures, wanted in torch.utils.data.DataLoader(composed, batch_size=None, num_workers=1):
        if seen >= options.images:
            break
        rate = options.rate * min(1.0, (seen + options.batch) / 3000) * 0.5 * (1 + numpy.cos(numpy.pi * seen / options.images))
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.cpu.amp.autocast():
            said = network(network_input(pictures))
        parts = loss_of(said.float(), wanted)
        optimizer.zero_grad()
        (parts[0] + parts[1] + 5 * parts[2]).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 10)
        optimizer.step()
        with torch.no_grad():
            keep = min(0.998, (seen + options.batch) / (seen + 20 * options.batch))
            for mean, value in zip(average.state_dict().values(), network.state_dict().values()):
                if mean.dtype.is_floating_point:
                    mean.lerp_(value, 1 - keep)
        seen += len(pictures)
        losses.append([part.item() for part in parts])
        progress.step(len(pictures), "score %.4f box %.4f landmarks %.4f" % tuple(numpy.mean(losses[-100:], 0)))
        if time.monotonic() - saved > 150 or seen >= options.images:
            saved = time.monotonic()
            torch.save({"network": network.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(),
                        "seen": seen}, str(last) + ".new")
            pathlib.Path(str(last) + ".new").rename(last)
            figures = dict(zip(("found", "invented", "landmarks"), agreement(average, *held)))
            with open(options.out / "curve.jsonl", "a") as file:
                file.write(json.dumps({"seen": seen, **figures}) + "\n")
            print(f"after {seen} pictures: {figures}", flush=True)


if __name__ == "__main__":
    main()
