"""teach.py --faces DIR [DIR ...] --teacher FILE.onnx:DIMENSIONS[:MEAN:DEVIATION] [...] --runner RUN_NETWORK
            --count N --out DIR

What the teachers say of the first N faces of people.py (and of those held out): their embeddings, each of unit length,
one behind the other, as f16. Writes DIR/taught.f16 (N rows) and DIR/faces.u8 (the faces themselves: drawing one takes as
long as training on it), grows them while it runs, and goes on where it stopped; DIR/held.f16 has a row for each face
held out. The training may begin while this runs.
"""
import argparse
import json
import os
import pathlib

import numpy

import faces
from people import People, is_mirrored
from progress import Progress

CHUNK = 256  # views at a time


def aligned_view(canvas, mirrored):
    view = canvas[faces.MARGIN:-faces.MARGIN, faces.MARGIN:-faces.MARGIN]
    return view[:, ::-1] if mirrored else view


class Teachers:
    def __init__(self, texts, runner):
        self.runners = []
        for text in texts:
            path, dimensions, mean, deviation = (text.split(":") + ["0,0,0", "1,1,1"])[:4]
            self.runners.append(faces.Runner(runner, path, faces.SIZE, faces.SIZE, int(dimensions), mean.split(","),
                                             deviation.split(",")))
        self.dimensions = sum(r.floats for r in self.runners)

    def __call__(self, views):
        """N x dimensions: what they say of a list of views, one behind the other, each of unit length."""
        answers = [numpy.stack(list(runner.map(views))) for runner in self.runners]
        units = [a / numpy.linalg.norm(a, axis=1, keepdims=True) for a in answers]
        return numpy.concatenate(units, 1).astype(numpy.float16)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--faces", required=True, nargs="+")
    parser.add_argument("--teacher", required=True, nargs="+")
    parser.add_argument("--runner", required=True)
    parser.add_argument("--count", required=True, type=int)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    people = People(options.faces)
    teachers = Teachers(options.teacher, options.runner)
    (options.out / "taught.json").write_text(json.dumps(
        {"teachers": [[pathlib.Path(t.split(":")[0]).name, int(t.split(":")[1])] for t in options.teacher],
         "dimensions": teachers.dimensions, "faces": options.faces}))

    held = options.out / "held.f16"
    if not held.exists():
        # The mean of a face and its mirror image: the best that the teachers can say.
        canvases = [people.held_face(place) for place in range(len(people.held))]
        both = [teachers([aligned_view(c, mirrored) for c in canvases]) for mirrored in (False, True)]
        (both[0].astype(numpy.float32) + both[1]).astype(numpy.float16).tofile(held)

    taught, drawn = options.out / "taught.f16", options.out / "faces.u8"
    row_bytes, face_bytes = 2 * teachers.dimensions, faces.CANVAS * faces.CANVAS * 3
    done = taught.stat().st_size // row_bytes if taught.exists() else 0
    with open(taught, "ab") as rows, open(drawn, "ab") as pictures:
        os.ftruncate(rows.fileno(), done * row_bytes)
        os.ftruncate(pictures.fileno(), done * face_bytes)
        progress = Progress("teaching", options.count, done, every=20)
        for start in range(done, options.count, CHUNK):
            numbers = range(start, min(start + CHUNK, options.count))
            canvases = [people.face(number) for number in numbers]
            views = [aligned_view(canvas, is_mirrored(number)) for canvas, number in zip(canvases, numbers)]
            pictures.write(numpy.stack(canvases).tobytes())
            pictures.flush()  # before the rows, which say how many there are
            rows.write(teachers(views).tobytes())
            rows.flush()
            progress.step(len(views))


if __name__ == "__main__":
    main()
