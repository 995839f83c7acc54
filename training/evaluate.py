"""evaluate.py --faces DIR --pairs pairs.txt --network embedder.onnx --runner RUN_NETWORK

A quick look at an embedder: accuracy on pairs of faces that prepare.py has aligned (of labelled photographs that nothing
is trained on). `likeness bench lfw` measures the same with the server's own pipeline, and that is what counts.
The pairs file is LFW's: folds with as many pairs of one person (NAME i j) as of two (NAME i NAME j).
"""
import argparse
import pathlib

import numpy
import onnx

import faces

MEAN, DEVIATION = (127.5,) * 3, (64,) * 3


def pairs_of(path, rows):
    """Lists of (row, row, is one person) by fold."""
    lines = pathlib.Path(path).read_text().split("\n")
    each = int(lines[0].split()[-1])
    pairs = []
    for line in lines[1:]:
        parts = line.split()
        if len(parts) == 3:
            a, b = (f"{parts[0]}_{int(n):04d}" for n in parts[1:])
        elif len(parts) == 4:
            a, b = (f"{parts[i]}_{int(parts[i + 1]):04d}" for i in (0, 2))
        else:
            continue
        pairs.append((rows.get(a), rows.get(b), len(parts) == 3))
    return [pairs[at:at + 2 * each] for at in range(0, len(pairs), 2 * each)]


def accuracy(folds, embeddings):
    """In percent; each fold is judged by the threshold that is best on the others. A face not found counts as wrong."""
    scored = []
    for fold in folds:
        known = [(float(embeddings[a] @ embeddings[b]), same) for a, b, same in fold if None not in (a, b)]
        scored.append((numpy.array([k[0] for k in known]), numpy.array([k[1] for k in known]), len(fold)))
    rates = []
    for i, (scores, same, size) in enumerate(scored):
        others = [s for j, s in enumerate(scored) if j != i]
        all_scores, all_same = (numpy.concatenate([s[k] for s in others]) for k in (0, 1))
        thresholds = numpy.linspace(-0.2, 0.9, 551)
        best = thresholds[numpy.argmax([((all_scores > t) == all_same).mean() for t in thresholds])]
        rates.append(((scores > best) == same).sum() / size * 100)
    return numpy.mean(rates), numpy.std(rates)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--faces", required=True, type=pathlib.Path)
    parser.add_argument("--pairs", required=True)
    parser.add_argument("--network", required=True)
    parser.add_argument("--runner", required=True)
    parser.add_argument("--mean", default=MEAN)
    parser.add_argument("--deviation", default=DEVIATION)
    options = parser.parse_args()
    dimensions = onnx.load(options.network).graph.output[0].type.tensor_type.shape.dim[-1].dim_value
    runner = faces.Runner(options.runner, options.network, faces.SIZE, faces.SIZE, dimensions, options.mean,
                          options.deviation)
    canvases = numpy.load(options.faces / "faces.npy", mmap_mode="r")
    names = (options.faces / "names.txt").read_text().split()
    rows = {pathlib.Path(name).stem: row for row, name in enumerate(names)}
    folds = pairs_of(options.pairs, rows)
    wanted = sorted({row for fold in folds for pair in fold for row in pair[:2] if row is not None})
    margin = faces.MARGIN
    answers = runner.map(canvases[row][margin:-margin, margin:-margin, :3] for row in wanted)
    embeddings = {row: answer / numpy.linalg.norm(answer) for row, answer in zip(wanted, answers)}
    mean, deviation = accuracy(folds, embeddings)
    print(f"{options.network}: {mean:.2f} % ± {deviation:.2f} of {sum(map(len, folds))} pairs")


if __name__ == "__main__":
    main()
