"""embedder.py --taught DIR --out RUN [--net 32-64x2-128x4-128x4] [--images N] [--decay M] ...

Trains an embedder to say of a distorted face what its teachers say of the clean one. Starts from random weights, goes on
from RUN/last.pt where there is one, and writes it every few minutes; a kill loses no more than that.

The learning rate stays as it is until the last M of N images and falls to nothing there. RUN/steady.pt is the state
before the fall: a longer run goes on from it (--from RUN/steady.pt), so that no hour of training is lost.
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
from distort import distorted
from people import People
from progress import Progress

torch.backends.mkldnn.enabled = True
SLOPE = 0.1  # of the leaky rectifiers
AVERAGE_DECAY = 0.998


class Unit(nn.Module):
    """3x3 convolution, normalised; with a shortcut where shapes allow it."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.has_shortcut = inputs == outputs and stride == 1

    def forward(self, x):
        y = self.norm(self.conv(x))
        return functional.leaky_relu(y + x if self.has_shortcut else y, SLOPE)


class Embedder(nn.Module):
    """`net` is the channels of the stages, each of half the side of the one before and followed by its further units:
    32-64x2-128x4 is 112 px -> 32 channels at 56 px -> 64 at 28 px and two units more -> 128 at 14 px and four more."""

    def __init__(self, net, dimensions):
        super().__init__()
        units, inputs, side = [], 3, faces.SIZE
        for stage in net.split("-"):
            outputs, further = (int(n) for n in (stage + "x0").split("x")[:2])
            units.append(Unit(inputs, outputs, 2))
            units += [Unit(outputs, outputs, 1) for _ in range(further)]
            inputs, side = outputs, (side + 1) // 2
        self.units = nn.Sequential(*units)
        self.pool = nn.Conv2d(inputs, inputs, side, groups=inputs, bias=False)  # each place of the face has its weight
        self.norm = nn.BatchNorm2d(inputs)
        self.out = nn.Conv2d(inputs, dimensions, 1)

    def forward(self, x):
        return self.out(self.norm(self.pool(self.units(x)))).flatten(1)


def network_input(pictures):
    """uint8 N x height x width x 3, RGB, to what a network is given."""
    x = torch.as_tensor(pictures).permute(0, 3, 1, 2)
    return ((x.float() - 127.5) / 64).contiguous(memory_format=torch.channels_last)


class Taught(torch.utils.data.IterableDataset):
    """Endless batches of distorted faces with what the teachers say of them."""

    def __init__(self, folder, batch, seed, strength):
        self.folder, self.batch, self.seed, self.strength = pathlib.Path(folder), batch, seed, strength
        about = json.loads((self.folder / "taught.json").read_text())
        self.dimensions, self.folders = about["dimensions"], about["faces"]

    def rows(self):
        return (self.folder / "taught.f16").stat().st_size // (2 * self.dimensions)

    def targets(self, rows):
        return numpy.memmap(self.folder / "taught.f16", numpy.float16, "r", shape=(rows, self.dimensions))

    def held(self, people):
        rows = numpy.fromfile(self.folder / "held.f16", numpy.float16).reshape(-1, self.dimensions)
        margin = faces.MARGIN
        return numpy.stack([people.held_face(place)[margin:-margin, margin:-margin] for place in range(len(people.held))]), rows

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        seed = [self.seed, worker.id if worker else 0]
        chance = numpy.random.Generator(numpy.random.SFC64(seed))
        while True:
            rows = self.rows()  # teach.py may be adding to them
            targets = self.targets(rows)
            drawn = numpy.memmap(self.folder / "faces.u8", numpy.uint8, "r", shape=(rows, faces.CANVAS, faces.CANVAS, 3))
            for _ in range(500):
                numbers = numpy.sort(chance.integers(rows, size=self.batch))
                pictures = numpy.stack([distorted(drawn[n], chance, self.strength) for n in numbers])
                yield torch.from_numpy(pictures), torch.from_numpy(targets[numbers].astype(numpy.float32))


def projection_of(targets, dimensions):
    """The linear map to fewer dimensions that keeps the targets' inner products best (their principal axes)."""
    _, values, axes = numpy.linalg.svd(targets.T @ targets / len(targets))
    print(f"{dimensions} of {targets.shape[1]} dimensions keep {values[:dimensions].sum() / values.sum():.4f} of the teachers' energy",
          flush=True)
    return torch.from_numpy(axes[:dimensions].T.copy())


def loss_of(said, wanted, contrast):
    said, wanted = functional.normalize(said, dim=1), functional.normalize(wanted, dim=1)
    loss = 1 - (said * wanted).sum(1).mean()
    if contrast:  # to whom of the batch a face is how alike, as the teachers see it
        temperature = 0.1
        seen, true = said @ wanted.t() / temperature, wanted @ wanted.t() / temperature
        loss = loss + contrast * functional.kl_div(seen.log_softmax(1), true.softmax(1), reduction="batchmean")
    return loss


@torch.no_grad()
def agreement(network, pictures, wanted):
    """Mean cosine to the teachers on faces held out, each as it is with its mirror image left out."""
    network.eval()
    total = 0.0
    for at in range(0, len(pictures), 128):
        with torch.cpu.amp.autocast():
            said = network(network_input(pictures[at:at + 128])).float()
        total += functional.cosine_similarity(said, wanted[at:at + 128], dim=1).sum().item()
    network.train()
    return total / len(pictures)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--taught", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--net", default="32-64x2-128x4-128x4")
    parser.add_argument("--dimensions", type=int, default=192)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--decay", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--weight-decay", type=float, default=0.02)
    parser.add_argument("--contrast", type=float, default=0.0)
    parser.add_argument("--strength", type=float, default=1.0, help="of the distortions")
    parser.add_argument("--from", dest="start", type=pathlib.Path, help="a checkpoint of another run to go on from")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    last = options.out / "last.pt"
    start = last if last.exists() else options.start
    state = torch.load(start) if start else None
    if state:
        options.net, options.dimensions = state["net"], state["dimensions"]
    network = Embedder(options.net, options.dimensions).to(memory_format=torch.channels_last)
    average = Embedder(options.net, options.dimensions).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), options.rate, weight_decay=options.weight_decay)
    seen, seconds = 0, 0.0
    # The worker draws other faces after a restart than at the start.
    taught = Taught(options.taught, options.batch, options.seed + (state["seen"] if state else 0), options.strength)
    if state:
        network.load_state_dict(state.get("network", state["average"]))
        average.load_state_dict(state["average"])
        if "optimizer" in state:  # the one in state/ has the averaged weights alone
            optimizer.load_state_dict(state["optimizer"])
        projection, seen, seconds = state["projection"], state["seen"], state["seconds"]
    else:
        average.load_state_dict(network.state_dict())
        sample = taught.targets(min(taught.rows(), 20_000)).astype(numpy.float32)
        projection = projection_of(sample, options.dimensions)
    held_pictures, held_rows = taught.held(People(taught.folders))
    held_wanted = torch.from_numpy(held_rows.astype(numpy.float32)) @ projection

    def save(path):
        torch.save({"net": options.net, "dimensions": options.dimensions, "network": network.state_dict(),
                    "average": average.state_dict(), "optimizer": optimizer.state_dict(), "projection": projection,
                    "seen": seen, "seconds": seconds}, str(path) + ".new")
        pathlib.Path(str(path) + ".new").rename(path)

    progress = Progress("embedder", options.images, seen, every=20)
    saved = evaluated = time.monotonic()
    losses = []
    for pictures, wanted in torch.utils.data.DataLoader(taught, batch_size=None, num_workers=1, prefetch_factor=8):
        if seen >= options.images:
            break
        began = time.monotonic()
        left = options.images - seen
        if left <= options.decay and left + options.batch > options.decay:
            save(options.out / "steady.pt")
        warm = min(1.0, (seen + options.batch) / 20_000)
        for group in optimizer.param_groups:
            group["lr"] = options.rate * warm * min(1.0, left / max(1, options.decay))
        with torch.cpu.amp.autocast():
            said = network(network_input(pictures))
        loss = loss_of(said.float(), wanted @ projection, options.contrast)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            keep = min(AVERAGE_DECAY, (seen + options.batch) / (seen + 20 * options.batch))
            for mean, value in zip(average.state_dict().values(), network.state_dict().values()):
                if mean.dtype.is_floating_point:
                    mean.lerp_(value, 1 - keep)
        seen += len(pictures)
        losses.append(loss.item())
        now = time.monotonic()
        seconds += now - began
        progress.step(len(pictures), f"loss {numpy.mean(losses[-100:]):.4f}")
        if now - evaluated > 240 or seen >= options.images:
            evaluated = now
            held = agreement(average, held_pictures, held_wanted)
            with open(options.out / "curve.jsonl", "a") as file:
                file.write(json.dumps({"seen": seen, "seconds": round(seconds), "loss": numpy.mean(losses[-300:]),
                                       "held": held, "rows": taught.rows()}) + "\n")
            print(f"after {seen} images, {seconds / 60:.0f} min: cosine to the teachers on held faces {held:.4f}", flush=True)
        if now - saved > 120 or seen >= options.images:
            saved = now
            save(last)


if __name__ == "__main__":
    main()
