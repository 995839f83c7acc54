"""The faces that an embedder is taught on: people who do not exist, mixed from the prepared ones.

One in four is a prepared face as it is. The others are mixtures of two: half of them a blend of both, half a patchwork
that takes some regions from one and some from the other. A teacher gives a mixture a place of its own among the faces, so
that 24,000 pictures become as many as wanted.

Pictures that are cropped at the forehead end inside the aligned face. A camera sees hair, a wall or the sky there, so that
is drawn: never the same twice, so that a student learns from its teachers how little it means.

Faces are made many at a time, on a CPU or a GPU: N x channels x 144 x 144, from 0 to 255.
"""
import pathlib

import numpy
import torch
from torch.nn import functional

import faces
from chance import Chance

MIXED = 0.75
PATCHES = 5           # control points along each side of a patchwork's map
COLOUR_MATCHED = 0.7  # how often the second face is given the first one's colours, which hides the seam
HAIR = [[25, 20, 18], [45, 32, 25], [80, 55, 38], [120, 85, 55], [170, 135, 90], [110, 60, 40], [150, 150, 150],
        [205, 200, 195]]


class People:
    def __init__(self, folders, device="cpu", mixed=MIXED):
        """`folders` are outputs of prepare.py or of other programs with the same form."""
        parts = [numpy.load(pathlib.Path(folder) / "faces.npy", mmap_mode="r") for folder in folders]
        held = [numpy.load(pathlib.Path(folder) / "held.npy") for folder in folders]
        rows = [(part, row) for part in range(len(parts)) for row in range(len(held[part]))]
        held = numpy.concatenate(held)
        self.parts, self.mixed, self.device = parts, mixed, torch.device(device)
        self.rows = [row for row, is_held in zip(rows, held) if not is_held]
        self.held = [row for row, is_held in zip(rows, held) if is_held]
        self.loaded = self._read(self.rows).to(device) if self.device.type != "cpu" else None

    def _read(self, rows):
        return torch.from_numpy(numpy.stack([self.parts[part][row] for part, row in rows])).permute(0, 3, 1, 2)

    def _any(self, count, chance):
        """N x 4 x 144 x 144: prepared faces, half of them mirrored."""
        numbers = chance.integers(len(self.rows), count)
        face = self._read([self.rows[n] for n in numbers.tolist()]) if self.loaded is None else self.loaded[numbers]
        return torch.where(chance.often(0.5, count), face.flip(3), face).float()

    def faces(self, count, chance):
        """`count` faces, N x 3 x 144 x 144, RGB, uint8."""
        face = self._any(count, chance)
        both = chance.choose(self.mixed, count)
        if len(both):
            face[both] = _mixed(face[both], self._any(len(both), chance), chance)
        return surrounded(face, chance).round().to(torch.uint8)

    def held_faces(self):
        """The faces that are never drawn, always the same."""
        chance = Chance(1, self.device)
        return torch.cat([surrounded(self._read(self.held[at:at + 256]).to(self.device).float(), chance)
                          for at in range(0, len(self.held), 256)]).round().to(torch.uint8)


def _mixed(a, b, chance):
    picture, other = a[:, :3], b[:, :3]
    (spread_a, mean_a), (spread_b, mean_b) = (torch.std_mean(x, (2, 3), keepdim=True) for x in (picture, other))
    matched = ((other - mean_b) * spread_a / (spread_b + 1) + mean_a).clamp(0, 255)
    other = torch.where(chance.often(COLOUR_MATCHED, len(a)), matched, other)
    patchwork = torch.sigmoid(4 * (_waves(chance, len(a), PATCHES, PATCHES) + 0.3 * chance.normal(len(a), 1, 1, 1)))
    share = torch.where(chance.often(0.5, len(a)), chance.uniform(0.25, 0.75, len(a)), patchwork)
    return torch.cat([torch.lerp(other, picture, share), torch.minimum(a[:, 3:], b[:, 3:])], 1)


def _waves(chance, count, rows, columns):
    return _enlarged(chance.normal(count, 1, rows, columns))


def surrounded(face, chance):
    """RGBA to RGB: what lies outside the picture is drawn by chance."""
    count, picture = len(face), face[:, :3]
    inside = -functional.max_pool2d(-face[:, 3:], 5, 1, 2)
    share = functional.avg_pool2d(inside, 5, 1, 2, count_include_pad=False) / 255

    plain = chance.often(0.6, count)
    wall = torch.where(plain, 255 * chance.uniform(0, 1, count, 3), picture[:, :, :, :8].mean((2, 3), keepdim=True))
    scene = _enlarged(wall + 40 * chance.uniform(0, 1, count) * chance.normal(count, 1, 4, 4)).clamp(0, 255)

    # The head: an ellipse around the face, with hair above a line that falls towards the temples.
    rows = torch.arange(faces.CANVAS, device=face.device, dtype=torch.float32)[None, None, :, None]
    columns = rows.transpose(2, 3)
    crown, half = chance.uniform(-6, 18, count), chance.uniform(44, 58, count)
    head = _soft(1 - ((columns - 72) / half) ** 2 - ((rows - 75).clamp(max=0) / (75 - crown)) ** 2, 0.1)
    aside = columns - 72 - 8 * chance.normal(count, 1, 1, 1)
    line = chance.uniform(18, 46, count) + chance.uniform(4, 24, count) * (aside / 45) ** 2
    line = line + 4 * chance.uniform(0, 1, count) * _waves(chance, count, 3, 24)
    hair = _soft(line - rows, chance.uniform(1, 6, count)) * chance.often(0.92, count)  # else bald
    colours = torch.tensor(HAIR, dtype=torch.float32, device=face.device)[chance.integers(len(HAIR), count)][:, :, None, None]
    colours = colours * chance.uniform(0.7, 1.3, count)
    strands = _enlarged(colours * (1 + 0.3 * chance.uniform(0, 1, count) * chance.normal(count, 1, 8, 48))).clamp(0, 255)
    drawn = torch.lerp(scene, torch.lerp(picture, strands, hair), head)

    kind = chance.uniform(0, 1, count)
    drawn = torch.where(kind < 0.2, torch.zeros_like(drawn), drawn)  # as where a photograph ends
    drawn = torch.where(kind < 0.12, picture, drawn)                 # the edge drawn on
    return torch.lerp(drawn, picture, share)


def _enlarged(values):
    return functional.interpolate(values, (faces.CANVAS, faces.CANVAS), mode="bicubic", align_corners=False)


def _soft(distance, width):
    return (distance / width + 0.5).clamp(0, 1)
