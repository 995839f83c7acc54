"""export_attributes.py --utk DIR --fer DIR --embedder training/state/embedder.pt --out RUN --behind embedder.onnx --to FILE.onnx

Adds the averaged head of attributes.py to the ONNX file of the embedder whose convolutions it reads, with the outputs that
src/vision/describer.h names; the embedding stays what it was. On the faces kept for this (never trained on) it measures what
turns numbers into answers: the temperatures of gender and expression, which become part of the weights; how far ages are
off; the logistic functions of smiles and open mouths, on the faces labelled by eye. The latter two go into the file's
properties, where pack.py finds them. If there is RUN/looks.pt (looks.py), beards, mustaches, open eyes, and dark glasses are
added likewise, each as an output with its probability.

Beside it attributes.txt: what PyTorch says with these weights of a picture that anybody can draw, for the tests.
"""
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional

import faces
from attributes import BINS, LABELS, LANDMARK_SCALE, MIDDLE, PARTS, WIDTH, Head, arguments, read, say, years_of
from embedder import SLOPE, network_input
from networks import OnnxNetwork
from onnx_file import OnnxFile

WITHIN = 0.8        # of the ages shall be in the range told
NEAREST = 2.0       # years that it reaches to each side of a newborn
PENALTY = 1e-5      # of the logistic functions' factors
TOLD = ("beard", "mustache", "eyes_open", "sunglasses")  # of the looks; the others are no better than always saying no


def temperature_of(loss, logits):
    """By which logits are divided so that `loss` of them is least."""
    choices = numpy.geomspace(0.3, 4, 200)
    return float(choices[numpy.argmin([float(loss(logits / t)) for t in choices])])


def spread_of(said, ages):
    """Years per year of age, so that WITHIN of the ages lie within NEAREST and so many years."""
    return float((((said - ages).abs() - NEAREST) / said.clamp_min(1)).quantile(WITHIN).clamp_min(0))


def eye_distance(points):
    return (points[:, 36:42].mean(1) - points[:, 42:48].mean(1)).norm(dim=1).clamp_min(1e-3)


def mouths_of(said):
    """As judge_mouth() of src/vision/judgement.cpp sees them: log-odds of happy, the mouth's width, the gap between the lips."""
    points = said["landmarks"].view(-1, 68, 2)
    happy = said["expression"].softmax(1)[:, 1]
    width = (points[:, 48] - points[:, 54]).norm(dim=1)
    gap = sum((points[:, a] - points[:, b]).norm(dim=1) for a, b in ((61, 67), (62, 66), (63, 65))) / 3
    odds = torch.log((happy + 1e-6) / (1 - happy + 1e-6))
    return {"happy": odds, "width": width / eye_distance(points), "gap": gap / eye_distance(points)}


def logistic(inputs, answers):
    weights = torch.zeros(inputs.shape[1] + 1, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=300)

    def loss():
        optimiser.zero_grad()
        odds = inputs @ weights[1:] + weights[0]
        value = functional.binary_cross_entropy_with_logits(odds, answers) + PENALTY * (weights[1:] ** 2).mean()
        value.backward()
        return value

    optimiser.step(loss)
    return weights.detach()


def mouth_measure(name, labels, mouths, features):
    """Thresholds NAME, NAME_FEATURE ...; says how often they are right, cross-validated in five parts."""
    answers = torch.tensor([labels[i].get(name, torch.nan) for i in range(len(labels))])
    known = ~answers.isnan()
    inputs, answers = torch.stack([mouths[feature] for feature in features], 1)[known], answers[known]
    right = 0
    for part in range(5):
        is_left_out = torch.arange(len(answers)) % 5 == part
        weights = logistic(inputs[~is_left_out], answers[~is_left_out])
        odds = inputs[is_left_out] @ weights[1:] + weights[0]
        right += int(((odds > 0) == (answers[is_left_out] > 0)).sum())
    print(f"{name}: {right / len(answers):.4f} of {len(answers)} right, cross-validated; more frequent answer "
          f"{max(answers.mean(), 1 - answers.mean()):.4f}")
    weights = logistic(inputs, answers)
    return {name: float(weights[0])} | {f"{name}_{feature}": float(w) for feature, w in zip(features, weights[1:])}


def labels_of(names):
    """By eye, of the pictures called so; nothing of the others."""
    known = {}
    for line in LABELS.read_text().splitlines():
        if not line.startswith("#"):
            name, *words = line.split()
            known[name] = {key: float(value) for key, value in (word.split("=") for word in words)}
    return [known.get(name.name, {}) for name in names]


def layer_of(head, part, scale=1.0, offset=0.0):
    """The part of the last layer that says `part`, its answers times `scale` and moved by `offset`."""
    first = sum(size for name, size in list(PARTS.items())[:list(PARTS).index(part)])
    layer = nn.Conv2d(WIDTH, PARTS[part], 1)
    layer.weight.data = head.out.weight.data[first:first + PARTS[part]] * scale
    layer.bias.data = head.out.bias.data[first:first + PARTS[part]] * scale + offset
    return layer


def add_looks(file, looks, middle, end):
    """The logistic functions of looks.py: each a convolution over all places of the trunk's two answers, named in the file."""
    shapes = looks["shapes"]
    sizes = [channels * height * width for channels, height, width in shapes]
    for i, name in enumerate(looks["looks"]):
        if name not in TOLD:
            continue
        layers = [nn.Conv2d(channels, 1, (height, width), bias=is_last)
                  for (channels, height, width), is_last in zip(shapes, (False, True))]
        for layer, weights in zip(layers, looks["weights"][:, i].split(sizes)):
            layer.weight.data = weights.view_as(layer.weight)
        layers[1].bias.data = looks["bias"][i:i + 1]
        odds = file.add(file.conv(middle, layers[0]), file.conv(end, layers[1]))
        file.flat_output(file.sigmoid(odds), name, 1)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--behind", required=True, help="the embedder's ONNX file")
    parser.add_argument("--to", required=True, type=pathlib.Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    _, (utk, fer) = read(options)
    state = torch.load(options.out / "head.pt", map_location="cpu")
    head = Head(*state["channels"], WIDTH)
    head.load_state_dict(state["average"])
    head.eval()

    rows = numpy.flatnonzero(utk.known.tuning)
    said = say(head, utk, rows)
    males = 1 - utk.known.sex[rows]
    gender = temperature_of(lambda x: functional.binary_cross_entropy_with_logits(x[:, 0], males), said["gender"])
    fer_rows = numpy.flatnonzero(fer.known.tuning)
    felt = fer.known.expression[fer_rows].argmax(1)
    expression = temperature_of(lambda x: functional.cross_entropy(x, felt), say(head, fer, fer_rows)["expression"])
    spread = spread_of(years_of(said["age"]), utk.known.age[rows])
    print(f"temperature of gender {gender:.3f}, of expression {expression:.3f}; ages {NEAREST} years and {spread:.3f} per year")
    said["expression"] = said["expression"] / expression
    labels, mouths = labels_of([utk.known.names[row] for row in rows]), mouths_of(said)
    thresholds = {"age_spread": NEAREST, "age_spread_per_year": spread}
    thresholds |= mouth_measure("smile", labels, mouths, ("happy", "width"))
    thresholds |= mouth_measure("mouth_open", labels, mouths, ("happy", "gap"))

    head.eval()
    file = OnnxFile.of(options.behind)
    units = [node.output[0] for node in file.nodes if node.op_type == "LeakyRelu"]
    x = file.add(file.conv(units[MIDDLE - 1], head.middle, head.middle_norm), file.conv(units[-1], head.end, head.end_norm))
    x = file.leaky_relu(x, SLOPE)
    x = file.leaky_relu(file.add(file.conv(x, head.unit.conv, head.unit.norm), x), SLOPE)
    x = file.conv(x, head.pool, head.norm)
    years = nn.Conv2d(len(BINS), 1, 1, bias=False)
    years.weight.data = torch.tensor(BINS, dtype=torch.float32)[None, :, None, None]
    file.flat_output(file.conv(file.softmax(file.conv(x, layer_of(head, "age"))), years), "age", 1)
    file.flat_output(file.sigmoid(file.conv(x, layer_of(head, "gender", 1 / gender))), "gender", 1)
    felt = file.softmax(file.conv(x, layer_of(head, "expression", 1 / expression)))
    file.flat_output(felt, "expression", PARTS["expression"])
    file.flat_output(file.conv(x, layer_of(head, "landmarks", 1 / LANDMARK_SCALE, 0.5)), "landmarks", PARTS["landmarks"])
    about = {"attributes seen": state["seen"]}
    if (options.out / "looks.pt").exists():
        looks = torch.load(options.out / "looks.pt")
        add_looks(file, looks, units[MIDDLE - 1], units[-1])
        about["looks labelled"] = looks["faces"]
    file.write(options.to, about
               | {f"threshold {name}": f"{value:.4f}" for name, value in thresholds.items()})

    x, y, channel = numpy.arange(faces.SIZE)[None, :, None], numpy.arange(faces.SIZE)[:, None, None], numpy.arange(3)
    picture = ((x * 7 + y * 13 + channel * 57 + x * y % 31) % 256).astype(numpy.uint8)
    _, *said = OnnxNetwork(options.to)(network_input(torch.from_numpy(picture).permute(2, 0, 1)[None]))
    numbers = [float(value) for part in said for value in part[0]]
    options.to.with_name("attributes.txt").write_text("\n".join(f"{value:.6g}" for value in numbers) + "\n")
    more = options.to.stat().st_size - pathlib.Path(options.behind).stat().st_size
    print(f"{options.to}: {more} bytes more than without attributes; {state['seen']} faces seen")


if __name__ == "__main__":
    main()
