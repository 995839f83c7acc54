"""Draws in front of a face what hides parts of it: dark glasses; hats; masks, hands, microphones and other things.

Pictures are 144 x 144 x 3, RGB, from 0 to 255, as prepare.py writes them (without the fourth channel).
"""
import math

import cv2
import numpy

import faces

EYES = faces.TEMPLATE[:2] + faces.MARGIN
FINER = 4  # shapes are drawn so many times as large, and averaged


class Shape:
    """A picture of shares from 0 to 1, drawn larger than it is."""

    def __init__(self):
        self.large = numpy.zeros((faces.CANVAS * FINER,) * 2, numpy.float32)

    @staticmethod
    def _at(place):
        return tuple(int(round(value * FINER)) for value in place)

    def line(self, start, end, width, value=1.0):
        cv2.line(self.large, self._at(start), self._at(end), value, max(1, int(width * FINER)), cv2.LINE_AA)

    def outline(self, places, value=1.0):
        cv2.fillPoly(self.large, [numpy.array([self._at(place) for place in places], numpy.int32)], value, cv2.LINE_AA)

    def turned(self, degrees):
        middle = (faces.CANVAS * FINER / 2, float(EYES[:, 1].mean()) * FINER)
        return cv2.warpAffine(self.large, cv2.getRotationMatrix2D(middle, degrees, 1), self.large.shape)

    def small(self, degrees=0.0):
        return cv2.resize(self.turned(degrees), (faces.CANVAS,) * 2, interpolation=cv2.INTER_AREA)[..., None]


def rounded(centre, half, roundness, slant=0.0, narrowing=0.0):
    """A superellipse: 2 is an ellipse, more is closer to a rectangle."""
    places = []
    for angle in numpy.linspace(0, 2 * math.pi, 60, endpoint=False):
        x, y = math.cos(angle), math.sin(angle)
        reach = (abs(x) ** roundness + abs(y) ** roundness) ** (-1 / roundness)
        x, y = x * reach, y * reach
        places.append((centre[0] + half[0] * x * (1 - narrowing * max(0.0, y)), centre[1] + half[1] * (y - slant * x)))
    return places


def dark_glasses(face, random, _):
    """Sunglasses of any shape and colour, which hide the eyes more or less."""
    half = numpy.array([random.uniform(11, 18), random.uniform(8, 14)])
    roundness, slant = random.choice([2.0, random.uniform(2.5, 5)]), random.uniform(0, 0.12)
    narrowing, apart, tilt = random.choice([0.0, 0.3]), random.uniform(-1.5, 2.5), 2 * random.normal()
    thick, down = random.uniform(0.5, 3), random.uniform(-2, 4)
    lens, frame = Shape(), Shape()
    centres = [EYES[0] + (-apart, down), EYES[1] + (apart, down)]
    for side, centre in zip((-1, 1), centres):
        lens.outline(rounded(centre, half, roundness, side * slant, narrowing))
        frame.outline(rounded(centre, half + thick, roundness, side * slant, narrowing))
    frame.large = numpy.maximum(frame.large - lens.large, 0)
    bridge = -half[1] * random.uniform(0.1, 0.6)
    frame.line(centres[0] + (half[0] * 0.6, bridge), centres[1] + (-half[0] * 0.6, bridge), thick)
    if random.random() < 0.7:
        ear = (centres[0][0] - half[0], centres[0][1] - half[1] * 0.4)
        frame.line(ear, (random.uniform(5, 25), ear[1] + 6 * random.normal()), thick)
        ear = (centres[1][0] + half[0], ear[1])
        frame.line(ear, (random.uniform(119, 139), ear[1] + 6 * random.normal()), thick)
    rows, columns = numpy.mgrid[:faces.CANVAS, :faces.CANVAS].astype(numpy.float32)
    tint = random.uniform(0, 45) + random.uniform(-12, 12, 3) if random.random() < 0.8 else random.uniform(10, 90, 3)
    colour = numpy.clip(tint, 0, 255) * numpy.ones((faces.CANVAS, faces.CANVAS, 1))
    if random.random() < 0.6:  # what the lenses reflect
        angle = random.uniform(0, math.pi)
        waves = numpy.sin((columns * math.cos(angle) + rows * math.sin(angle)) / random.uniform(5, 25) + random.uniform(0, 6))
        shine = numpy.clip(waves, 0, 1)[..., None] ** random.uniform(1, 4)
        colour = colour + random.uniform(20, 130) * shine * random.uniform(0.5, 1, 3)
    top = centres[0][1] - half[1]
    paler = random.choice([0.0, random.uniform(0.05, 0.4)]) * numpy.clip((rows - top) / (2 * half[1]), 0, 1)[..., None]
    hidden = lens.small(tilt) * random.uniform(0.72, 1) * (1 - paler)
    face = face * (1 - hidden) + colour * hidden
    rim = frame.small(tilt)
    return face * (1 - rim) + (random.uniform(0, 60, 3) if random.random() < 0.75 else random.uniform(60, 220, 3)) * rim


def _mask(front, shade, random):
    top = random.uniform(78, 92)
    sides = [(30, 0, 8), (72, 0, 8), (114, 0, 8)]
    edge = [(x + 2 * random.normal(), top - random.uniform(less, more)) for x, less, more in sides]
    below = [(x, y + 4 * random.normal()) for x, y in ((112, 112), (90, 130), (72, 136), (54, 130), (32, 112))]
    front.outline(edge + below)
    for _ in range(random.integers(0, 5)):
        y = random.uniform(top + 5, 125)
        shade.line((30, y + 4 * random.normal()), (114, y + 4 * random.normal()), random.uniform(1, 4), random.uniform(-0.25, 0.1))
    colours = ([170, 200, 215], [235, 235, 235], [30, 30, 35], random.uniform(0, 255, 3))
    return numpy.array(colours[random.integers(len(colours))], numpy.float32) + 12 * random.normal(size=3)


def _hand(front, shade, random, skin, tip, angle):
    along = numpy.array([math.cos(angle), math.sin(angle)])
    across, width, fingers = numpy.array([-along[1], along[0]]), random.uniform(9, 14), random.integers(3, 6)
    for finger in range(fingers):
        start = tip - along * random.uniform(8, 22) + across * (finger - (fingers - 1) / 2) * width * 0.95
        end = start + along * random.uniform(60, 110)
        front.line(start, end, width)
        shade.line(start + across * width / 2, end + across * width / 2, 1.6, random.uniform(-0.5, -0.2))
    return skin * random.uniform(0.8, 1.15) + 6 * random.normal(size=3)


def _box(front, shade, random):
    centre, half = (72 + 12 * random.normal(), random.uniform(70, 118)), random.uniform(11, 26, 2)
    corners = cv2.boxPoints((centre, tuple(2 * half), random.uniform(0, 180)))
    front.outline(corners)
    for _ in range(random.integers(0, 4)):
        shade.line(random.uniform(40, 110, 2), random.uniform(40, 110, 2), random.uniform(1, 6), random.uniform(-0.6, 0.6))
    return random.uniform(0, 255, 3)


def _microphone(front, shade, random):
    centre, radius = numpy.array([72 + 8 * random.normal(), random.uniform(100, 118)]), random.uniform(11, 18)
    front.outline(rounded(centre, (radius, radius * random.uniform(0.9, 1.3)), 2))
    front.line(centre, (centre[0] + 25 * random.normal(), 160), radius * 1.2)
    shade.outline(rounded(centre - (3, 4), (radius / 2,) * 2, 2), random.uniform(0, 0.8))
    return random.uniform(10, 90) + 8 * random.normal(size=3)


def hat(face, random, _):
    """A cap, a helmet or a scarf down to the forehead, and the shadow of its brim."""
    front, low = Shape(), random.uniform(28, 58)
    arch, half = random.uniform(-14, 10), random.uniform(48, 70)
    edge = [(72 + half * x, low + arch * (1 - x * x) + random.normal()) for x in numpy.linspace(-1, 1, 9)]
    front.outline([(72 - half, -20), *edge, (72 + half, -20)])
    hidden = front.small(4 * random.normal())
    shadow = cv2.GaussianBlur(numpy.roll(hidden, int(random.uniform(2, 14)), 0), (0, 0), 3)[..., None] * random.uniform(0, 0.6)
    grain = cv2.GaussianBlur(random.normal(size=face.shape[:2]), (0, 0), random.uniform(0.6, 6))[..., None]
    cloth = random.uniform(0, 255, 3) + random.uniform(0, 60) * grain / grain.std()
    return face * (1 - shadow) * (1 - hidden) + numpy.clip(cloth, 0, 255) * hidden


def covered(face, random, other):
    """An eye, the nose or the mouth is hidden, at times by a part of the picture `other`."""
    front, shade = Shape(), Shape()
    skin = numpy.median(face[78:100, 40:104].reshape(-1, 3), 0)
    kind, colour = random.choice(["mask", "mouth", "mouth", "eye", "box", "microphone", "picture"]), None
    if kind == "mask":
        colour = _mask(front, shade, random)
    elif kind == "mouth":
        tip = numpy.array([72 + 6 * random.normal(), random.uniform(95, 112)])
        colour = _hand(front, shade, random, skin, tip, random.uniform(-0.3, math.pi + 0.3))
    elif kind == "eye":
        tip = EYES[random.integers(2)] + 4 * random.normal(size=2)
        colour = _hand(front, shade, random, skin, tip, random.uniform(0, 2 * math.pi))
    elif kind == "box":
        colour = _box(front, shade, random)
    elif kind == "microphone":
        colour = _microphone(front, shade, random)
    else:
        centre = (72 + 14 * random.normal(), random.uniform(62, 115))
        front.outline(rounded(centre, random.uniform(14, 34, 2), 2))
    hidden = front.small()
    if colour is None:
        thing = numpy.roll(other, random.integers(-50, 50, 2), (0, 1))
    else:
        light = cv2.GaussianBlur(face.mean(2), (0, 0), 14)[..., None]
        grain = cv2.GaussianBlur(random.normal(size=face.shape[:2]), (0, 0), random.uniform(0.6, 3))[..., None]
        folds = cv2.GaussianBlur(shade.small(), (0, 0), 1.2)[..., None]
        thing = colour * (light / light.mean()) ** 0.7 * (1 + folds) + grain * random.uniform(0, 25)
    shadow = cv2.GaussianBlur(hidden, (0, 0), 4)[..., None] * random.uniform(0, 0.35)
    return face * (1 - shadow) * (1 - hidden) + numpy.clip(thing, 0, 255) * hidden
