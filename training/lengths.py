"""lengths.py --views RUN --faces DIR [DIR ...] --teacher FILE.onnx:DIMENSIONS[:MEAN:DEVIATION] [...]
              --embedder FILE.onnx:DIMENSIONS[:MEAN:DEVIATION] --runner RUN_NETWORK

What the length of another embedder's vectors tells of how far their directions can be relied on: shows it the held views of
quality.py and the faces that they come from, and fits a logistic function from length to the cosine between the two. Prints its
middle and spread, for the `thresholds` of that embedder's role in its pack.toml, and what share of each kind a bar refuses.
"""
import argparse
import pathlib

import torch
from torch.nn import functional

import faces
from chance import Chance
from progress import Progress
from quality import CHUNK, KINDS, SEED, Faces, logistic, print_refused, report, views_of
from teachers import Teacher


class Seen:
    def __init__(self, kinds, targets):
        self.kinds, self.targets = kinds, targets


def middle_and_spread(lengths, cosines):
    slope, offset = logistic((lengths - lengths.mean()) / lengths.std(), cosines).tolist()
    spread = (lengths.std() / slope).item()
    return lengths.mean().item() - offset * spread, spread


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--views", required=True, type=pathlib.Path, help="what quality.py wrote")
    parser.add_argument("--faces", required=True, nargs="+", help="as for quality.py")
    parser.add_argument("--teacher", required=True, nargs="+", help="as for quality.py")
    parser.add_argument("--embedder", required=True)
    parser.add_argument("--runner", required=True)
    parser.add_argument("--count", type=int, default=8_192)
    options = parser.parse_args()
    torch.set_num_threads(1)
    people = Faces(options.faces, options.teacher, options.runner, options.views)
    about = Teacher(options.embedder)
    runner = faces.Runner(options.runner, about.path, faces.SIZE, faces.SIZE, about.dimensions, about.mean, about.deviation)

    def both(views):
        pictures = torch.stack([views, views.flip(3)], 1).flatten(0, 1).permute(0, 2, 3, 1).contiguous().numpy()
        said = torch.stack([torch.from_numpy(answer.copy()) for answer in runner.map(pictures)]).view(len(views), 2, -1)
        return functional.normalize(functional.normalize(said, dim=2).sum(1), dim=1), said.norm(dim=2).mean(1)

    lengths, cosines, all_kinds = [], [], []
    progress = Progress("lengths", options.count, every=20)
    for at in range(0, options.count, CHUNK):
        views, kinds, _, rows = views_of(people, Chance(SEED + 2 * at + 1), True)
        clean = torch.from_numpy(people.pictures[rows.numpy()]).permute(0, 3, 1, 2)
        margin = faces.MARGIN
        directions, length = both(views)
        cosine = (directions * both(clean[:, :, margin:-margin, margin:-margin])[0]).sum(1).clamp(0, 1)
        cosine[kinds == KINDS.index("nothing")] = 0
        lengths.append(length)
        cosines.append(cosine)
        all_kinds.append(kinds)
        progress.step(CHUNK)
    lengths, seen = torch.cat(lengths), Seen(torch.cat(all_kinds), torch.cat(cosines))
    middle, spread = middle_and_spread(lengths, seen.targets)
    print(f"length_middle = {middle:.4f}\nlength_spread = {spread:.4f}")
    report("the length", lengths, seen)
    print_refused(torch.sigmoid((lengths - middle) / spread), seen)


if __name__ == "__main__":
    main()
