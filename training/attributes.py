"""attributes.py --utk DIR --fer DIR --embedder training/state/embedder.pt --out RUN [--only SET] [--minutes M] ...

Trains a small head behind the embedder's own convolutions to tell age, gender, expression and the 68 landmarks of an aligned
face, each from the pictures of which it is known: UTKFace's file names (age and gender), FER2013's folders (expression), and
what face-api's networks say of some of the faces (face_api.py: landmarks, and expressions in colour pictures).

First it writes what the frozen convolutions make of every face, distorted once (RUN/utk.f16, RUN/fer.f16; --only makes one of
them and ends), then it trains the head on that, from random weights, in minutes. Goes on from RUN/head.pt where there is one.

Kept out of training: the held faces of UTKFace and FER2013's dev part (for evaluation), faces that are labelled by eye in
bench/, and every 20th other face (for temperatures and spreads: export_attributes.py).
"""
import argparse
import pathlib
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

import faces
from chance import Chance
from distort import distorted, seen, turns_of
from embedder import AVERAGE_DECAY, SLOPE, Embedder, Unit, follow, network_input
from progress import Progress

MIDDLE = 10    # units of the trunk to its middle
SIDE = 7       # of what it gives at its end
WIDTH = 64
DROPPED = 0.3
BINS = (0, 1, 2, 4, 6, 9, 12, 15, 18, 21, 24, 27, 30, 34, 38, 43, 48, 53, 58, 64, 70, 77, 85, 95)  # years
EXPRESSIONS = ("neutral", "happy", "sad", "angry", "fear", "disgust", "surprise")
PARTS = {"age": len(BINS), "gender": 1, "expression": len(EXPRESSIONS), "landmarks": 136}
# The 68 points' places in a mirrored face.
MIRRORED = [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31, 45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41,
            40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65]


def parts_of(said):
    return dict(zip(PARTS, said.split(list(PARTS.values()), 1)))


def years_of(bins):
    """The mean of the distribution over BINS."""
    return bins.softmax(1) @ torch.tensor(BINS, dtype=torch.float32)


def straight(count):
    """Turns of faces that nothing happens to."""
    scale = faces.SIZE / faces.CANVAS
    return torch.tensor([[scale, 0, 0], [0, scale, 0]]).repeat(count, 1, 1)


def landmarks_seen(landmarks, turns):
    """N x 68 x 2 in units of half the canvas to ratios of the picture that is seen."""
    places = torch.linalg.solve(turns[:, :, :2], (landmarks - turns[:, None, :, 2]).transpose(1, 2)).transpose(1, 2)
    is_mirrored = torch.linalg.det(turns[:, :, :2]) < 0
    return (torch.where(is_mirrored[:, None, None], places[:, MIRRORED], places) + 1) / 2


class Labelled:
    """What prepare.py and face_api.py wrote, with what is known of each face; NaN where nothing is."""

    def __init__(self, folder, label, most=1_000_000):
        folder = pathlib.Path(folder)
        self.canvases = numpy.load(folder / "faces.npy", mmap_mode="r")
        self.names = [pathlib.PurePath(name) for name in (folder / "names.txt").read_text().split("\n")[:-1]]
        count = len(self.names)
        self.age, self.sex = torch.full((count,), torch.nan), torch.full((count,), torch.nan)
        self.expression = torch.full((count, len(EXPRESSIONS)), torch.nan)
        self.landmarks = torch.full((count, 68, 2), torch.nan)
        told = numpy.load(folder / "told.npz") if (folder / "told.npz").exists() else {}
        if "landmarks" in told:
            self.landmarks[told["landmark_rows"]] = torch.from_numpy(told["landmarks"])
        if "expressions" in told:  # surer than they are right: flattened
            flat = torch.from_numpy(told["expressions"]).clamp_min(1e-6).sqrt()
            self.expression[told["expression_rows"]] = flat / flat.sum(1, keepdim=True)
        for i, name in enumerate(self.names):
            label(self, i, name)
        labelled = {line.split()[0] for line in LABELS.read_text().splitlines() if not line.startswith("#")}
        held = numpy.load(folder / "held.npy")
        is_labelled = numpy.array([name.name in labelled for name in self.names])
        is_dev = numpy.array(["dev" in name.parts for name in self.names])
        is_tuning = (numpy.arange(count) % 20 == 7) | is_labelled
        self.held = is_dev if is_dev.any() else held
        self.tuning = is_tuning & ~self.held
        chosen = numpy.random.default_rng(1).random(count)  # those of which a teacher told come first
        chosen += (~self.landmarks[:, 0, 0].isnan()).numpy() + 1.0 * (~self.expression[:, 0].isnan()).numpy()
        chosen[self.held | is_tuning] = 0
        self.training = numpy.zeros(count, bool)
        self.training[numpy.argsort(-chosen)[:min(most, int((chosen > 0).sum()))]] = True

    def rgba(self, rows):
        return torch.from_numpy(numpy.ascontiguousarray(self.canvases[rows])).permute(0, 3, 1, 2)

    def pictures(self, rows):
        return self.rgba(rows)[:, :3].contiguous()


LABELS = pathlib.Path(__file__).parent.parent / "bench" / "utkface_labels.txt"


def by_age_and_sex(known, i, name):
    age, sex = name.name.split("_")[:2]
    known.age[i], known.sex[i] = float(age), float(sex)


def by_folder(known, i, name):
    known.expression[i] = 0.1 / len(EXPRESSIONS)  # people agree on two of three
    known.expression[i, EXPRESSIONS.index(name.parent.name)] += 0.9


class Trunk(nn.Module):
    """The embedder's convolutions, as they are: what they make of a picture half-way at 14 px, and at their end at 7 px."""

    def __init__(self, path):
        super().__init__()
        state = torch.load(path, map_location="cpu")
        embedder = Embedder(state["net"], state["dimensions"])
        embedder.load_state_dict({key: value.float() if value.is_floating_point() else value
                                  for key, value in state["average"].items()})
        self.embedder = embedder.eval().to(memory_format=torch.channels_last).requires_grad_(False)
        self.net = state["net"]

    @torch.no_grad()
    def forward(self, pictures):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            middle = self.embedder.units[:MIDDLE](network_input(pictures))
            return middle, self.embedder.units[MIDDLE:](middle)


class Head(nn.Module):
    """From the trunk's two answers to everything in PARTS."""

    def __init__(self, middle, end, width):
        super().__init__()
        self.middle, self.middle_norm = nn.Conv2d(middle, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width)
        self.end, self.end_norm = nn.Conv2d(end, width, 1, bias=False), nn.BatchNorm2d(width)
        self.unit = Unit(width, width, 1)
        self.pool, self.norm = nn.Conv2d(width, width, SIDE, groups=width, bias=False), nn.BatchNorm2d(width)
        self.drop, self.out = nn.Dropout(DROPPED), nn.Conv2d(width, sum(PARTS.values()), 1)

    def forward(self, middle, end):
        x = functional.leaky_relu(self.middle_norm(self.middle(middle)) + self.end_norm(self.end(end)), SLOPE)
        pooled = (self.unit(x).float() * self.pool.weight[:, 0]).sum((2, 3), keepdim=True)
        return self.out(self.drop(self.norm(pooled))).flatten(1)


class Features:
    """What the trunk makes of the faces of a set, and what is known of them; written once."""

    def __init__(self, known, path, trunk, strength, seed):
        self.known, self.landmarks_path = known, path.with_suffix(".npy")
        self.rows = numpy.flatnonzero(known.held | known.tuning | known.training)
        shapes = [part.shape[1:] for part in trunk(torch.zeros(1, 3, faces.SIZE, faces.SIZE))]
        self.shapes, self.sizes = shapes, [shape.numel() for shape in shapes]
        if not self.landmarks_path.exists():
            self._write(path, trunk, strength, seed)
        self.landmarks = torch.from_numpy(numpy.load(self.landmarks_path))
        self.values = numpy.memmap(path, numpy.float16, "r", shape=(len(known.names), sum(self.sizes)))

    def _write(self, path, trunk, strength, seed):
        chance, progress = Chance(seed), Progress(path.stem, len(self.rows))
        values = numpy.memmap(path, numpy.float16, "w+", shape=(len(self.known.names), sum(self.sizes)))
        landmarks = torch.full((len(self.known.names), 68, 2), torch.nan)
        for which in (self.known.training, self.known.held | self.known.tuning):
            chosen = numpy.flatnonzero(which)
            for rows in numpy.array_split(chosen, -(-len(chosen) // 64)):
                canvases = self.known.pictures(rows)
                is_training = which is self.known.training
                turns = turns_of(len(rows), chance, 1.5 * strength) if is_training else straight(len(rows))
                pictures = distorted(canvases, chance, strength, turns) if is_training else seen(canvases, turns)
                said = torch.cat([part.flatten(1) for part in trunk(pictures)], 1)
                values[rows] = said.float().numpy().astype(numpy.float16)
                landmarks[rows] = landmarks_seen(self.known.landmarks[rows], turns)
                progress.step(len(rows))
        values.flush()
        numpy.save(self.landmarks_path, landmarks.numpy())

    def of(self, rows):
        """The trunk's two answers."""
        values = torch.from_numpy(self.values[rows]).to(torch.bfloat16)
        return [part.view(-1, *shape).contiguous(memory_format=torch.channels_last)
                for part, shape in zip(values.split(self.sizes, 1), self.shapes)]

    def known_of(self, rows):
        return {"age": self.known.age[rows], "sex": self.known.sex[rows], "expression": self.known.expression[rows],
                "landmarks": self.landmarks[rows]}


def between_bins(age):
    """Each age as shares of the two bins around it."""
    bins = torch.tensor(BINS, dtype=torch.float32)
    above = torch.bucketize(age.clamp(0.01, BINS[-1]), bins).clamp(1, len(BINS) - 1)
    share = ((age.clamp(0, BINS[-1]) - bins[above - 1]) / (bins[above] - bins[above - 1]))[:, None]
    return functional.one_hot(above, len(BINS)) * share + functional.one_hot(above - 1, len(BINS)) * (1 - share)


def loss_of(said, known):
    """The sum over the attributes, each over the faces of which it is known."""
    said = parts_of(said)
    aged, sexed = ~known["age"].isnan(), ~known["sex"].isnan()
    expressive, marked = ~known["expression"].isnan()[:, 0], ~known["landmarks"].isnan()[:, 0, 0]
    loss = 0.0
    if aged.any():
        ages = known["age"][aged]
        off = years_of(said["age"][aged]) - ages
        loss = loss + 0.4 * functional.cross_entropy(said["age"][aged], between_bins(ages)) + 0.06 * off.abs().mean()
    if sexed.any():  # first the probability of male, UTKFace's 0
        loss = loss + functional.binary_cross_entropy_with_logits(said["gender"][sexed, 0], 1 - known["sex"][sexed])
    if expressive.any():
        loss = loss + functional.cross_entropy(said["expression"][expressive], known["expression"][expressive])
    if marked.any():
        off = said["landmarks"][marked].view(-1, 68, 2) - (known["landmarks"][marked] - 0.5) * LANDMARK_SCALE
        loss = loss + 4 * functional.smooth_l1_loss(off, torch.zeros_like(off), beta=0.05)
    return loss


LANDMARK_SCALE = 4  # the network says places from the middle, so much larger than ratios


@torch.no_grad()
def say(head, features, rows):
    """What the head says of the faces numbered in `rows`."""
    head.eval()
    said = []
    for part in numpy.array_split(rows, -(-len(rows) // 256)):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            said.append(head(*features.of(part)).float())
    head.train()
    return parts_of(torch.cat(said))


def accuracy(head, utk, fer, which):
    rows = numpy.flatnonzero(getattr(utk.known, which))
    said, known = say(head, utk, rows), utk.known_of(rows)
    age = (years_of(said["age"]) - known["age"]).abs().mean()
    gender = ((said["gender"][:, 0] < 0) == (known["sex"] == 1)).float().mean()
    marked = ~known["landmarks"].isnan()[:, 0, 0]
    off = said["landmarks"][marked].view(-1, 68, 2) / LANDMARK_SCALE + 0.5 - known["landmarks"][marked]
    off = off.norm(dim=2).mean() * faces.SIZE / (faces.TEMPLATE[1, 0] - faces.TEMPLATE[0, 0])
    rows = numpy.flatnonzero(getattr(fer.known, which))
    expression = (say(head, fer, rows)["expression"].argmax(1) == fer.known.expression[rows].argmax(1)).float().mean()
    return (f"gender {gender:.4f} right, age {age:.2f} years off, expression {expression:.4f} right, landmarks {off:.4f} of the "
            "distance between the eyes from the teacher's")


def read(options):
    """Trunk, and the features of both sets (of one, where only that is asked for)."""
    trunk = Trunk(options.embedder)
    sets = {"utk": by_age_and_sex, "fer": by_folder}
    found = [Features(Labelled(getattr(options, name), label, options.most), options.out / f"{name}.f16", trunk, options.strength,
                      options.seed)
             for name, label in sets.items() if options.only in (None, name)]
    return trunk, found


def arguments(text):
    parser = argparse.ArgumentParser(description=text.split("\n\n")[1])
    parser.add_argument("--utk", required=True, help="prepare.py and face_api.py of UTKFace")
    parser.add_argument("--fer", required=True, help="prepare.py and face_api.py of FER2013")
    parser.add_argument("--embedder", required=True, help="a state of embedder.py, whose convolutions are used")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--only", choices=("utk", "fer"), help="write the features of this set, and end")
    parser.add_argument("--most", type=int, default=1_000_000, help="faces of a set to train on")
    parser.add_argument("--minutes", type=float, default=10, help="at the end of which the rate has fallen to nothing")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--strength", type=float, default=0.7, help="of the distortions")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def main():
    options = arguments(__doc__).parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    _, sets = read(options)
    if options.only:
        return
    last = options.out / "head.pt"
    state = torch.load(last) if last.exists() else {"seen": 0, "seconds": 0.0}
    channels = [shape[0] for shape in sets[0].shapes]
    head, average = (Head(*channels, WIDTH).to(memory_format=torch.channels_last) for _ in range(2))
    optimizer = torch.optim.AdamW(head.parameters(), options.rate, weight_decay=options.weight_decay)
    if "head" in state:
        head.load_state_dict(state["head"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
    else:
        mean = sets[0].landmarks[sets[0].known.training].flatten(1)
        head.out.bias.data[-PARTS["landmarks"]:] = (mean[~mean[:, 0].isnan()].mean(0) - 0.5) * LANDMARK_SCALE
        average.load_state_dict(head.state_dict())

    def save():
        torch.save(state | {"channels": channels, "head": head.state_dict(), "average": average.state_dict(),
                            "optimizer": optimizer.state_dict()}, str(last) + ".new")
        pathlib.Path(str(last) + ".new").rename(last)

    chance = Chance(options.seed + state["seen"])
    training = [torch.from_numpy(numpy.flatnonzero(part.known.training)) for part in sets]
    losses, saved, before = [], time.monotonic(), time.monotonic()
    while True:
        now = time.monotonic()
        state["seconds"] += now - before
        before = now
        left = 1 - state["seconds"] / (60 * options.minutes)
        if left <= 0:
            break
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1.0, (state["seen"] + 1) / (50 * options.batch)) * min(1.0, 1.5 * left)
        rows = [part[chance.integers(len(part), options.batch // 2)].sort().values.numpy() for part in training]
        features = [torch.cat(both) for both in zip(*[part.of(some) for part, some in zip(sets, rows)])]
        known = [part.known_of(some) for part, some in zip(sets, rows)]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            said = head(*features)
        loss = loss_of(said.float(), {key: torch.cat([some[key] for some in known]) for key in known[0]})
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        state["seen"] += options.batch
        follow(average, head, min(AVERAGE_DECAY, state["seen"] / (state["seen"] + 20 * options.batch)))
        losses.append(loss.item())
        if now - saved > 60:
            saved = now
            save()
            print(f"{state['seen']} faces, loss {sum(losses[-50:]) / len(losses[-50:]):.3f}, {100 * left:.0f} % of the time left: "
                  f"{accuracy(average, *sets, 'tuning')}", flush=True)
    save()
    print(f"after {state['seen']} faces, {state['seconds'] / 60:.0f} minutes: {accuracy(average, *sets, 'tuning')}", flush=True)
    print(f"held faces: {accuracy(average, *sets, 'held')}", flush=True)


if __name__ == "__main__":
    main()
