"""compose.py --faces DIR [DIR ...] [--pictures FOLDER] [--negatives FOLDER] [--detector yunet.onnx --runner RUN_NETWORK]
            --count N --out DIR [--part P --parts Q]

Pictures of many faces, of one, of none, and what a detector says of them: training material for one of our own.
Writes DIR/pictures.u8 (N x 320 x 320 x 3, RGB) and DIR/dense.f16 (N x 2100 x 15: score, box and landmarks of every cell of
the strides 8, 16 and 32, as YuNet gives them), and goes on where it stopped. Without --detector it writes the pictures
alone: on a GPU detector.py asks the teacher itself. Q processes with the parts 0 to Q - 1 share the work, each with a DIR.

A scene is a background (colours, patterns, clutter, a photograph without people from --negatives) with up to twelve faces
of 11 to 280 pixels, turned, under hats, behind hands, half covered or cut by the edge; or one face that fills a good part
of it, as the second look at a face does; or a part of a drawn group picture from --pictures.
"""
import argparse
import os
import pathlib

import cv2
import numpy
import torch

import faces
from chance import Chance
from covers import covered, dark_glasses, hat
from people import People
from progress import Progress

SIZE = 320
CELLS = sum((SIZE // s) ** 2 for s in faces.STRIDES)
SEED = 4566
CHUNK = 64


def background(chance, negatives):
    if negatives and chance.random() < 0.4:
        return _crop(negatives[chance.integers(len(negatives))], chance)
    small = chance.uniform(0, 255, 3) + chance.uniform(0, 70) * chance.normal(0, 1, (*chance.integers(2, 24, 2), 3))
    scene = cv2.resize(numpy.clip(small, 0, 255).astype(numpy.uint8), (SIZE, SIZE),
                       interpolation=(cv2.INTER_CUBIC, cv2.INTER_NEAREST)[int(chance.random() < 0.2)])
    if chance.random() < 0.3:  # bricks, stripes, windows
        step = int(chance.integers(6, 60))
        pattern = chance.uniform(0, 255, (step, step * int(chance.integers(1, 3)), 3)).astype(numpy.uint8)
        pattern = cv2.resize(cv2.GaussianBlur(pattern, (0, 0), chance.uniform(0.5, step / 3)), None, fx=2, fy=2)
        tiled = numpy.tile(pattern, (SIZE // pattern.shape[0] + 1, SIZE // pattern.shape[1] + 1, 1))[:SIZE, :SIZE]
        scene = cv2.addWeighted(scene, 0.5, numpy.ascontiguousarray(tiled), 0.5, 0)
    for _ in range(int(chance.integers(0, 14))):  # clutter: what has edges and curves and is no face
        colour = tuple(int(c) for c in chance.integers(0, 256, 3))
        at = tuple(int(c) for c in chance.integers(0, SIZE, 2))
        to = tuple(int(c) for c in chance.integers(0, SIZE, 2))
        thick = int(chance.integers(-1, 8)) or -1
        match int(chance.integers(4)):
            case 0:
                cv2.rectangle(scene, at, to, colour, thick)
            case 1:
                cv2.ellipse(scene, at, tuple(int(c) for c in chance.integers(3, 90, 2)), int(chance.integers(180)), 0,
                            int(chance.integers(90, 361)), colour, thick)
            case 2:
                cv2.line(scene, at, to, colour, abs(thick))
            case 3:
                cv2.putText(scene, "".join(chr(c) for c in chance.integers(48, 91, 6)), at, 0, chance.uniform(0.4, 3), colour,
                            abs(thick))
    return scene


def _crop(picture, chance, smallest=0.25):
    """A square of a picture at any scale, as the scene."""
    side = int(chance.uniform(smallest, 1) * min(picture.shape[:2]))
    top, left = (int(chance.integers(n - side + 1)) for n in picture.shape[:2])
    part = picture[top:top + side, left:left + side]
    return cv2.resize(part, (SIZE, SIZE), interpolation=cv2.INTER_AREA if side > SIZE else cv2.INTER_LINEAR)


def pasted(scene, face, size, centre, chance):
    """`face` is an aligned canvas; `size` the width of the face in pixels of the scene."""
    angle = numpy.deg2rad(chance.normal(0, 14) if chance.random() < 0.9 else chance.uniform(-90, 90))
    scale = size / 62
    a, b = scale * numpy.cos(angle), scale * numpy.sin(angle)
    middle = faces.CANVAS / 2
    turned = numpy.array([[a, -b], [b, a]])
    if chance.random() < 0.15:  # as a head that looks aside
        turned[:, 0] *= chance.uniform(0.5, 0.9)
    matrix = numpy.column_stack([turned, numpy.asarray(centre) - turned @ [middle, middle]])
    if scale < 0.7:
        face = cv2.GaussianBlur(face, (0, 0), 0.45 / scale)
    kind = chance.random()
    mask = numpy.zeros(face.shape[:2], numpy.uint8)
    if kind < 0.3:  # a picture of its own, as on a page
        mask[2:-2, 2:-2] = 255
    else:  # a head in front of something, on shoulders
        if kind < 0.8:
            body = matrix @ [72, 190, 1]
            cv2.ellipse(scene, tuple(int(c) for c in body), (int(90 * scale), int(62 * scale)), numpy.rad2deg(angle), 0, 360,
                        tuple(int(c) for c in chance.integers(0, 256, 3)), -1)
        cv2.ellipse(mask, (72, int(chance.integers(64, 74))), (int(chance.integers(50, 66)), int(chance.integers(62, 76))), 0, 0,
                    360, 255, -1)
        mask = cv2.GaussianBlur(mask, (0, 0), 2)
    where = cv2.warpAffine(mask, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR).astype(numpy.float32) / 255
    drawn = cv2.warpAffine(face, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cv2.blendLinear(drawn, scene, where, 1 - where)


def developed(scene, chance, smallest=None):
    """What a camera makes of a scene: light, grey, blur, noise, JPEG; with `smallest` at times as few pixels as that."""
    strength = 3 if chance.random() < 0.15 else 1
    light = numpy.arange(256)[:, None] * numpy.exp(strength * (chance.normal(0, 0.2) + chance.normal(0, 0.05, 3)))
    light = numpy.clip(light + strength * chance.normal(0, 15), 0, 255).astype(numpy.uint8)
    scene = cv2.LUT(scene, light[None])
    if chance.random() < 0.1:
        scene = numpy.repeat(cv2.cvtColor(scene, cv2.COLOR_RGB2GRAY)[:, :, None], 3, 2)
    if smallest and chance.random() < 0.4:
        side = int(SIZE * numpy.exp(chance.uniform(numpy.log(smallest), 0)))
        scene = cv2.resize(cv2.resize(scene, (side, side), interpolation=cv2.INTER_AREA), (SIZE, SIZE))
    if chance.random() < 0.15:
        scene = cv2.GaussianBlur(scene, (0, 0), chance.uniform(0.3, 1.5 * strength))
    if chance.random() < 0.2:
        scene = numpy.clip(scene + chance.normal(0, chance.uniform(2, 12), scene.shape), 0, 255).astype(numpy.uint8)
    if chance.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(30, 95))]
        scene = cv2.imdecode(cv2.imencode(".jpg", scene, quality)[1], cv2.IMREAD_COLOR)
    return scene


def composed(number, people, pictures, negatives):
    """SIZE x SIZE x 3, RGB; always the same for the same number."""
    chance = numpy.random.Generator(numpy.random.Philox([SEED, number]))
    if pictures and chance.random() < 0.3:
        scene = _crop(pictures[chance.integers(len(pictures))], chance, 0.45)
    else:
        scene = background(chance, negatives)
        if chance.random() < 0.35:
            sizes, centres = chance.uniform(60, 220, 1), chance.normal(0.5, 0.08, (1, 2)) * SIZE
        else:
            count = int(chance.integers(0, 13)) if chance.random() < 0.5 else int(chance.integers(0, 3))
            largest = 280 / max(1, count) ** 0.5
            sizes = numpy.sort(numpy.exp(chance.uniform(numpy.log(11), numpy.log(largest), count)))[::-1]
            centres = chance.uniform(-0.1, 1.1, (count, 2)) * SIZE
        drawn = people.faces(len(sizes), Chance(number)).permute(0, 2, 3, 1).contiguous().numpy() if len(sizes) else []
        for face, size, centre in zip(drawn, sizes, centres):
            for share, cover in ((0.08, dark_glasses), (0.12, hat), (0.12, covered)):
                if chance.random() < share:
                    face = numpy.clip(cover(face, chance, drawn[0]), 0, 255).astype(numpy.uint8)
            scene = pasted(scene, face, size, centre, chance)
    return developed(scene, chance)


def dense(outputs):
    """YuNet's outputs to CELLS x 15 (score, box 4, landmarks 10), relative to the cells as it gives them."""
    cells = [(SIZE // s) ** 2 for s in faces.STRIDES]
    parts, at = [], 0
    for channels in (1, 1, 4, 10):
        parts.append(outputs[at:at + CELLS * channels].reshape(CELLS, channels))
        at += CELLS * channels
    assert sum(cells) == CELLS and at == len(outputs)
    score = numpy.sqrt(numpy.clip(parts[0], 0, 1) * numpy.clip(parts[1], 0, 1))
    return numpy.concatenate([score, parts[2], parts[3]], 1).astype(numpy.float16)


def pictures_below(folder):
    names = sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png")) if folder else []
    return [p[:, :, ::-1].copy() for p in (cv2.imread(str(name)) for name in names) if p is not None and min(p.shape[:2]) >= 64]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--faces", required=True, nargs="+")
    parser.add_argument("--pictures", help="a folder of pictures with faces, taken as they are")
    parser.add_argument("--negatives", help="a folder of pictures without faces")
    parser.add_argument("--detector")
    parser.add_argument("--runner")
    parser.add_argument("--count", required=True, type=int)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    people, pictures, negatives = People(options.faces), pictures_below(options.pictures), pictures_below(options.negatives)
    detector = options.detector and faces.Runner(options.runner, options.detector, SIZE, SIZE, faces.yunet_floats(SIZE, SIZE))

    labels, scenes = options.out / "dense.f16", options.out / "pictures.u8"
    label_bytes, scene_bytes = CELLS * 15 * 2, SIZE * SIZE * 3
    written, each = (labels, label_bytes) if detector else (scenes, scene_bytes)
    done = written.stat().st_size // each if written.exists() else 0
    with open(labels, "ab") as rows, open(scenes, "ab") as drawn:
        os.ftruncate(rows.fileno(), done * label_bytes if detector else 0)
        os.ftruncate(drawn.fileno(), done * scene_bytes)
        progress = Progress("composing", options.count, done, every=20)
        for start in range(done, options.count, CHUNK):
            numbers = range(start, min(start + CHUNK, options.count))
            batch = [composed(n * options.parts + options.part, people, pictures, negatives) for n in numbers]
            drawn.write(numpy.stack(batch).tobytes())
            drawn.flush()
            if detector:
                seen = detector.map([scene[:, :, ::-1] for scene in batch])  # BGR
                rows.write(numpy.stack([dense(outputs) for outputs in seen]).tobytes())
                rows.flush()
            progress.step(len(batch))


if __name__ == "__main__":
    main()
