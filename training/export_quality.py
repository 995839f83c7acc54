"""export_quality.py --from RUN/last.pt --out quality.onnx: the averaged weights as an ONNX file."""
import argparse

import torch

from embedder import Embedder
from onnx_file import OnnxFile

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--from", dest="start", required=True)
parser.add_argument("--out", required=True)
options = parser.parse_args()

state = torch.load(options.start, map_location="cpu")
network = Embedder(state["net"], 1)
network.load_state_dict(state["average"])
network.eval()

file = OnnxFile("picture", [1, 3, 112, 112])
file.flat_output(file.sigmoid(network.write_to(file, "picture")), "expected_cosine", 1)
file.write(options.out, {"net": state["net"], "images": state["seen"]})
weights = sum(parameter.numel() for parameter in network.parameters())
print(f"{options.out}: {state['net']}, {weights} weights, trained on {state['seen']} views")
