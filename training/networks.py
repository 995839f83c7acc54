"""An ONNX file as a torch module: how teachers are run, and how an exported network is checked against its source.

Only the operators that the networks of the packs use are known; another is refused by name.
"""
import numpy
import onnx
import onnx.numpy_helper
import torch
from torch import nn
from torch.nn import functional


class OnnxNetwork(nn.Module):
    """Frozen. Takes the network's first input (a batch of any size), returns its outputs in the file's order."""

    def __init__(self, path):
        super().__init__()
        graph = onnx.load(path).graph
        self.constants = nn.ParameterDict()
        for tensor in graph.initializer:
            self._keep(tensor.name, tensor)
        self.steps = []
        for node in graph.node:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Constant":
                self._keep(node.output[0], attributes["value"])
            elif node.op_type in OPERATORS:
                self.steps.append((OPERATORS[node.op_type], list(node.input), attributes, node.output[0]))
            else:
                raise ValueError(f"{path}: the operator {node.op_type} is not known here")
        constants = {tensor.name for tensor in graph.initializer}
        self.input = next(value.name for value in graph.input if value.name not in constants)
        self.outputs = [value.name for value in graph.output]
        self.requires_grad_(False)

    def _keep(self, name, tensor):
        value = torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy())
        if value.dtype == torch.float16:
            value = value.float()
        if value.ndim == 4:
            value = value.contiguous(memory_format=torch.channels_last)
        self.constants[_key(name)] = nn.Parameter(value, requires_grad=False)

    def forward(self, pictures):
        values = {self.input: pictures}

        def value(name):
            return values[name] if name in values else self.constants[_key(name)] if name else None

        for operator, inputs, attributes, output in self.steps:
            values[output] = operator(attributes, *[value(name) for name in inputs])
        found = [values[name] for name in self.outputs]
        return found[0] if len(found) == 1 else found


def _key(name):
    return name.replace(".", "_")  # ParameterDict takes no dots


def _conv(attributes, x, weight, bias=None):
    top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
    if (top, left) != (bottom, right):
        x = functional.pad(x, (left, right, top, bottom))
        top = left = 0
    return functional.conv2d(x, weight.to(x.dtype), None if bias is None else bias.to(x.dtype),
                             attributes.get("strides", [1, 1]), (top, left), attributes.get("dilations", [1, 1]),
                             attributes.get("group", 1))


def _clip(attributes, x, low=None, high=None):
    low = attributes.get("min") if low is None else float(low)
    high = attributes.get("max") if high is None else float(high)
    return x.clamp(low, high)


def _reshape(attributes, x, shape):
    sizes = [x.shape[i] if size == 0 else int(size) for i, size in enumerate(shape.tolist())]
    if sizes[0] == 1 and x.shape[0] != 1:  # a file made for one picture: let the batch be as large as it is
        sizes[0] = x.shape[0]
        if -1 in sizes[1:]:
            return x.reshape(sizes)
        return x.reshape(sizes[0], *sizes[1:]) if numpy.prod(sizes) == x.numel() else x.reshape(sizes[0], -1, sizes[-1])
    return x.reshape(sizes)


def _gemm(attributes, x, weight, bias=None):
    if attributes.get("transA"):
        x = x.t()
    weight = weight if attributes.get("transB") else weight.t()
    return functional.linear(x, weight.to(x.dtype), None if bias is None else bias.to(x.dtype))


def _batch_norm(attributes, x, gamma, beta, mean, variance):
    mean, variance, gamma, beta = (value.float() for value in (mean, variance, gamma, beta))
    return functional.batch_norm(x.float(), mean, variance, gamma, beta, False, 0.0, attributes.get("epsilon", 1e-5))


def _max_pool(attributes, x):
    return functional.max_pool2d(x, attributes["kernel_shape"], attributes.get("strides"),
                                 attributes.get("pads", [0, 0, 0, 0])[:2])


def _resize(attributes, x, *sizes):
    """Twice as large with nearest neighbours, which is all that the known detectors do."""
    assert attributes.get("mode", b"nearest") == b"nearest"
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


OPERATORS = {
    "Add": lambda a, x, y: x + y.to(x.dtype),
    "AveragePool": lambda a, x: functional.avg_pool2d(x, a["kernel_shape"], a.get("strides")),
    "BatchNormalization": _batch_norm,
    "Cast": lambda a, x: x.float(),
    "Clip": _clip,
    "Conv": _conv,
    "Flatten": lambda a, x: x.flatten(a.get("axis", 1)),
    "Gemm": _gemm,
    "GlobalAveragePool": lambda a, x: x.mean((2, 3), keepdim=True),
    "LeakyRelu": lambda a, x: functional.leaky_relu(x, a.get("alpha", 0.01)),
    "MatMul": lambda a, x, y: x @ y.to(x.dtype),
    "MaxPool": _max_pool,
    "Mul": lambda a, x, y: x * y.to(x.dtype),
    "Relu": lambda a, x: x.relu(),
    "Reshape": _reshape,
    "Resize": _resize,
    "Softmax": lambda a, x: x.softmax(a["axis"]),
    "Sigmoid": lambda a, x: x.sigmoid(),
    "Sub": lambda a, x, y: x - y.to(x.dtype),
    "Transpose": lambda a, x: x.permute(a["perm"]),
}
