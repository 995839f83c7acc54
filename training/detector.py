"""detector.py --composed DIR [DIR ...] --out RUN [--images N] [--teacher yunet.onnx] [--looks DIR] [--from CHECKPOINT]

Trains a face detector (score, box, five landmarks per cell) to say of composed pictures what YuNet says of them. Starts
from random weights, goes on from RUN/last.pt where there is one, and writes it every few minutes. On a GPU it asks the
teacher itself (--teacher), and compose.py writes the pictures alone. With --looks, what landmarks.py wrote, every step also
sees a batch of second looks, whose landmarks are known better than one look of the teacher knows them.
"""
import argparse
import json
import math
import pathlib
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

import faces
from chance import Chance
from compose import CELLS, SIZE
from embedder import Unit, follow, network_input
from landmarks import LOOK, Looks
from networks import OnnxNetwork
from progress import Progress

HELD = 512          # of the composed pictures, the first: never trained on
POOL = 80_000       # pictures in a GPU's memory, 370 kB each with their labels
LOSSES = ("score", "box", "landmarks", "looks")
SCORE_CLEAR = 0.3   # cells of at least this score teach boxes and landmarks


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
        level = labels[:, at:at + side * side].reshape(len(labels), side, side, 15).flip(2)
        points = level[..., 5:].reshape(len(labels), side, side, 5, 2)[..., faces.MIRRORED, :]
        points = torch.stack([1 - points[..., 0], points[..., 1]], 4).flatten(3)
        level = torch.cat([level[..., :1], 1 - level[..., 1:2], level[..., 2:5], points], 3)
        levels.append(level.flatten(1, 2))
        at += side * side
    return pictures.flip(3), torch.cat(levels, 1)


def opened(folder):
    """What compose.py has written so far: pictures N x 320 x 320 x 3, and labels where it asked the teacher itself."""
    pictures, labels = folder / "pictures.u8", folder / "dense.f16"
    is_labelled = labels.exists() and labels.stat().st_size
    count = labels.stat().st_size // (CELLS * 30) if is_labelled else pictures.stat().st_size // (SIZE * SIZE * 3)
    return (numpy.memmap(pictures, numpy.uint8, "r", shape=(count, SIZE, SIZE, 3)),
            numpy.memmap(labels, numpy.float16, "r", shape=(count, CELLS, 15)) if is_labelled else None)


class Composed(torch.utils.data.IterableDataset):
    """Batches of pictures, N x 3 x 320 x 320, with the teacher's labels, from the files of compose.py; one batch from one
    folder, the larger the oftener."""

    def __init__(self, folders, batch, seed):
        self.folders, self.batch, self.seed = folders, batch, seed

    def held(self):
        pictures, labels = opened(self.folders[0])
        return torch.from_numpy(pictures[:HELD]).permute(0, 3, 1, 2), torch.from_numpy(labels[:HELD].astype(numpy.float32))

    def __iter__(self):
        chance = numpy.random.Generator(numpy.random.SFC64(self.seed))
        while True:
            parts = [opened(folder) for folder in self.folders]  # compose.py may be adding to them
            shares = numpy.array([len(pictures) for pictures, _ in parts], float)
            for _ in range(200):
                pictures, labels = parts[chance.choice(len(parts), p=shares / shares.sum())]
                rows = numpy.sort(chance.integers(HELD, len(pictures), self.batch))
                batch = torch.from_numpy(pictures[rows]).permute(0, 3, 1, 2), torch.from_numpy(labels[rows].astype(numpy.float32))
                yield mirrored(*batch) if chance.random() < 0.5 else batch

    def batches(self):
        return torch.utils.data.DataLoader(self, batch_size=None, num_workers=1)


class ComposedOnGpu:
    """The same in a GPU's memory, labelled there; what several compose.py write meanwhile is added as it comes."""

    def __init__(self, folders, teacher, batch, seed, device):
        self.folders, self.batch, self.chance = folders, batch, Chance(seed, device)
        self.teacher = OnnxNetwork(teacher).to(device).eval()
        self.pictures = torch.empty(POOL, 3, SIZE, SIZE, dtype=torch.uint8, device=device)
        self.labels = torch.empty(POOL, CELLS, 15, dtype=torch.float16, device=device)
        self.taken, self.count = [0] * len(folders), 0
        while self.count < HELD + batch:
            time.sleep(2)
            self.take()

    @torch.no_grad()
    def label(self, pictures):
        parts = self.teacher(pictures.flip(1).float())  # BGR
        cls, obj, boxes, points = (torch.cat([part.flatten(2).float() for part in parts[at:at + 3]], 1) for at in (0, 3, 6, 9))
        return torch.cat([(cls.clamp(0, 1) * obj.clamp(0, 1)).sqrt(), boxes, points], 2)

    def take(self):
        for number, folder in enumerate(self.folders):
            if not (folder / "pictures.u8").exists() or not (folder / "pictures.u8").stat().st_size:
                continue
            pictures, _ = opened(folder)
            while self.taken[number] < len(pictures) and self.count < POOL:
                part = torch.from_numpy(pictures[self.taken[number]:self.taken[number] + 64][:POOL - self.count])
                part = part.to(self.pictures.device).permute(0, 3, 1, 2)
                self.pictures[self.count:self.count + len(part)] = part
                self.labels[self.count:self.count + len(part)] = self.label(part).half()
                self.taken[number] += len(part)
                self.count += len(part)

    def held(self):
        return self.pictures[:HELD], self.labels[:HELD].float()

    def batches(self):
        while True:
            self.take()
            for _ in range(100):
                rows = HELD + self.chance.integers(self.count - HELD, self.batch)
                batch = self.pictures[rows], self.labels[rows].float()
                yield mirrored(*batch) if self.chance.number(0, 1) < 0.5 else batch


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


def cells_of(side, device):
    """Column, row and stride of every cell of a square picture, in the order of the network's output."""
    levels = []
    for stride in faces.STRIDES:
        row, column = torch.meshgrid(*[torch.arange(side // stride, device=device)] * 2, indexing="ij")
        levels.append(torch.stack([column, row, torch.full_like(row, stride)], 2).flatten(0, 1))
    return torch.cat(levels).float()


def points_of(said, looks, cells):
    """N x 5 x 2: where some cells of some looks see the landmarks, in pixels of a look."""
    place = cells_of(LOOK, said.device)[cells][:, None]
    return (said[looks, cells, 5:].reshape(-1, 5, 2) + place[..., :2]) * place[..., 2:]


def look_loss(said, wanted):
    """How far the landmarks (wanted: N x 5 x 2, in pixels of a look) are off where the network itself sees the face."""
    score = said[..., 0].sigmoid().detach()
    look, cell = (score >= SCORE_CLEAR).nonzero(as_tuple=True)
    points = points_of(said, look, cell)
    eyes = (wanted[:, 1] - wanted[:, 0]).norm(dim=1)[look]
    weight = score[look, cell]
    return ((points - wanted[look]).abs().mean((1, 2)) / eyes * weight).sum() / weight.sum().clamp(min=1)


@torch.no_grad()
def look_error(network, views, wanted):
    """The landmarks' median distance to where they are, in eye distances, by the surest cell of each look."""
    network.eval()
    with torch.autocast(views.device.type, dtype=torch.bfloat16):
        said = torch.cat([network(network_input(part)).float() for part in views.split(64)])
    network.train()
    best = said[..., 0].argmax(1)
    points = points_of(said, torch.arange(len(said)), best)
    return ((points - wanted).norm(dim=2).mean(1) / (wanted[:, 1] - wanted[:, 0]).norm(dim=1)).median().item()


@torch.no_grad()
def agreement(network, pictures, labels):
    """Of the cells that the teacher takes for a face (0.6): how many are seen, how many others are, landmark error in faces."""
    network.eval()
    found = missed = invented = 0
    error = []
    for at in range(0, len(pictures), 16):
        with torch.autocast(pictures.device.type, dtype=torch.bfloat16):
            said = network(network_input(pictures[at:at + 16])).float()
        wanted = labels[at:at + 16]
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
    parser.add_argument("--composed", required=True, nargs="+", type=pathlib.Path)
    parser.add_argument("--teacher", help="YuNet as an ONNX file, for a GPU")
    parser.add_argument("--looks", type=pathlib.Path, help="what landmarks.py wrote")
    parser.add_argument("--look-batch", type=int, default=32)
    parser.add_argument("--from", dest="start", type=pathlib.Path, help="a checkpoint of another run to go on from")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--images", type=int, default=120_000)
    parser.add_argument("--minutes", type=float, default=1e9, help="ends after so long, if --images are not reached before")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--landmarks", type=float, default=8, help="weight of the landmarks in the loss")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    torch.backends.cudnn.benchmark = True

    device = torch.device(options.device)
    network = Detector().to(device, memory_format=torch.channels_last)
    average = Detector().to(device, memory_format=torch.channels_last)
    average.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), options.rate, weight_decay=0.01)
    seen, before, last = 0, 0, options.out / "last.pt"
    if last.exists():
        state = torch.load(last, map_location=device)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        seen, before = state["seen"], state["before"]
    elif options.start:
        state = torch.load(options.start, map_location=device)
        network.load_state_dict(state["average"])
        average.load_state_dict(state["average"])
        before = state["before"] + state["seen"]
    if options.teacher:
        composed = ComposedOnGpu(options.composed, options.teacher, options.batch, options.seed + seen, device)
    else:
        composed = Composed(options.composed, options.batch, options.seed + seen)
    held = composed.held()
    looks = options.looks and Looks(options.looks, options.look_batch, Chance(options.seed + seen), device)
    held_looks = looks and looks.held()

    def save():
        torch.save({"network": network.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(),
                    "seen": seen, "before": before}, str(last) + ".new")
        pathlib.Path(str(last) + ".new").rename(last)
        figures = dict(zip(("found", "invented", "landmarks"), agreement(average, *held)))
        if looks:
            figures["looks"] = look_error(average, *held_looks)
        with open(options.out / "curve.jsonl", "a") as file:
            file.write(json.dumps({"seen": seen, **figures}) + "\n")
        print(f"after {seen} pictures: {figures}", flush=True)

    progress = Progress("detector", options.images, seen, every=20)
    began = saved = time.monotonic()
    losses = []
    for pictures, wanted in composed.batches():
        done = max(seen / options.images, (time.monotonic() - began) / (60 * options.minutes))
        if done >= 1:
            break
        rate = options.rate * min(1.0, (seen + options.batch) / (200 * options.batch)) * 0.5 * (1 + math.cos(math.pi * done))
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast(device.type, dtype=torch.bfloat16):
            said = network(network_input(pictures.to(device)))
        parts = loss_of(said.float(), wanted.to(device))
        loss = parts[0] + parts[1] + options.landmarks * parts[2]
        if looks:
            views, points = looks.next()
            with torch.autocast(device.type, dtype=torch.bfloat16):
                said = network(network_input(views))
            parts = (*parts, look_loss(said.float(), points))
            loss = loss + options.landmarks * parts[3]
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 10)
        optimizer.step()
        follow(average, network, min(0.998, (seen + options.batch) / (seen + 20 * options.batch)))
        seen += len(pictures)
        losses.append(torch.stack(parts).detach())
        if len(losses) % 20 == 0:
            means = torch.stack(losses[-20:]).mean(0).tolist()
            progress.step(20 * options.batch, " ".join(f"{name} {mean:.4f}" for name, mean in zip(LOSSES, means)))
        if time.monotonic() - saved > 150:
            saved = time.monotonic()
            save()
    save()


if __name__ == "__main__":
    main()
