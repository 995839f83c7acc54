"""quality.py --faces DIR [DIR ...] --teacher FILE.onnx:DIMENSIONS[:MEAN:DEVIATION] [...] --embedder RUN/last.pt
              --network embedder.onnx --runner RUN_NETWORK --out RUN [--views N] [--steps N]

Trains a small head on an embedder's vector to say how far its direction can be relied on: the cosine that it will have to what
the teachers say of the same face seen well.

First it makes N views of the sharpest faces (distorted, turned, spoilt, and some of no face at all), asks the embedder of each,
and writes RUN/views.u8 (N x 112 x 112 x 3) and what is known of them; it goes on where it stopped. Then it trains the head on
that, from random weights, in a minute, and writes RUN/head.pt. Prints how well the head does on views of faces held out, and
what share of each kind a bar refuses.
"""
import argparse
import os
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional

import faces
from chance import Chance
from distort import LUMINANCE, distorted
from people import surrounded
from progress import Progress
from spoil import SHARES, nothing, spoilt, turned
from teachers import OnCpu

CHUNK = 256             # views at a time
SHARPEST = 0.5          # of the real faces: the others are blurred as they are, which no clean picture of them tells
WHOLE = 0.97            # of an ellipse from the forehead to the chin lies inside the picture
TURNED = 0.2
KINDS = ("as it is", "distorted", *SHARES, "turned", "nothing")
WIDTHS = (128, 32)
DROPPED = 0.3
SLOPE = 0.1
RATE, DECAY, BATCH = 3e-3, 0.3, 512
SEED = 20261126


def whole_chunks(paths, sizes):
    """How many rows all of the files have, whose rows have these sizes; a last chunk that is not whole does not count."""
    return min((path.stat().st_size // size if path.exists() else 0) for path, size in zip(paths, sizes)) // CHUNK * CHUNK


class opened:
    """Files that grow by a row of each at a time."""

    def __init__(self, paths, sizes, rows):
        self.files = [open(path, "ab") for path in paths]
        for file, size in zip(self.files, sizes):
            os.ftruncate(file.fileno(), rows * size)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for file in self.files:
            file.close()

    def write(self, *values):
        for file, value in zip(self.files, values):
            file.write(value.contiguous().numpy().tobytes())
            file.flush()


def sharpness(views):
    """As the server's own measure (src/vision/quality.cpp), up to its scale: fine detail in all detail, of the inner face."""
    luma = sum(share * views[:, i].float() for i, share in enumerate(LUMINANCE))[:, 39:103, 28:84]
    inner = luma[:, 1:-1, 1:-1]
    fine = luma[:, :-2, 1:-1] + luma[:, 2:, 1:-1] + luma[:, 1:-1, :-2] + luma[:, 1:-1, 2:] - 4 * inner
    return fine.square().mean((1, 2)) / luma.flatten(1).var(1).clamp(min=1)


class Faces:
    """The sharpest and whole ones of prepared faces, with surroundings, and what the teachers say of them as they are.

    Written into a folder once, since drawing surroundings takes longer than all that happens to a face after it."""

    def __init__(self, folders, teacher, runner, memory):
        self.rows, self.held, sources = [], [], []
        for number, folder in enumerate(folders):
            part = numpy.load(pathlib.Path(folder) / "faces.npy", mmap_mode="r")
            sharp, whole = self._measured(part)
            usable = (whole >= WHOLE) & (sharp >= numpy.quantile(sharp[whole >= WHOLE], 1 - SHARPEST))
            sources += [(part, row) for row in numpy.flatnonzero(usable)]
            self.held.append(numpy.load(pathlib.Path(folder) / "held.npy")[usable])
            self.rows.append(numpy.full(usable.sum(), number))
        self.rows, self.held = numpy.concatenate(self.rows), numpy.concatenate(self.held)
        teachers = OnCpu(teacher, runner)
        paths = [memory / "faces.u8", memory / "taught.f32"]
        sizes = [faces.CANVAS * faces.CANVAS * 3, 4 * teachers.dimensions]
        done = whole_chunks(paths, sizes)
        with opened(paths, sizes, done) as files:
            progress = Progress("teachers", len(sources), done, every=20)
            for at in range(done, len(sources), CHUNK):
                some = numpy.stack([part[row] for part, row in sources[at:at + CHUNK]])
                canvases = surrounded(torch.from_numpy(some).permute(0, 3, 1, 2).float(), Chance(SEED + at))
                canvases = canvases.round().to(torch.uint8)
                files.write(canvases.permute(0, 2, 3, 1), teachers(canvases))
                progress.step(len(some))
        self.pictures = numpy.memmap(paths[0], numpy.uint8, "r").reshape(-1, faces.CANVAS, faces.CANVAS, 3)
        self.said = torch.from_numpy(numpy.fromfile(paths[1], numpy.float32).reshape(-1, teachers.dimensions))

    @staticmethod
    def _measured(part):
        rows, columns = numpy.mgrid[:faces.SIZE, :faces.SIZE]
        inside = ((columns - 56) / 36) ** 2 + ((rows - 68) / 46) ** 2 < 1
        sharp, whole, margin = [], [], faces.MARGIN
        for at in range(0, len(part), CHUNK):
            some = part[at:at + CHUNK, margin:-margin, margin:-margin]
            sharp.append(sharpness(torch.from_numpy(some[..., :3].copy()).permute(0, 3, 1, 2)))
            whole.append((some[..., 3] > 127)[:, inside].mean(1))
        return torch.cat(sharp).numpy(), numpy.concatenate(whole)

    def drawn(self, count, chance, held):
        """Canvases, what the teachers say of them, and their numbers; a quarter of them from the folders after the first."""
        others = self.rows > 0
        parts = [numpy.flatnonzero((self.held == held) & (others == other)) for other in (False, True)]
        parts = [part for part in parts if len(part)]
        from_others = chance.often(0.25, count).flatten() if len(parts) > 1 else torch.zeros(count, dtype=torch.bool)
        rows = [torch.from_numpy(part)[chance.integers(len(part), count)] for part in parts]
        rows = torch.where(from_others, rows[-1], rows[0])
        return torch.from_numpy(self.pictures[rows.numpy()]).permute(0, 3, 1, 2).float(), self.said[rows], rows


def views_of(people, chance, held):
    """CHUNK views, their kinds, what the teachers say of those faces seen well, and the numbers of the faces."""
    canvases, said, rows = people.drawn(CHUNK, chance, held)
    kinds = torch.ones(CHUNK, dtype=torch.long)
    aside = chance.choose(TURNED, CHUNK)
    canvases[aside] = turned(canvases[aside], chance)
    kinds[aside] = KINDS.index("turned")

    views, margin = torch.empty(CHUNK, 3, faces.SIZE, faces.SIZE), faces.MARGIN
    parts = torch.arange(CHUNK).split(CHUNK // 8)
    plain = parts[0]
    views[plain] = canvases[plain][:, :, margin:-margin, margin:-margin]
    kinds[plain] = torch.where(kinds[plain] == 1, 0, kinds[plain])
    for numbers, strength in ((parts[1], 0.4), (parts[2], 0.8), (parts[3], 1.2), (parts[4], 2.0), (torch.cat(parts[5:]), 0.7)):
        views[numbers] = distorted(canvases[numbers], chance, strength)
    spoiled = torch.cat(parts[5:])
    views[spoiled], what = spoilt(views[spoiled], chance)
    kinds[spoiled] = what + KINDS.index(next(iter(SHARES)))
    empty = spoiled[:CHUNK // 12]
    views[empty] = nothing(len(empty), canvases, chance)
    kinds[empty] = KINDS.index("nothing")
    return views.round().clamp(0, 255).to(torch.uint8), kinds, said, rows


class Judge:
    """What the embedder makes of views, as the server asks it: of each and of its mirror image."""

    def __init__(self, state, network, runner):
        state = torch.load(state, map_location="cpu")
        self.projection, self.dimensions = state["projection"].float(), state["dimensions"]
        self.runner = faces.Runner(runner, network, faces.SIZE, faces.SIZE, self.dimensions, (127.5,) * 3, (64,) * 3)

    def __call__(self, views):
        """N x 2 x dimensions, not of unit length."""
        both = torch.stack([views, views.flip(3)], 1).flatten(0, 1).permute(0, 2, 3, 1).contiguous().numpy()
        said = torch.stack([torch.from_numpy(answer.copy()) for answer in self.runner.map(both)])
        return said.view(-1, 2, self.dimensions)

    def cosines(self, embeddings, said):
        mean = functional.normalize(functional.normalize(embeddings, dim=2).sum(1), dim=1)
        return (mean * functional.normalize(said @ self.projection, dim=1)).sum(1).clamp(0, 1)


def write_views(folder, people, judge, name, count, held):
    paths = [folder / f"{name}.{kind}" for kind in ("u8", "targets.f32", "kinds.u8", "said.f16")]
    sizes = [faces.SIZE * faces.SIZE * 3, 4, 1, 4 * judge.dimensions]
    done = whole_chunks(paths, sizes)
    with opened(paths, sizes, done) as files:
        progress = Progress(name, count, done, every=20)
        for at in range(done, count, CHUNK):
            views, kinds, said, _ = views_of(people, Chance(SEED + 2 * at + held), held)
            embeddings = judge(views)
            targets = judge.cosines(embeddings, said)
            targets[kinds == KINDS.index("nothing")] = 0
            files.write(views.permute(0, 2, 3, 1), targets, kinds.to(torch.uint8), embeddings.half())
            progress.step(CHUNK)


class Head(nn.Module):
    """Two experts, and the mean of their log-odds: one by all of the vector, which knows best what spoils faces, and one by its
    length alone, which errs less where faces differ from those that were trained on (people of other cameras and times)."""

    def __init__(self, dimensions):
        super().__init__()
        self.register_buffer("mean", torch.zeros(dimensions + 1))
        self.register_buffer("deviation", torch.ones(dimensions + 1))
        wide, narrow = WIDTHS
        self.all = nn.Sequential(nn.Dropout(DROPPED), nn.Linear(dimensions + 1, wide), nn.LeakyReLU(SLOPE), nn.Linear(wide, narrow),
                                 nn.LeakyReLU(SLOPE), nn.Linear(narrow, 1))
        self.length = nn.Sequential(nn.Linear(1, 8), nn.LeakyReLU(SLOPE), nn.Linear(8, 1))
        self.register_buffer("scale", torch.tensor([1.0, 0.0]))  # so that the mean is a cosine again

    def experts(self, embeddings):
        """N x 2 log-odds of N x dimensions, as the embedder gives them."""
        lengths = embeddings.norm(dim=1, keepdim=True)
        inputs = (torch.cat([embeddings, lengths], 1) - self.mean) / self.deviation
        return torch.cat([self.all(inputs), self.length(inputs[:, -1:])], 1)

    def forward(self, embeddings):
        """The cosine to be expected, from 0 to 1."""
        return torch.sigmoid(self.experts(embeddings).mean(1) * self.scale[0] + self.scale[1])


class Views:
    """What write_views() wrote, but the pictures."""

    def __init__(self, folder, name, dimensions):
        self.targets = torch.from_numpy(numpy.fromfile(folder / f"{name}.targets.f32", numpy.float32))
        self.kinds = torch.from_numpy(numpy.fromfile(folder / f"{name}.kinds.u8", numpy.uint8))
        said = numpy.fromfile(folder / f"{name}.said.f16", numpy.float16).reshape(-1, 2, dimensions)
        self.said = torch.from_numpy(said.astype(numpy.float32))  # of the view and of its mirror image


def logistic(inputs, targets):
    """The slope and the offset of the logistic function of `inputs` that is nearest to `targets`, between 0 and 1."""
    line = torch.tensor([1.0, 0.0], requires_grad=True)
    optimizer = torch.optim.LBFGS([line], max_iter=100)

    def loss():
        optimizer.zero_grad()
        value = functional.binary_cross_entropy_with_logits(inputs * line[0] + line[1], targets)
        value.backward()
        return value

    optimizer.step(loss)
    return line.detach()


def trained(views, steps, seed):
    torch.manual_seed(seed)
    said, targets = views.said.flatten(0, 1), views.targets.repeat_interleave(2)
    head = Head(said.shape[1])
    inputs = torch.cat([said, said.norm(dim=1, keepdim=True)], 1)
    head.mean, head.deviation = inputs.mean(0), inputs.std(0)
    optimizer = torch.optim.AdamW([{"params": head.all.parameters(), "weight_decay": DECAY},
                                   {"params": head.length.parameters(), "weight_decay": 0}], RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    progress, losses = Progress("head", steps, every=10), []
    for _ in range(steps):
        rows = torch.randint(len(said), (BATCH,))
        odds, wanted = head.experts(said[rows]), targets[rows, None].expand(-1, 2)
        loss = functional.binary_cross_entropy_with_logits(odds, wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        progress.step(note=f"loss {numpy.mean(losses[-200:]):.4f}")
    head.eval()
    with torch.no_grad():
        odds = head.experts(said).mean(1)
    head.scale = logistic(odds, targets)
    return head


@torch.no_grad()
def expected(head, said):
    """As the server asks: the mean of a view's and its mirror image's."""
    return (head(said[:, 0]) + head(said[:, 1])) / 2


def correlation_of_ranks(a, b):
    return torch.corrcoef(torch.stack([a.argsort().argsort().float(), b.argsort().argsort().float()]))[0, 1].item()


def report(name, said, views):
    as_they_are = views.kinds == 0
    print(f"{name}: correlation of ranks with the true cosine {correlation_of_ranks(said, views.targets):.3f}, among the faces as "
          f"they are {correlation_of_ranks(said[as_they_are], views.targets[as_they_are]):.3f}")


def print_refused(said, views):
    print("refused below " + " ".join(f"{kind:>10}" for kind in KINDS) + "   their true cosine   that of those kept")
    for bar in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85):
        refused = said < bar
        shares = [refused[views.kinds == kind].float().mean() for kind in range(len(KINDS))]
        print(f"{bar:13.2f} " + " ".join(f"{share:10.4f}" for share in shares)
              + f"   {views.targets[refused].mean():17.3f}   {views.targets[~refused].mean():18.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--faces", required=True, nargs="+", help="what prepare.py wrote; of the first folder come three of four")
    parser.add_argument("--teacher", required=True, nargs="+", help="those of the embedder, as in teach.py")
    parser.add_argument("--embedder", required=True, help="a checkpoint of embedder.py")
    parser.add_argument("--network", required=True, help="what export_embedder.py made of it")
    parser.add_argument("--runner", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--views", type=int, default=150_000)
    parser.add_argument("--steps", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    people = Faces(options.faces, options.teacher, options.runner, options.out)
    judge = Judge(options.embedder, options.network, options.runner)
    write_views(options.out, people, judge, "held", 8_192, True)
    write_views(options.out, people, judge, "views", options.views, False)
    views, held = (Views(options.out, name, judge.dimensions) for name in ("views", "held"))
    head = trained(views, options.steps, options.seed)
    torch.save({"head": head.state_dict(), "dimensions": judge.dimensions, "views": len(views.targets)}, options.out / "head.pt")
    report("the vector's length alone", held.said.norm(dim=2).mean(1), held)
    said = expected(head, held.said)
    report("the head", said, held)
    error = (said - held.targets).square().mean().sqrt()
    print(f"error of the head {error:.4f}, of a constant {held.targets.std():.4f}")
    print_refused(said, held)


if __name__ == "__main__":
    main()
