"""quality.py --taught DIR --embedder RUN/last.pt --out RUN [--minutes N] ...

Trains a small network to say how far an embedding can be relied on: from the picture that the embedder is given, the cosine
that its embedding will have to what the teachers say of the same face seen well. The pictures are those that the embedder
was taught on, distorted more, and some ruined: tiny, blurred, dark, cut off, covered, misplaced, or no faces any more.
Starts from random weights, goes on from RUN/last.pt where there is one. Prints how well it does on faces held out, and what
share of them each threshold refuses.
"""
import argparse
import pathlib
import time

import torch
from torch.nn import functional

import faces
from chance import Chance
from distort import distorted
from embedder import Embedder, Taught, follow, network_input
from progress import Progress

NET = "8-16-32x1-48x1"  # 52 k weights, 6 MMAC
STRENGTH = 1.5          # of the usual distortions
VIEWS = 24_000          # kept with their targets, of which a batch is drawn
VIEWS_MIN = 1_000       # before the first step
REPEATS = 4             # how often each of them is learned from before it is replaced
AVERAGE_DECAY = 0.998


def ruined(view, chance):
    """N x 3 x 112 x 112: to about half of the pictures happens what nobody recognises a face after."""
    for share, effect in ((0.08, _misplaced), (0.10, _covered), (0.10, _cut), (0.12, _tiny), (0.12, _blurred), (0.08, _dark),
                          (0.04, _overexposed), (0.04, _noisy), (0.03, _scrambled)):
        some = chance.choose(share, len(view))
        for part in some.split(16):
            view[part] = effect(view[part], chance)
    return view.clamp_(0, 255)


def _misplaced(view, chance):
    """Landmarks of something else: turned, shifted and scaled far off; black where the photograph ends."""
    count = len(view)
    angle, scale = 0.6 * chance.normal(count), torch.exp(0.35 * chance.normal(count))
    turn = torch.stack([torch.stack([scale * angle.cos(), -scale * angle.sin()], 1),
                        torch.stack([scale * angle.sin(), scale * angle.cos()], 1)], 1)
    grid = functional.affine_grid(torch.cat([turn, 0.3 * chance.normal(count, 2, 1)], 2), view.shape, align_corners=False)
    return functional.grid_sample(view, grid, align_corners=False)


def _covered(view, chance):
    """An ellipse of one colour or of another picture, up to the whole face."""
    count = len(view)
    rows = torch.arange(faces.SIZE, device=view.device, dtype=torch.float32)[None, None, :, None]
    x, y = chance.uniform(10, 102, count), chance.uniform(20, 102, count)
    wide, high = chance.uniform(15, 60, count), chance.uniform(15, 60, count)
    hidden = ((rows.transpose(2, 3) - x) / wide) ** 2 + ((rows - y) / high) ** 2 < 1
    front = torch.where(chance.often(0.6, count), 255 * chance.uniform(0, 1, count, 3), view.roll(1, 0).flip(2))
    return torch.where(hidden, front, view)


def _cut(view, chance):
    """The photograph ends within the face."""
    count = len(view)
    place = torch.arange(faces.SIZE, device=view.device, dtype=torch.float32)[None, None, :, None]
    depth = chance.uniform(5, 80, count)
    side = chance.uniform(0, 4, count).floor()
    along = torch.where(side < 2, place, place.transpose(2, 3))
    along = torch.where(side % 2 == 0, along, faces.SIZE - 1 - along)
    return torch.where(along < depth, torch.zeros_like(view), view)


def _tiny(view, chance):
    side = int(chance.number(8, 36))
    small = functional.interpolate(view, (side, side), mode="bilinear", antialias=True)
    mode = "nearest" if chance.number(0, 1) < 0.2 else "bilinear"
    return functional.interpolate(small, view.shape[2:], mode=mode)


def _blurred(view, chance):
    reach = torch.arange(-15, 16, device=view.device, dtype=torch.float32)
    kernel = torch.exp(-(reach / chance.number(1.5, 7)) ** 2 / 2)
    kernel = kernel / kernel.sum()
    across, down = (kernel.view(shape).expand(3, 1, -1, -1) for shape in ((1, 1, 1, -1), (1, 1, -1, 1)))
    if chance.number(0, 1) < 0.4:  # moved along one direction
        return functional.conv2d(functional.pad(view, (15, 15, 0, 0), mode="replicate"), across, groups=3)
    view = functional.conv2d(functional.pad(view, (15, 15, 0, 0), mode="replicate"), across, groups=3)
    return functional.conv2d(functional.pad(view, (0, 0, 15, 15), mode="replicate"), down, groups=3)


def _dark(view, chance):
    lit = view * chance.uniform(0.02, 0.35, len(view))
    return (lit + chance.normal(*view.shape) * chance.uniform(0, 6, len(view))).round()


def _overexposed(view, chance):
    return view * chance.uniform(1.2, 4, len(view)) + chance.uniform(0, 120, len(view))


def _noisy(view, chance):
    return view + chance.normal(*view.shape) * chance.uniform(12, 70, len(view))


def _scrambled(view, chance):
    """Tiles of the picture in another order: the textures of a face without one."""
    tiles = view.unfold(2, 28, 28).unfold(3, 28, 28).reshape(len(view), 3, 16, 28, 28)
    tiles = tiles[:, :, chance.uniform(0, 1, 16).flatten().argsort()].reshape(len(view), 3, 4, 4, 28, 28)
    return tiles.transpose(3, 4).reshape(view.shape)


class Judged:
    """Distorted views, and how alike the embedder's word of them is to the teachers' of the clean face."""

    def __init__(self, path, device):
        state = torch.load(path, map_location=device)
        self.embedder = Embedder(state["net"], state["dimensions"]).to(device, memory_format=torch.channels_last).eval()
        weights = state["average"]
        self.embedder.load_state_dict({key: value.float() if value.is_floating_point() else value
                                       for key, value in weights.items()})
        self.projection = state["projection"].float().to(device)

    @torch.no_grad()
    def __call__(self, views, wanted):
        with torch.autocast(views.device.type, dtype=torch.bfloat16):
            said = self.embedder(network_input(views))
        return functional.cosine_similarity(said.float(), wanted.float() @ self.projection, dim=1).clamp(0, 1)


def held_views(taught, judged, device):
    """Faces that were never drawn, always distorted the same way: first all of them as they are, then all ruined."""
    canvases, wanted = (part.to(device) for part in taught.held())
    chance, margin, views = Chance(7, device), faces.MARGIN, []
    for part in canvases.split(256):
        views.append(part[:, :, margin:-margin, margin:-margin].float())
    for part in canvases.split(256):
        views.append(ruined(distorted(part, chance, STRENGTH), chance))
    views = torch.cat(views).round().to(torch.uint8)
    targets = torch.cat([judged(*pair) for pair in zip(views.split(64), torch.cat([wanted, wanted]).split(64))])
    return views, targets, len(canvases)


@torch.no_grad()
def said_of(network, views):
    network.eval()
    said = torch.cat([network(network_input(part)).sigmoid()[:, 0] for part in views.split(256)])
    network.train()
    return said


def correlation(a, b):
    return torch.corrcoef(torch.stack([a, b]))[0, 1].item()


def ranks(values):
    return values.argsort().argsort().float()


def report(network, held):
    views, targets, clean = held
    said = said_of(network, views)
    print(f"on held faces: error {(said - targets).square().mean().sqrt():.4f} (of a constant {targets.std():.4f}), correlation "
          f"{correlation(said, targets):.3f}, of ranks {correlation(ranks(said), ranks(targets)):.3f}; among the faces as they "
          f"are {correlation(said[:clean], targets[:clean]):.3f}", flush=True)
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--taught", required=True, help="what teach.py wrote")
    parser.add_argument("--embedder", required=True, help="a checkpoint of embedder.py, with those teachers")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--minutes", type=float, default=10, help="in all; the rate falls to nothing at their end")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    last, device = options.out / "last.pt", torch.device(options.device)
    network, average = (Embedder(NET, 1).to(device, memory_format=torch.channels_last) for _ in range(2))
    optimizer = torch.optim.AdamW(network.parameters(), options.rate, weight_decay=0.01)
    seen, seconds = 0, 0.0
    if last.exists():
        state = torch.load(last, map_location=device)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        seen, seconds = state["seen"], state["seconds"]
    else:
        average.load_state_dict(network.state_dict())

    judged = Judged(options.embedder, device)
    taught = Taught(options.taught, options.batch, options.seed + seen, STRENGTH)
    chance = Chance(options.seed + seen, device)
    held = held_views(taught, judged, device)
    views = torch.empty(VIEWS, 3, faces.SIZE, faces.SIZE, dtype=torch.uint8, device=device)
    targets = torch.empty(VIEWS, device=device)

    def save():
        torch.save({"net": NET, "network": network.state_dict(), "average": average.state_dict(),
                    "optimizer": optimizer.state_dict(), "seen": seen, "seconds": seconds}, str(last) + ".new")
        pathlib.Path(str(last) + ".new").rename(last)

    progress = Progress("quality", round(60 * options.minutes), round(seconds), every=20)
    made, reported, before = 0, 0, time.monotonic()
    for pictures, wanted in taught.batches():
        distorted_views = ruined(pictures.to(device).float(), chance).round()
        places = torch.arange(made, made + len(pictures), device=device) % VIEWS
        views[places] = distorted_views.to(torch.uint8)
        targets[places] = judged(distorted_views, wanted.to(device))
        made += len(pictures)
        for _ in range(REPEATS if made >= VIEWS_MIN else 0):
            rows = chance.integers(min(made, VIEWS), options.batch)
            some = views[rows]
            some = torch.where(chance.often(0.5, len(some)), some.flip(3), some)
            left = max(0.0, 1 - seconds / (60 * options.minutes))
            for group in optimizer.param_groups:
                group["lr"] = options.rate * min(1.0, (seen + options.batch) / 20_000) * left
            loss = functional.binary_cross_entropy_with_logits(network(network_input(some))[:, 0], targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            follow(average, network, min(AVERAGE_DECAY, (seen + options.batch) / (seen + 20 * options.batch)))
            seen += options.batch
        now = time.monotonic()
        progress.step(round(seconds + now - before) - round(seconds), f"{seen} views seen, {made} made")
        seconds, before = seconds + now - before, now
        if seconds - reported > 60:
            reported = seconds
            report(average, held)
            save()
        if seconds > 60 * options.minutes:
            break
    save()
    said = report(average, held)
    clean, true = held[2], held[1]
    print(f"{seen} views seen in {seconds / 60:.1f} min")
    print("refused below   of faces as they are   of distorted ones   their true cosine   that of those kept")
    for threshold in (0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8):
        refused = said < threshold
        worse, better = true[refused].mean().item(), true[~refused].mean().item()
        print(f"{threshold:13.2f}   {refused[:clean].float().mean():20.4f}   {refused[clean:].float().mean():17.4f}   "
              f"{worse:17.3f}   {better:18.3f}")


if __name__ == "__main__":
    main()
