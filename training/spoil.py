"""What makes a face hard to recognise or ruins it: beyond what distort.py does, whose pictures are still to be recognised.

Views are N x 3 x 112 x 112, RGB, from 0 to 255; canvases have 16 pixels more on every side.
"""
import math

import numpy
import torch
from torch.nn import functional

import faces
from compose import background

GROUP = 8          # pictures that share a kernel or a size
RADIUS = 56        # of the cylinder that a head is taken for, in pixels of the aligned picture
NOSE_RADIUS = 70   # how far the nose's tip stands from its axis
# Each with its share of the pictures that are spoilt.
SHARES = {"tiny": 0.2, "blurred": 0.12, "moved": 0.14, "covered": 0.16, "half": 0.14, "cut": 0.06, "dark": 0.05, "bright": 0.03,
          "noisy": 0.03, "misplaced": 0.07}


def spoilt(view, chance):
    """To every picture happens one of SHARES. Returns the pictures and what happened, by its place in SHARES."""
    bounds = torch.tensor(list(SHARES.values())).cumsum(0)
    kinds = torch.bucketize(chance.uniform(0, bounds[-1].item(), len(view)).flatten().cpu(), bounds).clamp(max=len(SHARES) - 1)
    view = view.clone()
    for kind, effect in enumerate((_tiny, _blurred, _moved, _covered, _half, _cut, _dark, _bright, _noisy, _misplaced)):
        for part in (kinds == kind).nonzero()[:, 0].to(view.device).split(GROUP):
            view[part] = effect(view[part], chance)
    return view.clamp_(0, 255), kinds


def turned(canvases, chance, yaw=(0.3, 1.15)):
    """As if the head had turned by `yaw` radians to either side: the face on a cylinder, aligned anew by its landmarks."""
    count, device = len(canvases), canvases.device
    angle = (chance.uniform(*yaw, count) * torch.where(chance.often(0.5, count), 1.0, -1.0)).flatten()
    middle = faces.CANVAS / 2
    template = torch.tensor(faces.TEMPLATE, device=device) + faces.MARGIN - middle
    radius = torch.tensor([RADIUS, RADIUS, NOSE_RADIUS, RADIUS, RADIUS], dtype=torch.float32, device=device)
    at = torch.asin(template[:, 0] / radius)[None] + angle[:, None]
    landmarks = torch.stack([radius * at.sin(), template[:, 1].expand(count, -1)], 2)

    # From the aligned picture back to the turned head: the similitude that moves the template onto its landmarks.
    source, target = template - template.mean(0), landmarks - landmarks.mean(1, keepdim=True)
    power = source.square().sum()
    a = (source * target).sum((1, 2)) / power
    b = (source[:, 0] * target[:, :, 1] - source[:, 1] * target[:, :, 0]).sum(1) / power
    matrix = torch.stack([torch.stack([a, -b], 1), torch.stack([b, a], 1)], 1)
    shift = landmarks.mean(1) - (matrix @ template.mean(0)[:, None])[:, :, 0]
    place = torch.arange(faces.CANVAS, device=device, dtype=torch.float32) + 0.5 - middle
    grid = torch.stack(torch.meshgrid(place, place, indexing="xy"), 2).view(1, -1, 2)
    on_head = grid @ matrix.transpose(1, 2) + shift[:, None]

    across, down = on_head.unbind(2)
    around = (torch.asin((across / RADIUS).clamp(-1, 1)) - angle[:, None]).clamp(-math.pi / 2, math.pi / 2)
    beyond = across - across.clamp(-RADIUS, RADIUS)  # the background beside the head stays where it is
    before = torch.stack([RADIUS * around.sin() + beyond, down], 2) / middle
    return functional.grid_sample(canvases.float(), before.view(count, faces.CANVAS, faces.CANVAS, 2), padding_mode="border",
                                  align_corners=False)


def nothing(count, canvases, chance):
    """`count` pictures of what a detector may take for a face: patterns and clutter, and skin, hair and walls at any scale."""
    numbers = numpy.random.Generator(numpy.random.Philox(chance.numbers.getrandbits(64)))
    views = torch.empty(count, 3, faces.SIZE, faces.SIZE, device=canvases.device)
    for row in range(count):
        for _ in range(4):  # a plain wall is nothing that a detector takes for a face
            views[row] = _part(numbers, canvases[row % len(canvases)], chance)
            if views[row].std() > 20:
                break
    return views


def _part(numbers, canvas, chance):
    if chance.number(0, 1) < 0.55:
        scene = background(numbers, [])
        side = int(chance.number(12, 200))
    else:
        scene = canvas.permute(1, 2, 0).cpu().numpy()
        side = int(chance.number(10, 40))
    top, left = (int(chance.number(0, size - side + 1)) for size in scene.shape[:2])
    part = torch.from_numpy(scene[top:top + side, left:left + side].copy()).permute(2, 0, 1)[None].float()
    return functional.interpolate(part, (faces.SIZE, faces.SIZE), mode="bilinear", antialias=side > faces.SIZE)[0]


def _tiny(view, chance):
    """A face of 5 to 22 pixels, blown up, often from a JPEG file."""
    side = 2 * int(chance.number(5, 20))
    small = functional.interpolate(view, (side, side), mode="bilinear", antialias=True)
    if chance.number(0, 1) < 0.4:
        blocks = 8 * -(-side // 8)
        small = functional.pad(small, (0, blocks - side, 0, blocks - side), mode="replicate")
        small = _coarse(small, chance)[:, :, :side, :side]
    mode = ("nearest", "bilinear", "bicubic")[min(2, int(chance.number(0, 5)))]
    return functional.interpolate(small, view.shape[2:], mode=mode)


def _coarse(view, chance):
    """Of each block of 8 x 8 the coarse cosines, in coarse steps: what a small JPEG file keeps."""
    k = torch.arange(8, device=view.device, dtype=torch.float32)
    cosines = torch.cos((2 * k[None] + 1) * k[:, None] * math.pi / 16) / 2
    cosines[0] /= math.sqrt(2)
    n, channels, height, width = view.shape
    blocks = view.reshape(n, channels, height // 8, 8, width // 8, 8).transpose(3, 4)
    steps = chance.number(6, 24) * (1 + (k[:, None] + k[None]) / 3)
    blocks = torch.round(cosines @ blocks @ cosines.t() / steps) * steps
    return (cosines.t() @ blocks @ cosines).transpose(3, 4).reshape(view.shape)


def _filtered(view, kernel):
    reach = kernel.shape[-1] // 2
    view = functional.pad(view, (reach,) * 4, mode="replicate")
    return functional.conv2d(view, kernel.expand(3, 1, *kernel.shape[-2:]), groups=3)


def _blurred(view, chance):
    reach = torch.arange(-15, 16, device=view.device, dtype=torch.float32)
    kernel = torch.exp(-(reach / chance.number(1.2, 6)) ** 2 / 2)
    kernel = kernel / kernel.sum()
    view = functional.pad(view, (15,) * 4, mode="replicate")
    across, down = (kernel.view(shape).expand(3, 1, -1, -1) for shape in ((1, 1, 1, -1), (1, 1, -1, 1)))
    return functional.conv2d(functional.conv2d(view, across, groups=3), down, groups=3)


def _moved(view, chance):
    """The camera or the head moved while the shutter was open."""
    reach = torch.arange(-14, 15, device=view.device, dtype=torch.float32)
    angle, length = chance.number(0, math.pi), chance.number(3, 13)
    along = reach[None] * math.cos(angle) + reach[:, None] * math.sin(angle)
    across = reach[:, None] * math.cos(angle) - reach[None] * math.sin(angle)
    kernel = (length + 0.5 - along.abs()).clamp(0, 1) * (1 - across.abs()).clamp(0, 1)
    return _filtered(view, kernel / kernel.sum())


def _front(view, chance):
    """What stands before a face: one colour, a pattern, another picture."""
    count = len(view)
    colour = (255 * chance.uniform(0, 1, count, 3)).expand(-1, -1, faces.SIZE, faces.SIZE)
    cloth = functional.interpolate(60 * chance.normal(count, 3, 28, 28), view.shape[2:], mode="bilinear")
    kind = chance.uniform(0, 1, count)
    other = view.roll(1, 0).flip(2)
    return torch.where(kind < 0.5, colour, torch.where(kind < 0.75, colour + cloth, other))


def _places(view):
    rows = torch.arange(faces.SIZE, device=view.device, dtype=torch.float32)[None, None, :, None]
    return rows, rows.transpose(2, 3)


def _covered(view, chance):
    """Something round in front, from an eye's size up to the whole face."""
    count, (rows, columns) = len(view), _places(view)
    x, y = chance.uniform(15, 97, count), chance.uniform(25, 105, count)
    wide, high = chance.uniform(10, 55, count), chance.uniform(10, 55, count)
    return torch.where(((columns - x) / wide) ** 2 + ((rows - y) / high) ** 2 < 1, _front(view, chance), view)


def _half(view, chance):
    """Behind a wall, a scarf, a hat: everything on one side of a line."""
    count, (rows, columns) = len(view), _places(view)
    side = (chance.integers(4, count)[:, None, None, None] * math.pi / 2 + 0.2 * chance.normal(count, 1, 1, 1))
    from_middle = (columns - 56) * side.cos() + (rows - 68) * side.sin()
    return torch.where(from_middle > chance.uniform(-15, 25, count), _front(view, chance), view)


def _cut(view, chance):
    """The photograph ends within the face."""
    count, (rows, columns) = len(view), _places(view)
    side = chance.integers(4, count)[:, None, None, None]
    along = torch.where(side < 2, rows, columns)
    along = torch.where(side % 2 == 0, along, faces.SIZE - 1 - along)
    return torch.where(along < chance.uniform(15, 75, count), torch.zeros_like(view), view)


def _dark(view, chance):
    lit = view * chance.uniform(0.02, 0.3, len(view))
    return (lit + chance.normal(*view.shape) * chance.uniform(0, 5, len(view))).round()


def _bright(view, chance):
    return view * chance.uniform(1.3, 4, len(view)) + chance.uniform(0, 120, len(view))


def _noisy(view, chance):
    return view + chance.normal(*view.shape) * chance.uniform(12, 70, len(view))


def _misplaced(view, chance):
    """Landmarks of something else: turned, shifted and scaled far off; black where the photograph ends."""
    count = len(view)
    angle, scale = 0.5 * chance.normal(count), torch.exp(0.3 * chance.normal(count))
    turn = torch.stack([torch.stack([scale * angle.cos(), -scale * angle.sin()], 1),
                        torch.stack([scale * angle.sin(), scale * angle.cos()], 1)], 1)
    grid = functional.affine_grid(torch.cat([turn, 0.25 * chance.normal(count, 2, 1)], 2), view.shape, align_corners=False)
    return functional.grid_sample(view, grid, align_corners=False)
