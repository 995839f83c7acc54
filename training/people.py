"""The faces that an embedder is taught on, by number: people who do not exist, mixed from the prepared ones.

One in four numbers is a prepared face as it is. The others are mixtures of two, always the same for the same number: half
of them a blend of both, half a patchwork that takes some regions from one and some from the other. A teacher gives a
mixture a place of its own among the faces, so that 24,000 pictures become as many as wanted.

Pictures that are cropped at the forehead end inside the aligned face. A camera sees hair, a wall or the sky there, so that
is drawn: never the same twice, so that a student learns from its teachers how little it means.
"""
import pathlib

import cv2
import numpy

import faces

SEED = 20261126
PATCHES = 5           # control points along each side of a patchwork's map
COLOUR_MATCHED = 0.7  # how often the second face is given the first one's colours, which hides the seam
LEVELS = numpy.arange(256, dtype=numpy.float32)
ROWS, COLUMNS = numpy.mgrid[0:faces.CANVAS:2, 0:faces.CANVAS:2].astype(numpy.float32)  # at half the size
HAIR = numpy.array([[25, 20, 18], [45, 32, 25], [80, 55, 38], [120, 85, 55], [170, 135, 90], [110, 60, 40], [150, 150, 150],
                    [205, 200, 195]], numpy.float32)


class People:
    def __init__(self, folders):
        """`folders` are outputs of prepare.py or of other programs with the same form."""
        self.parts = [numpy.load(pathlib.Path(folder) / "faces.npy", mmap_mode="r") for folder in folders]
        held = [numpy.load(pathlib.Path(folder) / "held.npy") for folder in folders]
        self.index = [(part, row) for part in range(len(held)) for row in numpy.flatnonzero(~held[part])]
        self.held = [(part, row) for part in range(len(held)) for row in numpy.flatnonzero(held[part])]

    def _any(self, chance):
        part, row = self.index[chance.integers(len(self.index))]
        face = numpy.asarray(self.parts[part][row])
        return face[:, ::-1] if chance.random() < 0.5 else face

    def face(self, number):
        """144 x 144 x 3, RGB, uint8."""
        chance = numpy.random.Generator(numpy.random.Philox([SEED, number]))
        face = self._any(chance)
        if chance.random() < 0.75:
            face = _mixed(face, self._any(chance), chance)
        return surrounded(face, chance)

    def held_face(self, place):
        part, row = self.held[place]
        return surrounded(numpy.asarray(self.parts[part][row]),
                          numpy.random.Generator(numpy.random.Philox([SEED + 1, place])))


def _mixed(a, b, chance):
    picture, other = numpy.ascontiguousarray(a[:, :, :3]), numpy.ascontiguousarray(b[:, :, :3])
    if chance.random() < COLOUR_MATCHED:
        (mean_a, spread_a), (mean_b, spread_b) = cv2.meanStdDev(picture), cv2.meanStdDev(other)
        table = (LEVELS - mean_b) * spread_a / (spread_b + 1) + mean_a
        other = cv2.LUT(other, numpy.clip(table, 0, 255).astype(numpy.uint8).T[None])
    if chance.random() < 0.5:
        share = numpy.full((faces.CANVAS, faces.CANVAS), chance.uniform(0.25, 0.75), numpy.float32)
    else:
        share = 1 / (1 + numpy.exp(-4 * (_waves(chance, PATCHES, PATCHES) + chance.normal(0, 0.3))))
        share = share.astype(numpy.float32)
    return numpy.dstack([cv2.blendLinear(picture, other, share, 1 - share), numpy.minimum(a[:, :, 3], b[:, :, 3])])


def _waves(chance, rows, columns, size=faces.CANVAS):
    control = chance.normal(0, 1, (rows, columns)).astype(numpy.float32)
    return cv2.resize(control, (size, size), interpolation=cv2.INTER_CUBIC)


def surrounded(face, chance):
    """RGBA to RGB: what lies outside the picture is drawn by chance."""
    picture, inside = numpy.ascontiguousarray(face[:, :, :3]), face[:, :, 3]
    if inside.min() == 255:
        return picture
    kind, whole = chance.random(), picture
    if kind < 0.12:
        return picture  # the edge drawn on
    share = cv2.blur(cv2.erode(inside, numpy.ones((5, 5), numpy.uint8)), (5, 5)).astype(numpy.float32) / 255
    if kind < 0.2:
        return cv2.blendLinear(picture, numpy.zeros_like(picture), share, 1 - share)  # as where a photograph ends
    wall = chance.uniform(0, 255, 3) if chance.random() < 0.6 else picture[:, :8].mean((0, 1))
    scene = _enlarged(wall + 40 * chance.random() * chance.normal(0, 1, (4, 4, 1)))

    # The head: an ellipse around the face, with hair above a line that falls towards the temples.
    crown, half = chance.uniform(-6, 18), chance.uniform(44, 58)
    head = _soft(1 - ((COLUMNS - 72) / half) ** 2 - (numpy.minimum(ROWS - 75, 0) / (75 - crown)) ** 2, 0.1)
    line = chance.uniform(18, 46) + chance.uniform(4, 24) * ((COLUMNS - 72 - chance.normal(0, 8)) / 45) ** 2
    hair = _soft(line + 4 * chance.random() * _waves(chance, 3, 24, faces.CANVAS // 2) - ROWS, chance.uniform(1, 6))
    colour = HAIR[chance.integers(len(HAIR))] * chance.uniform(0.7, 1.3)
    strands = _enlarged(colour * (1 + 0.3 * chance.random() * chance.normal(0, 1, (int(chance.integers(3, 12)), 48, 1))))
    if chance.random() > 0.08:  # else bald
        picture = cv2.blendLinear(strands, picture, *_shares(hair))
    drawn = cv2.blendLinear(picture, scene, *_shares(head))
    return cv2.blendLinear(whole, drawn, share, 1 - share)


def _shares(half_size):
    share = cv2.resize(half_size, (faces.CANVAS, faces.CANVAS), interpolation=cv2.INTER_LINEAR)
    return share, 1 - share


def _enlarged(colours):
    colours = numpy.clip(colours, 0, 255).astype(numpy.uint8)
    return cv2.resize(colours, (faces.CANVAS, faces.CANVAS), interpolation=cv2.INTER_CUBIC)


def _soft(distance, width):
    return numpy.clip(distance / width + 0.5, 0, 1).astype(numpy.float32)


def is_mirrored(number):
    """Which of a face and its mirror image the teacher was shown; the student is shown either, and so learns both."""
    return (number * 2654435761 >> 7) & 1 == 1
