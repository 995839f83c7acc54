"""export_detector.py --from RUN/last.pt --out detector.onnx [--surer B]

With YuNet's outputs: cls, obj, bbox and kps at the strides 8, 16 and 32, each 1 x cells x values. There is one score, given
as cls and as obj, whose geometric mean it is. --surer raises its logit: a network that learned from many pictures without a
face says less of those it sees, and what finds as many faces as before may still be wrong less often.
"""
import argparse

import torch
from torch import nn

import faces
from detector import Detector
from embedder import SLOPE
from onnx_file import OnnxFile

PARTS = {"cls": slice(0, 1), "obj": slice(0, 1), "bbox": slice(1, 5), "kps": slice(5, 15)}


def part_of(head, channels):
    part = nn.Conv2d(head.in_channels, channels.stop - channels.start, 1)
    part.weight.data, part.bias.data = head.weight.data[channels], head.bias.data[channels]
    return part


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--from", dest="start", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--surer", type=float, default=0.0)
    options = parser.parse_args()
    state = torch.load(options.start, map_location="cpu")
    seen = state["before"] + state["seen"]
    network = Detector()
    network.load_state_dict(state["average"])
    network.eval()
    for head in network.heads:
        head.bias.data[0] += options.surer

    file = OnnxFile("picture", [1, 3, 640, 640])

    def units(x, sequence):
        for unit in sequence:
            y = file.conv(x, unit.conv, unit.norm)
            x = file.leaky_relu(file.add(y, x) if unit.has_shortcut else y, SLOPE)
        return x

    fine = units("picture", network.stem)
    middle = units(fine, network.middle)
    top = units(units(middle, network.top), [network.merged[2]])
    middle = units(file.add(middle, file.twice_as_large(top)), [network.merged[1]])
    fine = units(file.add(fine, file.twice_as_large(middle)), [network.merged[0]])
    said = {}
    for stride, level, head in zip(faces.STRIDES, (fine, middle, top), network.heads):
        for name, channels in PARTS.items():
            y = file.conv(level, part_of(head, channels))
            said[name, stride] = file.sigmoid(y) if name in ("cls", "obj") else y
    for name, channels in PARTS.items():
        for stride in faces.STRIDES:
            values = channels.stop - channels.start
            file.cells_output(said[name, stride], f"{name}_{stride}", (640 // stride) ** 2, values)
    file.write(options.out, {"pictures": seen})
    print(f"{options.out}: trained on {seen} pictures")


if __name__ == "__main__":
    main()
