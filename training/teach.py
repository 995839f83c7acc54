"""teach.py --faces DIR [DIR ...] --teacher FILE.onnx:DIMENSIONS[:MEAN:DEVIATION] [...] --runner RUN_NETWORK
            --count N --out DIR

Makes N faces of people who do not exist (people.py) and asks the teachers of each: their embeddings, each of unit length,
one behind the other, as f16. Writes DIR/faces.u8 (N x 144 x 144 x 3) and DIR/taught.f16 (N rows), grows them while it runs,
and goes on where it stopped; DIR/held.f16 has a row for each face held out. The training may begin while this runs. On a
GPU it is not needed: there embedder.py asks the teachers itself.
"""
import argparse
import json
import os
import pathlib

import numpy

import faces
from chance import Chance
from people import People
from progress import Progress
from teachers import OnCpu

CHUNK = 256  # faces at a time
SEED = 20261126


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
    teachers = OnCpu(options.teacher, options.runner)
    (options.out / "taught.json").write_text(json.dumps({"dimensions": teachers.dimensions, "faces": options.faces}))

    held = options.out / "held.f16"
    if not held.exists():
        teachers(people.held_faces()).numpy().astype(numpy.float16).tofile(held)

    taught, drawn = options.out / "taught.f16", options.out / "faces.u8"
    row_bytes, face_bytes = 2 * teachers.dimensions, faces.CANVAS * faces.CANVAS * 3
    done = (taught.stat().st_size // row_bytes if taught.exists() else 0) // CHUNK * CHUNK
    with open(taught, "ab") as rows, open(drawn, "ab") as pictures:
        os.ftruncate(rows.fileno(), done * row_bytes)
        os.ftruncate(pictures.fileno(), done * face_bytes)
        progress = Progress("teaching", options.count, done, every=20)
        for chunk in range(done // CHUNK, -(-options.count // CHUNK)):
            canvases = people.faces(CHUNK, Chance(SEED + chunk))
            pictures.write(canvases.permute(0, 2, 3, 1).contiguous().numpy().tobytes())
            pictures.flush()  # before the rows, which say how many there are
            rows.write(teachers(canvases).numpy().astype(numpy.float16).tobytes())
            rows.flush()
            progress.step(CHUNK)


if __name__ == "__main__":
    main()
