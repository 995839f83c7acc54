"""groups.py --taught DIR --from RUN/last.pt --cosine C

How an embedder does on the faces held out, by the age and the groups that UTKFace's file names label
(AGE_GENDER_GROUP_TIME.jpg): agreement with its teachers, and how often two faces of a group are taken for one person at the
cosine C, where that should happen at a known rate. UTKFace has no identities; a few pairs may be one person. Prints Markdown.
"""
import argparse
import json
import pathlib

import numpy
import torch
from torch.nn import functional

import faces
from embedder import Embedder, Taught, network_input

AGES = (0, 4, 13, 20, 40, 60, 80, 200)
GENDERS = ("men", "women")
GROUPS = ("White", "Black", "Asian", "Indian", "others")


def labels_of(folders):
    """(age, gender, group) of every face held out."""
    labels = []
    for folder in map(pathlib.Path, folders):
        held = numpy.load(folder / "held.npy")
        for name in numpy.array((folder / "names.txt").read_text().split("\n")[:-1])[held]:
            parts = (pathlib.Path(name).name.split("_") + ["?"] * 3)[:3]
            labels.append([int(part) if part.isdigit() else -1 for part in parts])
    return numpy.array(labels)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--taught", required=True, type=pathlib.Path)
    parser.add_argument("--from", dest="start", required=True)
    parser.add_argument("--cosine", required=True, type=float)
    options = parser.parse_args()
    state = torch.load(options.start, map_location="cpu")
    network = Embedder(state["net"], state["dimensions"])
    network.load_state_dict(state["average"])
    network.eval()
    taught = Taught(options.taught, 1, 1, 1.0)
    canvases, targets = taught.held()
    margin, said = faces.MARGIN, []
    with torch.no_grad():
        for part in canvases.split(128):
            views = part[:, :, margin:-margin, margin:-margin]
            both = [functional.normalize(network(network_input(view)), dim=1) for view in (views, views.flip(3))]
            said.append(functional.normalize(both[0] + both[1], dim=1))
    said, wanted = torch.cat(said), functional.normalize(targets @ state["projection"].float(), dim=1)
    agreement = (said * wanted).sum(1).numpy()
    cosines = (said @ said.t()).numpy()
    labels = labels_of(json.loads((options.taught / "taught.json").read_text())["faces"])

    rows = [(f"{low} to {high - 1}" if high < 200 else f"{low} and older", (labels[:, 0] >= low) & (labels[:, 0] < high))
            for low, high in zip(AGES, AGES[1:])]
    rows += [(name, labels[:, 1] == i) for i, name in enumerate(GENDERS)]
    rows += [(name, labels[:, 2] == i) for i, name in enumerate(GROUPS)]
    rows.append(("all", labels[:, 0] >= 0))
    print("| group | faces | cosine to the teachers | two of the group taken for one |\n|---|---|---|---|")
    for name, chosen in rows:
        inside = cosines[numpy.ix_(chosen, chosen)][numpy.triu_indices(chosen.sum(), 1)]
        print(f"| {name} | {chosen.sum()} | {agreement[chosen].mean():.3f} | {(inside >= options.cosine).mean():.2e} |")


if __name__ == "__main__":
    main()
