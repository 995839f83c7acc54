"""face_api.py --faces DIR --weights DIR [--landmarks N] [--expressions N]

What face-api's small networks say of aligned faces, for attributes.py: DIR/told.npz. The networks are read as their author
published them (a shard and a manifest for TensorFlow.js, MIT); src/neural/topology.cpp describes the same graphs.
  landmarks         N x 68 x 2, in units of half the canvas from its middle; of the faces numbered in landmark_rows
  expressions       N x 7, probabilities; of the faces numbered in expression_rows
"""
import argparse
import json
import pathlib

import numpy
import torch
from torch.nn import functional

import faces
from progress import Progress

MEAN = torch.tensor([122.782, 117.001, 104.298]).view(1, 3, 1, 1)
# Middle and side of the square that each network wants to see, in pixels of the 112-pixel template (models/open/pack.toml).
LANDMARK_SQUARE = (56, 72, 120)
EXPRESSION_SQUARE = (55.6, 64, 106)
BATCH = 64


def read(stem):
    """Weights by name, as torch wants filters."""
    (manifest,) = json.loads(pathlib.Path(f"{stem}-weights_manifest.json").read_text())
    raw, at, weights = pathlib.Path(f"{stem}-shard1").read_bytes(), 0, {}
    for entry in manifest["weights"]:
        coded = entry.get("quantization", {"dtype": "float32", "scale": 1, "min": 0})
        count = int(numpy.prod(entry["shape"]))
        values = numpy.frombuffer(raw, numpy.dtype(coded["dtype"]), count, at)
        at += values.nbytes
        values = (values.astype(numpy.float32) * coded["scale"] + coded["min"]).reshape(entry["shape"])
        if values.ndim == 4:  # rows, columns, in, out; of a depthwise one the channels come first and make no others
            is_depthwise = entry["name"].endswith("depthwise_filter")
            values = values.transpose((2, 3, 0, 1) if is_depthwise else (3, 2, 0, 1))
        weights[entry["name"]] = torch.from_numpy(numpy.ascontiguousarray(values))
    return weights


class Dense:
    """Four dense blocks of separable convolutions, their mean, and a linear layer."""

    def __init__(self, stem):
        self.weights = read(stem)

    @torch.no_grad()
    def __call__(self, pictures):
        x = (pictures - MEAN) / 255
        for block in range(4):
            name, total = f"dense{block}", 0
            y = x
            for i in range(4):
                y = self._conv(f"{name}/conv{i}", y if i == 0 else total.relu(), 2 if i == 0 else 1)
                y = y.relu() if i == 0 else y
                total = total + y
            x = total.relu()
        return x.mean((2, 3)) @ self.weights["fc/weights"] + self.weights["fc/bias"]

    def _conv(self, name, x, stride):
        if name + "/filters" in self.weights:
            return _same(x, self.weights[name + "/filters"], self.weights[name + "/bias"], stride)
        x = _same(x, self.weights[name + "/depthwise_filter"], None, stride, x.shape[1])
        return _same(x, self.weights[name + "/pointwise_filter"], self.weights[name + "/bias"])


def _same(x, filters, bias, stride=1, groups=1):
    """TensorFlow's padding: what is odd goes to the right and the bottom."""
    pad = max(0, (-(-x.shape[2] // stride) - 1) * stride + filters.shape[2] - x.shape[2])
    x = functional.pad(x, (pad // 2, pad - pad // 2) * 2)
    return functional.conv2d(x, filters, bias, stride, groups=groups)


def square_of(canvases, square):
    """N x 144 x 144 x 4 bytes to N x 3 x 112 x 112."""
    pictures = torch.from_numpy(numpy.ascontiguousarray(canvases[..., :3])).permute(0, 3, 1, 2).float()
    middle_x, middle_y, scale = in_canvas(square)
    turn = torch.tensor([[scale, 0, middle_x], [0, scale, middle_y]]).expand(len(pictures), 2, 3)
    grid = functional.affine_grid(turn, (len(pictures), 3, faces.SIZE, faces.SIZE), align_corners=False)
    seen = functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    return seen.contiguous(memory_format=torch.channels_last)


def in_canvas(square):
    """Middle and half the side, in units of half the canvas from its middle."""
    middle = (faces.SIZE - 1) / 2
    return (square[0] - middle) * 2 / faces.CANVAS, (square[1] - middle) * 2 / faces.CANVAS, square[2] / faces.CANVAS


def told(network, canvases, rows, square, what):
    said, progress = [], Progress(what, len(rows))
    for part in numpy.array_split(rows, -(-len(rows) // BATCH)):
        said.append(network(square_of(canvases[part], square)))
        progress.step(len(part))
    return torch.cat(said)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--faces", required=True, type=pathlib.Path, help="what prepare.py wrote")
    parser.add_argument("--weights", required=True, type=pathlib.Path, help="face-api's files")
    parser.add_argument("--landmarks", type=int, default=6000, help="faces whose landmarks are asked for")
    parser.add_argument("--expressions", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    canvases = numpy.load(options.faces / "faces.npy", mmap_mode="r")
    chance = numpy.random.default_rng(options.seed)
    rows = [numpy.sort(chance.permutation(len(canvases))[:n]) for n in (options.landmarks, options.expressions)]
    x, y, scale = in_canvas(LANDMARK_SQUARE)
    ratios = told(Dense(options.weights / "face_landmark_68_model"), canvases, rows[0], LANDMARK_SQUARE, "landmarks")
    landmarks = (2 * ratios.view(-1, 68, 2) - 1) * scale + torch.tensor([x, y])
    result = {"landmark_rows": rows[0], "landmarks": landmarks.numpy()}
    if len(rows[1]):
        said = told(Dense(options.weights / "face_expression_model"), canvases, rows[1], EXPRESSION_SQUARE, "expressions")
        result |= {"expression_rows": rows[1], "expressions": said.softmax(1).numpy()}
    numpy.savez(options.faces / "told.npz", **result)


if __name__ == "__main__":
    main()
