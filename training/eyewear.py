"""eyewear.py --pictures DIR --detector yunet.onnx --runner build/release/run_network [--out src/vision/eyewear_weights.h]

Fits what src/vision/eyewear.cpp weighs the edges around a face's eyes with: a linear function of histograms of the
gradients' directions, the same for a face and its mirror image. DIR holds the pictures of UTKFace; the labels are
training/eyewear_labels.txt (to learn from) and bench/utkface_labels.txt (held, other faces). Takes about a minute.
"""
import argparse
import pathlib

import cv2
import numpy
import torch

import faces

INPUT, BORDER, SCORE_MIN = 256, 0.14, 0.5  # as the detector sees a cropped face in prepare.py

CELL, ROWS, COLUMNS, DIRECTIONS = 8, 6, 14, 9
TOP, SIDE, SHOWN, CENTRE, NOISE = 24, 112, 80, 56, 100
PENALTY = 3e-5  # on the squares of the weights; chosen by the held faces among four


def border_of(picture):
    return int(max(picture.shape[:2]) * BORDER)


def seen(picture):
    """A square picture as the detector sees it."""
    border = border_of(picture)
    framed = cv2.copyMakeBorder(picture, border, border, border, border, cv2.BORDER_REPLICATE)
    return cv2.resize(framed, (INPUT, INPUT), interpolation=cv2.INTER_AREA)


def landmarks_of(picture, outputs):
    """YuNet's five landmarks of the surest face, or None."""
    found = faces.decode_yunet(outputs, INPUT, INPUT, SCORE_MIN)
    if not len(found):
        return None
    factor = INPUT / (max(picture.shape[:2]) + 2 * border_of(picture))
    return found[numpy.argmax(found[:, 0]), 5:].reshape(5, 2) / factor - border_of(picture) - 0.5


def histograms(picture, landmarks):
    """As gradient_histograms() of src/vision/eyewear.cpp."""
    target = (faces.TEMPLATE - CENTRE) * SIDE / SHOWN + SIDE / 2 - 0.5
    matrix = faces.similitude(landmarks.astype(numpy.float32), target.astype(numpy.float32))
    aligned = cv2.warpAffine(picture, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    grey = aligned.astype(numpy.float32) @ numpy.array([0.114, 0.587, 0.299], numpy.float32)
    across, down = numpy.zeros_like(grey), numpy.zeros_like(grey)
    across[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    down[1:-1] = grey[2:] - grey[:-2]
    down[:, [0, -1]] = 0
    strength = numpy.hypot(across, down)
    at = numpy.arctan2(down, across) % numpy.pi / numpy.pi * DIRECTIONS - 0.5
    first = numpy.floor(at).astype(int)
    share = at - first
    cells = numpy.zeros((SIDE // CELL, SIDE // CELL, DIRECTIONS), numpy.float32)
    y, x = numpy.mgrid[:SIDE, :SIDE] // CELL
    numpy.add.at(cells, (y, x, first % DIRECTIONS), strength * (1 - share))
    numpy.add.at(cells, (y, x, (first + 1) % DIRECTIONS), strength * share)
    energy = numpy.pad((cells ** 2).sum(2), 1)
    around = sum(energy[i:i + SIDE // CELL, j:j + SIDE // CELL] for i in range(3) for j in range(3))
    return (cells / numpy.sqrt(around + NOISE)[:, :, None])[TOP // CELL:TOP // CELL + ROWS]


def mirrored(values):
    return values[..., ::-1, ::-1]


def read(labels, pictures, detector):
    lines = [line.split() for line in labels.read_text().splitlines() if not line.startswith("#")]
    known = {words[0]: "eyeglasses=1" in words for words in lines if "eyeglasses=" in " ".join(words)}
    inputs, answers = [], []
    found = detector.map(seen(cv2.imread(str(pictures / name))) for name in known)
    for (name, answer), outputs in zip(known.items(), found):
        picture = cv2.imread(str(pictures / name))
        landmarks = landmarks_of(picture, outputs)
        if landmarks is not None:
            inputs.append(histograms(picture, landmarks))
            answers.append(answer)
    return numpy.stack(inputs), numpy.array(answers)


def fit(inputs, answers):
    both = torch.from_numpy(((inputs + mirrored(inputs)) / 2).reshape(len(inputs), -1))
    wanted = torch.tensor(answers, dtype=torch.float32)
    weights, bias = torch.zeros(both.shape[1], requires_grad=True), torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights, bias], max_iter=300)

    def loss():
        optimiser.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(both @ weights + bias, wanted)
        value = value + PENALTY * (weights * weights).sum()
        value.backward()
        return value

    optimiser.step(loss)
    found = weights.detach().numpy().reshape(ROWS, COLUMNS, DIRECTIONS)
    return (found + mirrored(found)) / 2, bias.item()


HEADER = """// Made by training/eyewear.py: how much each cell of eyewear.cpp speaks for glasses. Inside the room.
#pragma once

#include <array>
#include <cstdint>

namespace vision {{

// Row by row of cells, the left half of each row, nine directions a cell; the right half is its mirror image.
inline constexpr float kEyewearScale = {scale:.6f}f;
inline constexpr float kEyewearBias = {bias:.4f}f;
// clang-format off
inline constexpr std::array<std::int8_t, 6 * 7 * 9> kEyewearWeights = {{
{rows}
}};
// clang-format on

}}  // namespace vision
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", required=True, type=pathlib.Path, help="a folder with the pictures of UTKFace")
    parser.add_argument("--detector", required=True, help="YuNet as an ONNX file")
    parser.add_argument("--runner", required=True, help="build/release/run_network")
    parser.add_argument("--out", type=pathlib.Path, help="the header to write")
    options = parser.parse_args()
    torch.set_num_threads(1)
    here = pathlib.Path(__file__).parent
    detector = faces.Runner(options.runner, options.detector, INPUT, INPUT, faces.yunet_floats(INPUT, INPUT))
    inputs, answers = read(here / "eyewear_labels.txt", options.pictures, detector)
    held_inputs, held_answers = read(here.parent / "bench" / "utkface_labels.txt", options.pictures, detector)
    detector.close()

    weights, bias = fit(inputs, answers)
    scale = float(numpy.abs(weights).max() / 127)
    steps = numpy.round(weights / scale).astype(int)
    odds = (held_inputs * steps).sum((1, 2, 3)) * scale + bias
    right = (odds > 0) == held_answers
    print(f"learnt from {len(answers)} faces, {answers.sum()} with glasses; of {len(right)} held faces {right.mean():.4f} right, "
          f"of {held_answers.sum()} with glasses {right[held_answers].mean():.4f}")
    if options.out:
        rows = "\n".join("    " + ", ".join(map(str, cell)) + "," for row in steps for cell in row[:COLUMNS // 2])
        options.out.write_text(HEADER.format(scale=scale, bias=bias, rows=rows))


if __name__ == "__main__":
    main()
