"""looks.py --utk DIR --fer DIR --embedder training/state/embedder.pt --out RUN [--copies 1] ...

Fits what tells a beard, a mustache, open eyes, dark glasses and a face that something covers: for each a logistic function of
what the embedder's frozen convolutions make of an aligned face (the two answers that attributes.py reads), a weight for every
channel at every place. Learned from the faces that looks_labels.txt and bench/utkface_labels.txt name, each as it is and
distorted, and from glasses and other things drawn onto faces (covers.py). What looks_labels.txt calls held is measured with,
and never learned from.

Writes RUN/looks.faces, what the convolutions say, once, and RUN/looks.pt, which export_attributes.py adds to the embedder's file.
"""
import argparse
import pathlib

import numpy
import torch
from torch.nn import functional

import attributes
import faces
from chance import Chance
from covers import covered, dark_glasses
from distort import distorted, seen, turns_of
from progress import Progress

LOOKS = ("beard", "mustache", "eyes_open", "sunglasses", "face_occluded")
LABELS = pathlib.Path(__file__).with_name("looks_labels.txt")
DRAWN = 800          # faces with dark glasses drawn on, and as many with other things
DRAWN_WEIGHT = 0.3   # of one of them, beside a photograph's
RARE_WEIGHT = 3      # of a photograph with closed eyes, dark glasses or something in front
PENALTY = {"beard": 3e-5, "mustache": 3e-5, "eyes_open": 3e-5, "sunglasses": 3e-5, "face_occluded": 1e-4}
# Of the rows of cells at 14 px, those that are looked at.
ROWS = {"beard": (7, 14), "mustache": (7, 14), "eyes_open": (3, 9), "sunglasses": (3, 9), "face_occluded": (0, 14)}
# How often photographs show it, which sets what is said where little speaks for either; the others as often as in faces drawn by
# chance.
SHARES = {"eyes_open": 0.02, "sunglasses": 0.02, "face_occluded": 0.02}
SEARCHED = 22_500  # faces among which those called `chosen` were the likeliest
PARTS = 4


class Known:
    """Faces and what is known of them: numbers in the set, N x len(LOOKS) with NaN where nothing is, and how they were found."""

    def __init__(self):
        self.rows, self.values, self.ways = [], [], []

    def add(self, row, words, way):
        known = dict(word.split("=") for word in words)
        if known.get("sunglasses") == "1":
            known["face_occluded"] = "1"
        self.rows.append(row)
        self.values.append([float(known.get(look, "nan")) for look in LOOKS])
        self.ways.append(way)

    def select(self, *ways):
        chosen = [i for i, way in enumerate(self.ways) if way in ways]
        return numpy.array(self.rows)[chosen], torch.tensor(self.values)[chosen], [self.ways[i] for i in chosen]


def name_of(path):
    """As the labels call it: UTKFace's file name, FER2013's file with its two folders."""
    return "/".join(path.parts[-3:]) if "dev" in path.parts or "train" in path.parts else path.name


def read(folder):
    folder = pathlib.Path(folder)
    names = [name_of(pathlib.PurePath(name)) for name in (folder / "names.txt").read_text().split("\n")[:-1]]
    rows = {name: row for row, name in enumerate(names)}
    known, held = Known(), numpy.load(folder / "held.npy")
    for line in attributes.LABELS.read_text().splitlines():
        name, *words = line.split()
        if name in rows and not held[rows[name]] and not line.startswith("#"):
            known.add(rows[name], words, "drawn")
    for line in LABELS.read_text().splitlines():
        name, way, *words = line.split()
        if name in rows and not line.startswith("#"):
            known.add(rows[name], words, way)
    return numpy.load(folder / "faces.npy", mmap_mode="r"), known, held


def canvases_of(pictures, rows):
    return torch.from_numpy(numpy.ascontiguousarray(pictures[rows])).permute(0, 3, 1, 2)[:, :3].contiguous()


def said_of(trunk, canvases, chance, strength):
    """What the convolutions say of faces as they are, or distorted."""
    said = []
    for part in canvases.split(64):
        turns = attributes.straight(len(part)) if strength == 0 else turns_of(len(part), chance, 1.5 * strength)
        pictures = seen(part, turns) if strength == 0 else distorted(part, chance, strength, turns)
        said.append(torch.cat([answer.flatten(1) for answer in trunk(pictures)], 1).half())
    return torch.cat(said)


class Shown:
    """What the convolutions say of every face that is learned from or measured with, and what is known of it."""

    def __init__(self, options, trunk):
        path, chance, random = options.out / "looks.faces", Chance(options.seed), numpy.random.default_rng(options.seed)
        sets = [read(folder) for folder in (options.utk, options.fer)]
        if path.exists():
            self.__dict__ = torch.load(path)
            return
        said, values, ways, owners, weights = [], [], [], [], []

        def add(answers, known, how, owner, weight):
            said.append(answers)
            values.append(known)
            ways.extend(how)
            owners.append(owner)
            weights.append(weight)

        progress = Progress("faces", sum(len(known.rows) for _, known, _ in sets) * (1 + options.copies) + 2 * DRAWN)
        for number, (pictures, known, _) in enumerate(sets):
            set_name = ("utk", "fer")[number]
            for kinds in (("held",), ("drawn", "chosen")):
                rows, looks, how = known.select(*kinds)
                owner = torch.from_numpy(rows) * 2 + number
                for copy in range(1 if "held" in kinds else 1 + options.copies):
                    answers = said_of(trunk, canvases_of(pictures, rows), chance, options.strength if copy else 0)
                    add(answers, looks, [f"{set_name} {way}" + (" distorted" if copy else "") for way in how], owner,
                        torch.full((len(rows),), 1 / (1 + options.copies)))
                    progress.step(len(rows))
        pictures, known, held = sets[0]
        labelled = set(known.rows)
        free = random.permutation([row for row in numpy.flatnonzero(~held) if row not in labelled])
        for look, draw in (("sunglasses", dark_glasses), ("face_occluded", covered)):
            rows, free = numpy.sort(free[:DRAWN]), free[DRAWN:]
            plain = pictures[rows][..., :3].astype(numpy.float32)
            drawn = [draw(face, random, plain[i - 1]) for i, face in enumerate(plain)]
            canvases = torch.from_numpy(numpy.stack(drawn).clip(0, 255).astype(numpy.uint8)).permute(0, 3, 1, 2).contiguous()
            looks = torch.full((DRAWN, len(LOOKS)), torch.nan)
            looks[:, LOOKS.index("face_occluded")] = 1
            looks[:, LOOKS.index("sunglasses")] = 1.0 * (look == "sunglasses")
            add(said_of(trunk, canvases, chance, options.strength), looks, ["painted"] * DRAWN, torch.from_numpy(rows) * 2,
                torch.full((DRAWN,), DRAWN_WEIGHT))
            progress.step(DRAWN)
        self.said, self.values, self.ways = torch.cat(said), torch.cat(values), ways
        self.owners, self.weights = torch.cat(owners), torch.cat(weights)
        torch.save(self.__dict__, path)

    def where(self, test):
        return torch.tensor([test(way) for way in self.ways])


def looked_at(shapes, look):
    """Which of the numbers the look is told from."""
    (channels, rows, columns), end = shapes[0], shapes[1].numel()
    middle = torch.zeros(channels, rows, columns, dtype=torch.bool)
    middle[:, slice(*ROWS[look])] = True
    return torch.cat([middle.flatten(), torch.ones(end, dtype=torch.bool)])


def fitted(products, answers, weights, penalty):
    """A logistic function with small weights: how much of each face is in the weights, and the bias.

    `products` are those of the faces with each other, so that it does not matter how many numbers a face has.
    """
    shares, bias = torch.zeros(len(answers), requires_grad=True), torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.LBFGS([shares, bias], max_iter=100, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        part = products @ shares
        value = (functional.binary_cross_entropy_with_logits(part + bias, answers, reduction="none") * weights).sum()
        value = value / weights.sum() + penalty * (shares @ part) / 2
        value.backward()
        return value

    optimiser.step(loss)
    return shares.detach(), bias.detach()


def natural_weights(look, ways, answers):
    """Of the faces by which probabilities are set, so that together they are as photographs are."""
    is_rare = answers < 0.5 if look == "eyes_open" else answers > 0.5
    drawn = torch.tensor(["drawn" in way for way in ways])
    if look not in SHARES:
        return 1.0 * drawn
    share, chosen = SHARES[look], (~drawn & ~is_rare).sum().clamp_min(1)
    common = torch.where(drawn, 1 / (drawn & ~is_rare).sum().clamp_min(1), 1 / chosen * min(1.0, float(chosen) / SEARCHED))
    return torch.where(is_rare, share / is_rare.sum().clamp_min(1), (1 - share) * common)


def sigmoid_of(odds, answers, weights):
    """Factor and offset that make honest probabilities of `odds` (Platt, 1999)."""
    line = torch.tensor([1.0, 0.0], requires_grad=True)
    optimiser = torch.optim.LBFGS([line], max_iter=200, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        value = (functional.binary_cross_entropy_with_logits(odds * line[0] + line[1], answers, reduction="none") * weights).sum()
        value = value / weights.sum()
        value.backward()
        return value

    optimiser.step(loss)
    return line.detach()


def figures(look, odds, answers):
    """How well it is told; the rarer answer is what is to be found."""
    rare = 0.0 if look == "eyes_open" else 1.0
    found, is_rare = (odds > 0) == (rare == 1), answers == rare
    right, hits = (found == is_rare).float().mean(), (found & is_rare).sum()
    probability = torch.sigmoid(odds)
    confidence = torch.maximum(probability, 1 - probability)
    bins = (confidence * 15).long().clamp_max(14)
    off = sum(float(((found == is_rare).float() - confidence)[bins == b].sum().abs()) for b in range(15)) / len(odds)
    recall, specificity = hits / is_rare.sum().clamp_min(1), (~found & ~is_rare).sum() / (~is_rare).sum().clamp_min(1)
    return (f"{len(odds)} faces, {int(is_rare.sum())} rare: {right:.4f} right (always the other: "
            f"{1 - is_rare.float().mean():.4f}), precision {hits / found.sum().clamp_min(1):.3f}, recall {recall:.3f}, "
            f"balanced {(recall + specificity) / 2:.4f}, calibration error {off:.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--utk", required=True, help="prepare.py of UTKFace")
    parser.add_argument("--fer", required=True, help="prepare.py of FER2013")
    parser.add_argument("--embedder", required=True, help="a state of embedder.py, whose convolutions are used")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--copies", type=int, default=1, help="distorted ones of every face")
    parser.add_argument("--strength", type=float, default=0.7, help="of the distortions")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    trunk = attributes.Trunk(options.embedder)
    shapes = [part.shape[1:] for part in trunk(torch.zeros(1, 3, faces.SIZE, faces.SIZE))]
    shown = Shown(options, trunk)
    learning = shown.where(lambda way: "held" not in way)
    weights, biases = torch.zeros(shown.said.shape[1], len(LOOKS)), torch.zeros(len(LOOKS))
    for i, look in enumerate(LOOKS):
        rows = torch.nonzero(learning & ~shown.values[:, i].isnan())[:, 0]
        ways, answers, owners = [shown.ways[row] for row in rows], shown.values[rows, i], shown.owners[rows]
        is_rare = (answers == 0) if look == "eyes_open" else (answers == 1) & torch.tensor([look in SHARES])
        is_painted = torch.tensor([way == "painted" for way in ways])
        importance = shown.weights[rows] * torch.where(is_rare & ~is_painted, RARE_WEIGHT if look in SHARES else 1.0, 1.0)
        mask = looked_at(shapes, look)
        said = shown.said[rows][:, mask].float()
        mean, spread = said.mean(0), (said.std(0) + 0.05) * mask.sum().sqrt()
        said = (said - mean) / spread
        products = said @ said.T

        odds = torch.zeros(len(rows))
        for part in range(PARTS):
            left_out = owners % PARTS == part
            shares, bias = fitted(products[~left_out][:, ~left_out], answers[~left_out], importance[~left_out], PENALTY[look])
            odds[left_out] = products[left_out][:, ~left_out] @ shares + bias
        plain = torch.tensor([way in ("utk drawn", "utk chosen") for way in ways])
        way = [ways[k] for k in torch.nonzero(plain)[:, 0]]
        factor, offset = sigmoid_of(odds[plain], answers[plain], natural_weights(look, way, answers[plain]))
        print(f"{look}, cross-validated, enriched: {figures(look, odds[plain] * factor + offset, answers[plain])}", flush=True)

        shares, bias = fitted(products, answers, importance, PENALTY[look])
        weights[mask, i] = factor * (said.T @ shares) / spread
        biases[i] = factor * bias - mean @ weights[mask, i] + offset
    torch.save({"looks": LOOKS, "weights": weights, "bias": biases, "shapes": [tuple(shape) for shape in shapes],
                "faces": len(shown.owners[learning].unique())}, options.out / "looks.pt")
    for name in ("utk", "fer"):
        held = shown.where(lambda way: way == f"{name} held")
        odds, answers = shown.said[held].float() @ weights + biases, shown.values[held]
        for i, look in enumerate(LOOKS):
            known = ~answers[:, i].isnan()
            if known.any():
                print(f"{name}, held, {look}: {figures(look, odds[known, i], answers[known, i])}", flush=True)


if __name__ == "__main__":
    main()
