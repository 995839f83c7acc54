"""What happens to faces between a camera and an embedder: landmarks that are a little off, light, blur, small sizes,
JPEG, noise, something in front. A student sees faces distorted, its teachers saw them clean.

Pictures are distorted many at a time, on a CPU or a GPU. What cannot differ within one operation (a size, a kernel) is
drawn for groups of pictures, GROUPS of them at the most.
"""
import math

import torch
from torch.nn import functional

import faces

GROUPS = 6
GROUP_MIN = 16
LUMINANCE = (0.299, 0.587, 0.114)
# Annex K of ITU-T T.81: the quantisation tables that encoders scale by their quality.
TABLE_LUMA = [16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
              87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
              72, 92, 95, 98, 112, 100, 103, 99]
TABLE_CHROMA = [17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99,
                99] + [99] * 36


def distorted(canvases, chance, strength=1.0, turns=None):
    """N x 3 x 144 x 144 with room around the face to the N x 3 x 112 x 112 that a network is given; from 0 to 255.

    `turns` says what of the canvas is seen: turns_of(), or what the caller made of it."""
    turns = turns_of(len(canvases), chance, strength) if turns is None else turns
    view = _lit(seen(canvases, turns), chance, strength)
    grey = chance.choose(0.08, len(view))
    if len(grey):
        view[grey] = _grey(view[grey]).expand(-1, 3, -1, -1)
    for share, effect in ((0.25, _small), (0.12, _blurred)):
        chosen = chance.choose(share * strength, len(view))
        for some in chosen.split(max(GROUP_MIN, len(chosen) // GROUPS + 1)):
            view[some] = effect(view[some], chance)
    for share, effect in ((0.10, _noisy), (0.18, _jpeg), (0.10, _covered)):
        some = chance.choose(share * strength, len(view))
        if len(some):
            view[some] = effect(view[some], chance)
    return view.clamp_(0, 255)


def _grey(view):
    return sum(share * view[:, i:i + 1] for i, share in enumerate(LUMINANCE))


def seen(canvases, turns):
    """N x 3 x 144 x 144 through N x 2 x 3, from places in the result to places in the canvas (torch's affine_grid)."""
    grid = functional.affine_grid(turns, (len(canvases), 3, faces.SIZE, faces.SIZE), align_corners=False)
    return functional.grid_sample(canvases.float(), grid, padding_mode="border", align_corners=False)


def turns_of(count, chance, strength):
    """As landmarks err: 2 % of the eye distance mostly, at times three times as much. Half of the faces are mirrored."""
    wide = strength * torch.where(chance.often(0.1, count), 3.0, 1.0).flatten()
    angle = math.radians(2) * chance.normal(count) * wide
    scale = torch.exp(0.025 * chance.normal(count) * wide) * faces.SIZE / faces.CANVAS
    side = torch.where(chance.often(0.5, count).flatten(), -1.0, 1.0)
    shift = chance.normal(count, 2) * wide[:, None] * 2 / faces.CANVAS
    turn = torch.stack([torch.stack([side * scale * angle.cos(), -scale * angle.sin()], 1),
                        torch.stack([side * scale * angle.sin(), scale * angle.cos()], 1)], 1)
    return torch.cat([turn, shift[:, :, None]], 2)


def _lit(view, chance, strength):
    count = len(view)
    strength = strength * chance.often(0.5, count)
    gamma = torch.exp(0.25 * chance.normal(count, 1, 1, 1) * strength)
    contrast = torch.exp(0.2 * chance.normal(count, 1, 1, 1) * strength)
    brightness = (18 * chance.normal(count, 1, 1, 1) + 6 * chance.normal(count, 3, 1, 1)) * strength
    return (((view / 255) ** gamma * 255 - 127) * contrast + 127 + brightness).clamp(0, 255)


def _small(view, chance):
    side = int(chance.number(24, 90))
    small = functional.interpolate(view, (side, side), mode="bilinear", antialias=chance.number(0, 1) < 0.6)
    return functional.interpolate(small, view.shape[2:], mode="bilinear")


def _blurred(view, chance):
    """Out of focus, or moved while the shutter was open."""
    reach = torch.arange(-6, 7, device=view.device, dtype=torch.float32)
    if chance.number(0, 1) < 0.7:
        kernel = torch.exp(-(reach / chance.number(0.4, 2.2)) ** 2 / 2)
        kernel = kernel[:, None] * kernel
    else:
        angle, length = chance.number(0, math.pi), chance.number(1, 5)
        along = reach[None] * math.cos(angle) + reach[:, None] * math.sin(angle)
        across = reach[:, None] * math.cos(angle) - reach[None] * math.sin(angle)
        kernel = (length + 0.5 - along.abs()).clamp(0, 1) * (1 - across.abs()).clamp(0, 1)
    kernel = (kernel / kernel.sum()).repeat(3, 1, 1, 1)
    return functional.conv2d(functional.pad(view, (6,) * 4, mode="replicate"), kernel, groups=3)


def _noisy(view, chance):
    return view + chance.normal(*view.shape) * chance.uniform(2, 12, len(view))


def _covered(view, chance):
    """A rectangle of one colour, or of another picture, in front."""
    rows = torch.arange(faces.SIZE, device=view.device)[None, None, :, None]
    columns = rows.transpose(2, 3)
    left, top = (chance.uniform(-8, faces.SIZE - 8, len(view)) for _ in range(2))
    hidden = (columns >= left) & (columns < left + chance.uniform(12, 50, len(view)))
    hidden = hidden & (rows >= top) & (rows < top + chance.uniform(12, 50, len(view)))
    colour = 255 * chance.uniform(0, 1, len(view), 3)
    front = torch.where(chance.often(0.6, len(view)), colour, view.roll(1, 0).flip(2))
    return torch.where(hidden, front, view)


def _jpeg(view, chance):
    """What is left after JPEG with 4:2:0 chroma at qualities from 25 to 90, as libjpeg scales its tables."""
    quality = chance.uniform(25, 90, len(view))
    factor = torch.where(quality < 50, 50 / quality, 2 - quality / 50)[:, :, :, :, None, None]
    r, g, b = view.clamp(0, 255).unbind(1)
    luma = LUMINANCE[0] * r + LUMINANCE[1] * g + LUMINANCE[2] * b
    chroma = torch.stack([(b - luma) / 1.772, (r - luma) / 1.402], 1)
    luma = _quantised(luma[:, None] - 128, TABLE_LUMA, factor)[:, 0] + 128
    chroma = functional.interpolate(_quantised(functional.avg_pool2d(chroma, 2), TABLE_CHROMA, factor), scale_factor=2)
    blue, red = chroma.unbind(1)
    r, b = luma + 1.402 * red, luma + 1.772 * blue
    g = (luma - LUMINANCE[0] * r - LUMINANCE[2] * b) / LUMINANCE[1]
    return torch.stack([r, g, b], 1)


def _quantised(plane, table, factor):
    k = torch.arange(8, device=plane.device, dtype=torch.float32)
    cosines = torch.cos((2 * k[None] + 1) * k[:, None] * math.pi / 16) / 2
    cosines[0] /= math.sqrt(2)
    n, channels, height, width = plane.shape
    blocks = plane.reshape(n, channels, height // 8, 8, width // 8, 8).transpose(3, 4)
    steps = (torch.tensor(table, device=plane.device).reshape(8, 8) * factor).clamp(1, 255)
    coefficients = torch.round(cosines @ blocks @ cosines.t() / steps) * steps
    return (cosines.t() @ coefficients @ cosines).transpose(3, 4).reshape(plane.shape)
