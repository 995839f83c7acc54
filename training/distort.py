"""What happens to faces between a camera and an embedder: landmarks that are a little off, light, blur, small sizes,
JPEG, noise, something in front. A student sees faces distorted, its teachers saw them clean."""
import cv2
import numpy

import faces

LEVELS = numpy.arange(256, dtype=numpy.float32)


def distorted(canvas, chance, strength=1.0):
    """From 144 x 144 with room around the face to the 112 x 112 that a network is given; uint8, RGB."""
    view = _shifted(canvas, chance, strength)
    if chance.random() < 0.5:
        view = view[:, ::-1]
    if chance.random() < 0.5:
        view = _lit(view, chance, strength)
    if chance.random() < 0.08:
        view = numpy.repeat(cv2.cvtColor(numpy.ascontiguousarray(view), cv2.COLOR_RGB2GRAY)[:, :, None], 3, 2)
    if chance.random() < 0.25 * strength:
        view = _small(view, chance)
    elif chance.random() < 0.12 * strength:
        view = cv2.GaussianBlur(view, (0, 0), chance.uniform(0.4, 2.0))
    if chance.random() < 0.10 * strength:
        view = numpy.clip(view + chance.normal(0, chance.uniform(2, 12), view.shape), 0, 255).astype(numpy.uint8)
    if chance.random() < 0.15 * strength:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(25, 90))]
        view = cv2.imdecode(cv2.imencode(".jpg", view, quality)[1], cv2.IMREAD_COLOR)
    if chance.random() < 0.08 * strength:
        view = _covered(view, chance)
    return view


def _shifted(canvas, chance, strength):
    # As landmarks err: 2 % of the eye distance mostly, at times three times as much.
    wide = strength * (3 if chance.random() < 0.1 else 1)
    angle = numpy.deg2rad(chance.normal(0, 2.0) * wide)
    scale = numpy.exp(chance.normal(0, 0.025) * wide)
    centre = faces.CANVAS / 2 - 0.5
    a, b = scale * numpy.cos(angle), scale * numpy.sin(angle)
    shift = chance.normal(0, 1.0, 2) * wide
    middle = (faces.SIZE - 1) / 2 + shift
    matrix = numpy.array([[a, -b, middle[0] - a * centre + b * centre], [b, a, middle[1] - b * centre - a * centre]])
    return cv2.warpAffine(canvas, matrix, (faces.SIZE, faces.SIZE), flags=cv2.INTER_LINEAR,
                          borderMode=cv2.BORDER_REPLICATE)


def _lit(view, chance, strength):
    gamma = numpy.exp(chance.normal(0, 0.25) * strength)
    contrast = numpy.exp(chance.normal(0, 0.2) * strength)
    brightness = chance.normal(0, 18) * strength
    curve = ((LEVELS / 255) ** gamma * 255 - 127) * contrast + 127 + brightness
    tint = chance.normal(0, 6, 3) * strength
    table = numpy.clip(curve[:, None] + tint, 0, 255).astype(numpy.uint8)[:, None]
    return cv2.LUT(numpy.ascontiguousarray(view), numpy.ascontiguousarray(table.transpose(1, 0, 2)))


def _small(view, chance):
    side = int(chance.integers(24, 90))
    way = (cv2.INTER_AREA, cv2.INTER_LINEAR)[int(chance.integers(2))]
    return cv2.resize(cv2.resize(view, (side, side), interpolation=way), (faces.SIZE, faces.SIZE),
                      interpolation=cv2.INTER_LINEAR)


def _covered(view, chance):
    view = view.copy()
    width, height = chance.integers(12, 50, 2)
    left, top = chance.integers(-8, faces.SIZE - 8, 2)
    view[max(0, top):top + height, max(0, left):left + width] = chance.integers(0, 256, 3)
    return view
