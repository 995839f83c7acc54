"""landmarks.py --pictures FILE.tar.gz [...] --detector yunet.onnx --runner RUN_NETWORK --out DIR

Faces as the second look sees them, and where their eyes, nose and mouth are: training material for our own detector.
YuNet's landmarks move by 4 % of the eye distance when a picture is shifted by a few pixels; the mean of LOOKS looks at
other sizes and places, half of them mirrored, is a better teacher than any of them.

Every picture of the archives, with one face each, is put in front of a background. Writes DIR/looks.u8 (N x 320 x 320 x 3,
RGB, the face in the middle and FACE px wide) and DIR/landmarks.f32 (N x 14: box and landmarks in pixels of the picture),
and goes on where it stopped. A picture in which no face is found, or of which the looks do not agree, is left out.
"""
import argparse
import itertools
import math
import os
import pathlib

import cv2
import numpy
import torch
from torch.nn import functional

import faces
from compose import SIZE, background, developed
from prepare import INPUT, SCORE_MIN, Framed, pictures_of
from progress import Progress

FACE = 124         # px, the longer side of the box; SIZE is 2.6 times as much
LOOK = 192         # px of a look, as in src/vision/second_look.h
LOOKS = 16
AGREE_MIN = 12     # of the looks must see the face
SPREAD_MAX = 0.08  # of the eye distance, the looks' standard deviation
VALUES = 14
SEED = 911
CHUNK = 64
HELD = 512         # the first: never trained on


def best(outputs, side):
    """The detection in the middle of a square picture that YuNet is surest of, or None: score, box, landmarks."""
    found = faces.decode_yunet(outputs, side, side, SCORE_MIN)
    centres = (found[:, 1:3] + found[:, 3:5]) / 2
    return faces.surest(found[(numpy.abs(centres - side / 2) < 0.2 * side).all(1)])


def placed(picture, face, chance):
    """The picture turned, the face FACE px wide in the middle of a scene; RGB."""
    scene = background(chance, None)
    box = face[1:5].reshape(2, 2)
    scale = FACE / (box[1] - box[0]).max() * numpy.exp(chance.normal(0, 0.05))
    angle = numpy.deg2rad(chance.normal(0, 14) if chance.random() < 0.9 else chance.uniform(-60, 60))
    turned = scale * numpy.array([[numpy.cos(angle), -numpy.sin(angle)], [numpy.sin(angle), numpy.cos(angle)]])
    middle = box.mean(0)
    matrix = numpy.column_stack([turned, SIZE / 2 + chance.normal(0, 3, 2) - turned @ middle])
    mask = numpy.zeros(picture.shape[:2], numpy.uint8)
    mask[1:-1, 1:-1] = 255
    if chance.random() < 0.6:  # a head in front of something
        head, half = numpy.zeros_like(mask), (box[1] - box[0]) * chance.uniform(0.62, 0.9, 2)
        cv2.ellipse(head, tuple(int(c) for c in middle), tuple(int(c) for c in half), 0, 0, 360, 255, -1)
        mask = cv2.GaussianBlur(numpy.minimum(mask, head), (0, 0), 2)
    where = cv2.warpAffine(mask, matrix, (SIZE, SIZE)).astype(numpy.float32) / 255
    drawn = cv2.warpAffine(picture[:, :, ::-1], matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cv2.blendLinear(drawn, scene, where, 1 - where)


def looks_at(scene, box, chance):
    """LOOKS squares of LOOK px around the face, BGR, and their places: left, top, side."""
    middle, side = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]).max()
    views, places = [], []
    for number in range(LOOKS):
        length = int(side * chance.uniform(1.45, 2.1))
        left, top = (middle + side * chance.uniform(-0.1, 0.1, 2) - length / 2).astype(int)
        turn = numpy.eye(2, 3) * LOOK / length
        turn[:, 2] = (LOOK / length - 1) / 2 - numpy.array([left, top]) * LOOK / length  # OpenCV counts pixels from their centres
        view = cv2.warpAffine(scene[:, :, ::-1], turn, (LOOK, LOOK), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        views.append(view[:, ::-1] if number % 2 else view)
        places.append((left, top, length))
    return views, places


def agreed(answers, places):
    """Where most looks see the landmarks, 5 x 2, or None."""
    points = []
    for number, (outputs, (left, top, length)) in enumerate(zip(answers, places)):
        found = best(outputs, LOOK)
        if found is None:
            continue
        landmarks = found[5:].reshape(5, 2)
        if number % 2:
            landmarks = landmarks[faces.MIRRORED] * [-1, 1] + [LOOK, 0]
        points.append(landmarks * length / LOOK + [left, top])
    if len(points) < AGREE_MIN:
        return None
    middle = numpy.median(points, 0)
    eyes = numpy.linalg.norm(middle[1] - middle[0])
    return numpy.mean(points, 0) if numpy.std(points, 0).mean() < SPREAD_MAX * eyes else None


def labelled(pictures, ask):
    """Of some numbered pictures those whose looks agree: scene, chance, box and landmarks. `ask` is YuNet: side, pictures."""
    framed = [Framed(picture) for _, picture in pictures]
    scenes = []
    for (number, _), frame, outputs in zip(pictures, framed, ask(INPUT, [frame.seen for frame in framed])):
        face = frame.found(outputs)
        if face is not None:
            chance = numpy.random.Generator(numpy.random.Philox([SEED, number]))
            scenes.append((placed(frame.picture, face, chance), chance))
    found = [best(outputs, SIZE) for outputs in ask(SIZE, [scene[:, :, ::-1] for scene, _ in scenes])]
    seen = [(scene, chance, face[1:5]) for (scene, chance), face in zip(scenes, found) if face is not None]
    looked = [looks_at(scene, box, chance) for scene, chance, box in seen]
    answers = iter(ask(LOOK, [view for views, _ in looked for view in views]))
    for (scene, chance, box), (_, places) in zip(seen, looked):
        landmarks = agreed(list(itertools.islice(answers, LOOKS)), places)
        if landmarks is not None:
            yield scene, chance, box, landmarks


class Looks:
    """Batches of second looks, N x 3 x LOOK x LOOK, and where the landmarks are in them, N x 5 x 2 in pixels."""

    def __init__(self, folder, batch, chance, device):
        self.rows = torch.from_numpy(numpy.fromfile(folder / "landmarks.f32", numpy.float32).reshape(-1, VALUES))
        self.scenes = numpy.memmap(folder / "looks.u8", numpy.uint8, "r").reshape(-1, SIZE, SIZE, 3)
        self.batch, self.chance, self.device = batch, chance, device

    def held(self):
        """The first HELD of them, seen as they are."""
        turns = torch.eye(2).repeat(HELD, 1, 1) * self._sides(self.rows[:HELD], 1.75)[:, None, None] / LOOK
        return self._seen(torch.arange(HELD), turns, torch.zeros(HELD, 2))

    def next(self):
        count, chance = self.batch, self.chance
        numbers = HELD + chance.integers(len(self.rows) - HELD, count).sort().values
        sides = self._sides(self.rows[numbers], chance.uniform(1.5, 2.0, count).flatten())
        angle = math.radians(4) * chance.normal(count)
        mirror = torch.where(chance.often(0.5, count).flatten(), -1.0, 1.0)
        turns = torch.stack([torch.stack([mirror * angle.cos(), -angle.sin()], 1),
                             torch.stack([mirror * angle.sin(), angle.cos()], 1)], 1) * (sides / LOOK)[:, None, None]
        return self._seen(numbers, turns, 0.03 * sides[:, None] * chance.normal(count, 2))

    def _sides(self, rows, margin):
        return (rows[:, 2:4] - rows[:, :2]).amax(1) * margin

    def _seen(self, numbers, turns, shifts):
        """`turns` lead from a look's pixels to those of the scene, both from the middle of the look."""
        rows, device = self.rows[numbers], self.device
        middles = (rows[:, :2] + rows[:, 2:4]) / 2 + shifts
        scenes = torch.from_numpy(self.scenes[numbers.numpy()]).to(device).permute(0, 3, 1, 2).float()
        theta = torch.cat([turns * LOOK / SIZE, (2 * middles / SIZE - 1)[:, :, None]], 2).to(device)
        grid = functional.affine_grid(theta, (len(numbers), 3, LOOK, LOOK), align_corners=False)
        views = functional.grid_sample(scenes, grid, padding_mode="border", align_corners=False)
        points = (rows[:, 4:].reshape(-1, 5, 2) - middles[:, None]) @ torch.linalg.inv(turns).transpose(1, 2) + LOOK / 2
        is_mirrored = torch.linalg.det(turns) < 0
        points[is_mirrored] = points[is_mirrored][:, faces.MIRRORED]
        return views, points.to(device)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--pictures", required=True, nargs="+", help=".tar.gz of pictures with one face each")
    parser.add_argument("--detector", required=True)
    parser.add_argument("--runner", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--count", type=int, default=26_700, help="of pictures, for the progress line")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    runners = {side: faces.Runner(options.runner, options.detector, side, side, faces.yunet_floats(side, side))
               for side in (INPUT, SIZE, LOOK)}

    def ask(side, pictures):
        return list(runners[side].map(pictures))

    tried, rows, drawn = (options.out / name for name in ("tried.txt", "landmarks.f32", "looks.u8"))
    done, kept = (int(n) for n in tried.read_text().split()) if tried.exists() else (0, 0)
    pictures = itertools.chain.from_iterable(pictures_of(archive) for archive in options.pictures)
    progress = Progress("landmarks", options.count, done, every=20)
    with open(rows, "ab") as labels, open(drawn, "ab") as scenes:
        os.ftruncate(labels.fileno(), kept * VALUES * 4)
        os.ftruncate(scenes.fileno(), kept * SIZE * SIZE * 3)
        pictures = itertools.islice(enumerate(picture for _, picture in pictures), done, None)
        while chunk := list(itertools.islice(pictures, CHUNK)):
            for scene, chance, box, landmarks in labelled(chunk, ask):
                labels.write(numpy.concatenate([box, landmarks.ravel()]).astype(numpy.float32).tobytes())
                scenes.write(developed(scene, chance, smallest=24 / FACE).tobytes())
                kept += 1
            labels.flush()
            scenes.flush()
            done += len(chunk)
            tried.write_text(f"{done} {kept}")
            progress.step(len(chunk), f"{kept} kept")
    print(f"{kept} faces of {done} pictures")


if __name__ == "__main__":
    main()
