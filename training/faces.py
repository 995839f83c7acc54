"""Finding and aligning faces for training: YuNet's outputs to landmarks, landmarks to the aligned picture.

The server's own pipeline (src/vision) does the same with more care; here one face per picture is enough.
"""
import math
import queue
import subprocess
import threading

import cv2
import numpy

cv2.setNumThreads(1)  # every program here runs beside others

# Where the eyes, the nose and the corners of the mouth lie in the 112-pixel picture (Deng et al., "ArcFace", 2019).
TEMPLATE = numpy.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
                        [70.7299, 92.2041]], numpy.float32)
SIZE = 112
MARGIN = 16  # around the aligned picture, so that it can be turned and shifted without running out of picture
CANVAS = SIZE + 2 * MARGIN
STRIDES = (8, 16, 32)
MIRRORED = [1, 0, 2, 4, 3]  # which landmark each becomes in a mirrored picture


class Runner:
    """A network in the server's own executor (training/run_network.cpp), fed with 8-bit pictures."""

    def __init__(self, program, network, width, height, floats, mean=(0, 0, 0), deviation=(1, 1, 1)):
        text = [",".join(map(str, values)) for values in (mean, deviation)]
        self.process = subprocess.Popen([program, network, str(width), str(height), "--mean", text[0],
                                         "--deviation", text[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.floats = floats

    def map(self, pictures):
        """The outputs for each picture of an iterable, in order. The pictures are made while earlier ones are run."""
        ahead = queue.Queue(maxsize=64)

        def feed():
            for picture in pictures:
                ahead.put(True)
                self.process.stdin.write(numpy.ascontiguousarray(picture).tobytes())
                self.process.stdin.flush()
            ahead.put(False)

        feeder = threading.Thread(target=feed, daemon=True)
        feeder.start()
        while ahead.get():
            answer = self.process.stdout.read(self.floats * 4)
            if len(answer) != self.floats * 4:
                raise RuntimeError("run_network stopped")
            yield numpy.frombuffer(answer, numpy.float32)
        feeder.join()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def yunet_floats(width, height):
    return sum((width // s) * (height // s) * 16 for s in STRIDES)


def decode_yunet(outputs, width, height, score_min):
    """`outputs` is all of them in the file's order (cls, obj, bbox, kps, each at strides 8, 16 and 32).

    Returns an array of rows: score, left, top, right, bottom, ten landmark coordinates; in pixels of the input.
    """
    cells = [(width // s) * (height // s) for s in STRIDES]
    parts, at = [], 0
    for channels in (1, 1, 4, 10):
        for count in cells:
            parts.append(outputs[at:at + count * channels].reshape(count, channels))
            at += count * channels
    rows = []
    for i, stride in enumerate(STRIDES):
        cls, obj, box, points = parts[i], parts[3 + i], parts[6 + i], parts[9 + i]
        score = numpy.sqrt(numpy.clip(cls, 0, 1) * numpy.clip(obj, 0, 1))[:, 0]
        kept = numpy.flatnonzero(score >= score_min)
        if not len(kept):
            continue
        columns = width // stride
        cell = numpy.stack([kept % columns, kept // columns], 1)
        centre = (cell + box[kept, :2]) * stride
        half = numpy.exp(numpy.minimum(box[kept, 2:], 10)) * stride / 2
        landmarks = (numpy.tile(cell, 5) + points[kept]) * stride
        rows.append(numpy.concatenate([score[kept, None], centre - half, centre + half, landmarks], 1))
    return numpy.concatenate(rows) if rows else numpy.zeros((0, 15), numpy.float32)


def surest(found):
    """The row of decode_yunet() with the highest score, or None."""
    return found[numpy.argmax(found[:, 0])] if len(found) else None


def similitude(source, target):
    """The 2x3 matrix of the similarity transform that moves `source` onto `target` with the least squared error."""
    s, t = source - source.mean(0), target - target.mean(0)
    power = (s * s).sum()
    a = (s * t).sum() / power
    b = (s[:, 0] * t[:, 1] - s[:, 1] * t[:, 0]).sum() / power
    matrix = numpy.array([[a, -b], [b, a]])
    return numpy.concatenate([matrix, (target.mean(0) - matrix @ source.mean(0))[:, None]], 1).astype(numpy.float32)


def aligned(picture, landmarks, margin=MARGIN):
    """The face with `margin` pixels around the 112-pixel picture, RGBA; what shrinks is averaged over the area it covers.

    Where the picture ends its edge is drawn on, and the fourth channel is 0.
    """
    size = SIZE + 2 * margin
    matrix = similitude(landmarks, TEMPLATE + margin)
    finer = max(1, math.ceil(0.8 / float(numpy.hypot(matrix[0, 0], matrix[1, 0]))))
    matrix = matrix * finer + numpy.array([[0, 0, (finer - 1) / 2]] * 2, numpy.float32)

    def warped(source, border):
        large = cv2.warpAffine(source, matrix, (size * finer, size * finer), flags=cv2.INTER_LINEAR, borderMode=border)
        return cv2.resize(large, (size, size), interpolation=cv2.INTER_AREA)

    inside = numpy.full(picture.shape[:2], 255, numpy.uint8)
    return numpy.dstack([warped(picture, cv2.BORDER_REPLICATE)[:, :, ::-1], warped(inside, cv2.BORDER_CONSTANT)])
