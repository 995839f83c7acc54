"""export_embedder.py --from RUN/last.pt --out embedder.onnx: the averaged weights as an ONNX file.

Beside it reference.txt: what PyTorch says with these weights of a picture that anybody can draw, for the tests.
"""
import argparse
import pathlib

import numpy
import torch

import faces
from embedder import Embedder, network_input
from networks import OnnxNetwork
from onnx_file import OnnxFile

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--from", dest="start", required=True)
parser.add_argument("--out", required=True)
options = parser.parse_args()

state = torch.load(options.start, map_location="cpu")
network = Embedder(state["net"], state["dimensions"])
network.load_state_dict(state["average"])
network.eval()

file = OnnxFile("picture", [1, 3, 112, 112])
file.flat_output(network.write_to(file, "picture"), "embedding", state["dimensions"])
file.write(options.out, {"net": state["net"], "images": state["seen"]})
print(f"{options.out}: {state['net']}, {state['dimensions']} numbers, trained on {state['seen']} images")

x, y, channel = numpy.arange(faces.SIZE)[None, :, None], numpy.arange(faces.SIZE)[:, None, None], numpy.arange(3)
picture = ((x * 7 + y * 13 + channel * 57 + x * y % 31) % 256).astype(numpy.uint8)
with torch.no_grad():
    written = OnnxNetwork(options.out)  # with the weights as f16
    said = written(network_input(torch.from_numpy(picture).permute(2, 0, 1)[None]))[0]
reference = pathlib.Path(options.out).with_name("reference.txt")
reference.write_text("\n".join(f"{value:.6g}" for value in said.tolist()) + "\n")
