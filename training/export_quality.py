"""export_quality.py --from RUN/head.pt --behind embedder.onnx --to FILE.onnx

Adds the head of quality.py to the ONNX file of the embedder that it was trained on, as the output `expected_cosine`; the other
outputs stay what they were. Beside it quality.txt: what PyTorch says with these weights of the embedding in reference.txt,
which is there already.
"""
import argparse
import pathlib

import numpy
import torch
from torch import nn

from onnx_file import OnnxFile
from quality import SLOPE, Head

parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
parser.add_argument("--from", dest="start", required=True)
parser.add_argument("--behind", required=True, type=pathlib.Path)
parser.add_argument("--to", required=True, type=pathlib.Path)
options = parser.parse_args()


def as_conv(linear, scale=1.0, offset=0.0):
    conv = nn.Conv2d(linear.in_features, linear.out_features, 1)
    conv.weight.data = (linear.weight.data * scale)[:, :, None, None]
    conv.bias.data = linear.bias.data * scale + offset
    return conv


def standardised(linear, mean, deviation):
    """The same layer for inputs that are as they come."""
    out = nn.Linear(linear.in_features, linear.out_features)
    out.weight.data = linear.weight.data / deviation
    out.bias.data = linear.bias.data - out.weight.data @ mean
    return out


def part(linear, first, last):
    out = nn.Linear(last - first, linear.out_features)
    out.weight.data, out.bias.data = linear.weight.data[:, first:last].clone(), torch.zeros_like(linear.bias)
    return out


state = torch.load(options.start, map_location="cpu")
dimensions = state["dimensions"]
head = Head(dimensions)
head.load_state_dict({name: value.float() for name, value in state["head"].items()})
head.eval()

file = OnnxFile.of(options.behind)
flat = next(node for node in file.nodes if node.output[0] == "embedding")
vector = flat.input[0]  # 1 x dimensions x 1 x 1
length = file.length(vector)
scale, offset = head.scale.tolist()
first = standardised(head.all[1], head.mean, head.deviation)
by_vector, by_length = part(first, 0, dimensions), part(first, dimensions, dimensions + 1)
by_length.bias.data = first.bias.data
x = file.leaky_relu(file.add(file.conv(vector, as_conv(by_vector)), file.conv(length, as_conv(by_length))), SLOPE)
x = file.leaky_relu(file.conv(x, as_conv(head.all[3])), SLOPE)
x = file.conv(x, as_conv(head.all[5], scale / 2, offset))
alone = standardised(head.length[0], head.mean[-1:], head.deviation[-1:])
y = file.conv(file.leaky_relu(file.conv(length, as_conv(alone)), SLOPE), as_conv(head.length[2], scale / 2))
file.flat_output(file.sigmoid(file.add(x, y)), "expected_cosine", 1)
file.write(options.to, {"quality views": state["views"]})

reference = options.to.with_name("reference.txt")
embedding = torch.from_numpy(numpy.loadtxt(reference, dtype=numpy.float32).reshape(1, dimensions))
with torch.no_grad():
    said = head(embedding).item()
options.to.with_name("quality.txt").write_text(f"{said:.6f}\n")
print(f"{options.to}: {sum(p.numel() for p in head.parameters())} weights more, trained on {state['views']} views")
