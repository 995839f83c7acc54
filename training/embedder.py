"""embedder.py --taught DIR | --faces DIR [DIR ...] --teacher FILE.onnx:DIMENSIONS[:MEAN:DEVIATION] [...]
               --out RUN [--net 32-64x2-128x4-128x4] [--images N] [--decay M] ...

Trains an embedder to say of a distorted face what its teachers say of the clean one. Starts from random weights, goes on
from RUN/last.pt where there is one, and writes it every few minutes; a kill loses no more than that. On a CPU the faces and
the teachers' answers come from teach.py (--taught); on a GPU both are made on the way (--faces, --teacher).

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
from chance import Chance
from distort import distorted
from people import MIXED, People
from progress import Progress
from teachers import OnGpu

SLOPE = 0.1  # of the leaky rectifiers
AVERAGE_DECAY = 0.998
WARM_STEPS = 150  # in which the rate rises, and the device finds its speed
RING = 200_000  # faces in a GPU's memory, 62 kB each
SAMPLE = 20_000  # faces whose targets say which dimensions matter
REPEATS = 8     # how often each of them is shown to the student, never distorted the same way


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
        pooled = (self.units(x).float() * self.pool.weight[:, 0]).sum((2, 3), keepdim=True)  # faster than the convolution
        return self.out(self.norm(pooled)).flatten(1)

    def write_to(self, file, x):
        """The same as nodes of an OnnxFile; `x` names the picture there. Returns the name of the result, not flattened."""
        for unit in self.units:
            y = file.conv(x, unit.conv, unit.norm)
            x = file.leaky_relu(file.add(y, x) if unit.has_shortcut else y, SLOPE)
        return file.conv(file.conv(x, self.pool, self.norm), self.out)


def network_input(pictures):
    """N x 3 x height x width, RGB, from 0 to 255, to what a network is given."""
    return ((pictures.float() - 127.5) / 64).contiguous(memory_format=torch.channels_last)


class Taught(torch.utils.data.IterableDataset):
    """Endless batches of distorted faces with what the teachers say of them, from the files of teach.py."""

    def __init__(self, folder, batch, seed, strength):
        self.folder, self.batch, self.seed, self.strength = pathlib.Path(folder), batch, seed, strength
        about = json.loads((self.folder / "taught.json").read_text())
        self.dimensions, self.folders = about["dimensions"], about["faces"]

    def rows(self):
        return (self.folder / "taught.f16").stat().st_size // (2 * self.dimensions)

    def targets(self, rows):
        return numpy.memmap(self.folder / "taught.f16", numpy.float16, "r", shape=(rows, self.dimensions))

    def sample(self):
        return torch.from_numpy(self.targets(min(self.rows(), SAMPLE)).astype(numpy.float32))

    def held(self):
        rows = numpy.fromfile(self.folder / "held.f16", numpy.float16).reshape(-1, self.dimensions)
        return People(self.folders).held_faces(), torch.from_numpy(rows.astype(numpy.float32))

    def __iter__(self):
        torch.set_num_threads(1)
        chance = Chance(self.seed)
        while True:
            rows = self.rows()  # teach.py may be adding to them
            targets = self.targets(rows)
            drawn = numpy.memmap(self.folder / "faces.u8", numpy.uint8, "r", shape=(rows, faces.CANVAS, faces.CANVAS, 3))
            for _ in range(500):
                numbers = chance.integers(rows, self.batch).sort().values.numpy()
                canvases = torch.from_numpy(drawn[numbers]).permute(0, 3, 1, 2)
                yield distorted(canvases, chance, self.strength), torch.from_numpy(targets[numbers].astype(numpy.float32))

    def batches(self):
        return torch.utils.data.DataLoader(self, batch_size=None, num_workers=1, prefetch_factor=8)


class TaughtOnTheWay:
    """The same, made on a GPU: a ring of faces in its memory, into which new ones are drawn all the time."""

    def __init__(self, folders, teachers, batch, seed, strength, mixed, device):
        self.people, self.teachers = People(folders, device, mixed), teachers
        self.batch, self.strength, self.chance = batch, strength, Chance(seed, device)
        self.pictures = torch.empty(RING, 3, faces.CANVAS, faces.CANVAS, dtype=torch.uint8, device=device)
        self.targets = torch.empty(RING, teachers.dimensions, device=device)
        self.made = 0
        while self.made < SAMPLE:
            self.make(1000)

    def rows(self):
        return self.made

    def make(self, count):
        canvases = self.people.faces(count, self.chance)
        places = torch.arange(self.made, self.made + count, device=canvases.device) % RING
        self.pictures[places], self.targets[places] = canvases, self.teachers(canvases)
        self.made += count

    def sample(self):
        return self.targets[:SAMPLE]

    def held(self):
        canvases = self.people.held_faces()
        return canvases, torch.cat([self.teachers(part) for part in canvases.split(256)])

    def batches(self):
        while True:
            self.make(self.batch)
            for _ in range(REPEATS):
                rows = self.chance.integers(min(self.made, RING), self.batch)
                yield distorted(self.pictures[rows], self.chance, self.strength), self.targets[rows]


def projection_of(targets, dimensions):
    """The linear map to fewer dimensions that keeps the targets' inner products best (their principal axes)."""
    _, values, axes = torch.linalg.svd(targets.t() @ targets / len(targets))
    kept = values[:dimensions].sum() / values.sum()
    print(f"{dimensions} of {targets.shape[1]} dimensions keep {kept:.4f} of the teachers' energy", flush=True)
    return axes[:dimensions].t().contiguous()


def loss_of(said, wanted, contrast):
    said, wanted = functional.normalize(said, dim=1), functional.normalize(wanted, dim=1)
    loss = 1 - (said * wanted).sum(1).mean()
    if contrast:  # to whom of the batch a face is how alike, as the teachers see it
        temperature = 0.1
        seen, true = said @ wanted.t() / temperature, wanted @ wanted.t() / temperature
        loss = loss + contrast * functional.kl_div(seen.log_softmax(1), true.softmax(1), reduction="batchmean")
    return loss


@torch.no_grad()
def agreement(network, canvases, wanted):
    """On faces held out, seen as they are: mean cosine to the teachers, and the error of the cosine of two faces (RMS)."""
    network.eval()
    margin, said = faces.MARGIN, []
    for part in canvases.split(128):
        with torch.autocast(canvases.device.type, dtype=torch.bfloat16):
            said.append(network(network_input(part[:, :, margin:-margin, margin:-margin])).float())
    network.train()
    said, wanted = functional.normalize(torch.cat(said), dim=1), functional.normalize(wanted, dim=1)
    return (said * wanted).sum(1).mean().item(), (said @ said.t() - wanted @ wanted.t()).square().mean().sqrt().item()


def follow(average, network, keep):
    """Moves the averaged weights a little towards the network's."""
    pairs = zip(average.state_dict().values(), network.state_dict().values())
    means, values = zip(*[pair for pair in pairs if pair[0].dtype.is_floating_point])
    with torch.no_grad():
        if hasattr(torch, "_foreach_lerp_"):  # one kernel on a GPU; not in older releases
            torch._foreach_lerp_(means, values, 1 - keep)
        else:
            for mean, value in zip(means, values):
                mean.lerp_(value, 1 - keep)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--taught", help="what teach.py wrote")
    parser.add_argument("--faces", nargs="+", help="what prepare.py wrote, for a GPU")
    parser.add_argument("--teacher", nargs="+", help="as in teach.py, for a GPU")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--net", default="32-64x2-128x4-128x4")
    parser.add_argument("--dimensions", type=int, default=192)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=1e9, help="ends after so long, if --images are not reached before")
    parser.add_argument("--decay", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--weight-decay", type=float, default=0.02)
    parser.add_argument("--contrast", type=float, default=0.0)
    parser.add_argument("--strength", type=float, default=1.0, help="of the distortions")
    parser.add_argument("--mixed", type=float, default=MIXED, help="share of mixtures, with --faces")
    parser.add_argument("--from", dest="start", type=pathlib.Path, help="a checkpoint of another run to go on from")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=float, default=240, help="seconds between points of the learning curve")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    torch.backends.cudnn.benchmark = True

    last, device = options.out / "last.pt", torch.device(options.device)
    start = last if last.exists() else options.start
    state = torch.load(start, map_location=device) if start else None
    if state:
        options.net, options.dimensions = state["net"], state["dimensions"]
    network = Embedder(options.net, options.dimensions).to(device, memory_format=torch.channels_last)
    average = Embedder(options.net, options.dimensions).to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), options.rate, weight_decay=options.weight_decay)
    seen, seconds = 0, 0.0
    seed = options.seed + (state["seen"] if state else 0)  # other faces after a restart than at the start
    if options.taught:
        taught = Taught(options.taught, options.batch, seed, options.strength)
    else:
        taught = TaughtOnTheWay(options.faces, OnGpu(options.teacher, device), options.batch, seed, options.strength,
                                options.mixed, device)
    if state:
        network.load_state_dict(state.get("network", state["average"]))
        average.load_state_dict(state["average"])
        if "optimizer" in state:  # the one in state/ has the averaged weights alone
            optimizer.load_state_dict(state["optimizer"])
        projection, seen, seconds = state["projection"], state["seen"], state["seconds"]
    else:
        average.load_state_dict(network.state_dict())
        projection = projection_of(taught.sample(), options.dimensions)
    projection = projection.to(device)
    held_pictures, held_rows = (part.to(device) for part in taught.held())
    held_wanted = held_rows @ projection

    def save(path):
        torch.save({"net": options.net, "dimensions": options.dimensions, "network": network.state_dict(),
                    "average": average.state_dict(), "optimizer": optimizer.state_dict(), "projection": projection,
                    "seen": seen, "seconds": seconds}, str(path) + ".new")
        pathlib.Path(str(path) + ".new").rename(path)

    progress = Progress("embedder", options.images, seen, every=20)
    began = saved = evaluated = last_step = time.monotonic()
    losses, is_falling = [], False
    for pictures, wanted in taught.batches():
        now = time.monotonic()
        seconds, last_step = seconds + now - last_step, now
        left = options.images - seen
        if len(losses) == WARM_STEPS:
            warm_at, warm_seen = now, seen
        elif len(losses) > WARM_STEPS:  # as many images as the minutes allow at the speed so far
            left = min(left, (60 * options.minutes - (now - began)) * (seen - warm_seen) / (now - warm_at))
        if left <= 0:
            break
        if left <= options.decay and not is_falling:
            is_falling = True
            save(options.out / "steady.pt")
        warm = min(1.0, (seen + options.batch) / (WARM_STEPS * options.batch))
        for group in optimizer.param_groups:
            group["lr"] = options.rate * warm * min(1.0, left / max(1, options.decay))
        with torch.autocast(device.type, dtype=torch.bfloat16):
            said = network(network_input(pictures.to(device)))
        loss = loss_of(said.float(), wanted.to(device) @ projection, options.contrast)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        follow(average, network, min(AVERAGE_DECAY, (seen + options.batch) / (seen + 20 * options.batch)))
        seen += len(pictures)
        losses.append(loss.detach())
        if len(losses) % 20 == 0:
            progress.step(20 * options.batch, f"loss {torch.stack(losses[-20:]).mean().item():.4f}")
        if now - evaluated > options.every:
            evaluated = now
            point(options.out, average, held_pictures, held_wanted, seen, seconds, losses, taught.rows())
        if now - saved > 120:
            saved = now
            save(last)
    point(options.out, average, held_pictures, held_wanted, seen, seconds, losses, taught.rows())
    save(last)


def point(folder, average, held_pictures, held_wanted, seen, seconds, losses, rows):
    """Adds a point to the learning curve."""
    held, pairs = agreement(average, held_pictures, held_wanted)
    loss = torch.stack(losses[-300:]).mean().item() if losses else 0.0
    with open(folder / "curve.jsonl", "a") as file:
        file.write(json.dumps({"seen": seen, "seconds": round(seconds), "loss": loss, "held": held, "pairs": pairs,
                               "rows": rows}) + "\n")
    print(f"after {seen} images, {seconds / 60:.1f} min: on held faces cosine to the teachers {held:.4f}, error of pairs "
          f"{pairs:.4f}", flush=True)


if __name__ == "__main__":
    main()
