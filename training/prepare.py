"""prepare.py --pictures utkface.tar.gz --detector yunet.onnx --runner build/release/run_network --out DIR

Every picture of the archive to one aligned face. Writes into DIR:
  faces.npy   N x 144 x 144 x 4, RGBA (A = 0 outside the picture), aligned to the 112-pixel template with 16 pixels around
  names.txt   the picture's name in the archive, a line each
  held.npy    N booleans: kept out of training, for evaluation (every 20th, by the name's digest)
A picture in which no face is found is left out.
"""
import argparse
import collections
import hashlib
import pathlib
import tarfile

import cv2
import numpy

import faces
from progress import Progress

INPUT = 256      # the side of the picture that the detector sees
BORDER = 0.14    # of it, around a cropped face: the detector wants to see where the head ends
SCORE_MIN = 0.5


class Framed:
    """A picture as the detector sees it, with the way back."""

    def __init__(self, picture):
        self.picture = picture
        self.border = int(max(picture.shape[:2]) * BORDER)
        framed = cv2.copyMakeBorder(picture, *[self.border] * 4, cv2.BORDER_REPLICATE)
        self.factor = INPUT / max(framed.shape[:2])
        how = cv2.INTER_AREA if self.factor < 1 else cv2.INTER_LINEAR
        seen = cv2.resize(framed, None, fx=self.factor, fy=self.factor, interpolation=how)
        self.seen = cv2.copyMakeBorder(seen, 0, INPUT - seen.shape[0], 0, INPUT - seen.shape[1], cv2.BORDER_CONSTANT)

    def found(self, outputs):
        """What the detector is surest of, or None: score, box and landmarks in pixels of the picture."""
        surest = faces.surest(faces.decode_yunet(outputs, INPUT, INPUT, SCORE_MIN))
        if surest is not None:
            surest[1:] = surest[1:] / self.factor - self.border - 0.5
        return surest

    def face(self, outputs):
        """That face aligned, or None."""
        surest = self.found(outputs)
        return None if surest is None else faces.aligned(self.picture, surest[5:].reshape(5, 2).astype(numpy.float32))


def pictures_of(archive):
    """(name, picture) for every file of a .tar.gz that decodes."""
    with tarfile.open(archive, "r|gz") as members:
        for member in members:
            data = members.extractfile(member).read() if member.isfile() else b""
            picture = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_COLOR) if data else None
            if picture is not None:
                yield member.name, picture


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", required=True, help="a .tar.gz of pictures with one face each")
    parser.add_argument("--detector", required=True, help="YuNet as an ONNX file")
    parser.add_argument("--runner", required=True, help="build/release/run_network")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--count", type=int, default=23_707, help="of pictures, for the progress line")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    detector = faces.Runner(options.runner, options.detector, INPUT, INPUT, faces.yunet_floats(INPUT, INPUT))

    waiting, found, names = collections.deque(), [], []

    def seen():
        for name, picture in pictures_of(options.pictures):
            waiting.append((name, Framed(picture)))
            yield waiting[-1][1].seen

    progress = Progress("aligning", options.count)
    for outputs in detector.map(seen()):
        name, framed = waiting.popleft()
        face = framed.face(outputs)
        progress.step()
        if face is not None:
            found.append(face)
            names.append(name)
    detector.close()
    numpy.save(options.out / "faces.npy", numpy.stack(found))
    (options.out / "names.txt").write_text("\n".join(names) + "\n")
    held = [int(hashlib.sha256(name.encode()).hexdigest(), 16) % 20 == 0 for name in names]
    numpy.save(options.out / "held.npy", numpy.array(held))
    print(f"{len(found)} faces of {progress.done} pictures, {sum(held)} of them held out")


if __name__ == "__main__":
    main()
