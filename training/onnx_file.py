"""Writes networks as ONNX files: convolutions with their normalisation folded in, weights as f16."""
import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


class OnnxFile:
    """Nodes in the order of the calls. Values are names; every method returns the name of what it adds."""

    def __init__(self, input_name, shape):
        self.input = helper.make_tensor_value_info(input_name, TensorProto.FLOAT, shape)
        self.nodes, self.weights, self.outputs, self.about = [], [], [], {}

    @classmethod
    def of(cls, path):
        """A file that this class wrote, to add to."""
        model = onnx.load(path)
        file = cls("", [])
        file.input = model.graph.input[0]
        file.nodes, file.weights, file.outputs = (list(part) for part in (model.graph.node, model.graph.initializer,
                                                                          model.graph.output))
        file.about = {entry.key: entry.value for entry in model.metadata_props}
        return file

    def _add(self, kind, inputs, output=None, **attributes):
        output = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, values):
        """Kept as f16: half the bytes, and less than the bf16 that it is computed in loses."""
        values = numpy.asarray(values, numpy.float32)
        name = f"weights_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values.astype(numpy.float16), name))
        return self._add("Cast", [name], to=TensorProto.FLOAT)

    def conv(self, x, conv, norm=None):
        """`conv` is a torch Conv2d, `norm` the BatchNorm2d behind it."""
        weight = conv.weight.detach().double().numpy()
        bias = numpy.zeros(len(weight)) if conv.bias is None else conv.bias.detach().double().numpy()
        if norm is not None:
            scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().double().numpy()
            weight = weight * scale[:, None, None, None]
            bias = (bias - norm.running_mean.double().numpy()) * scale + norm.bias.detach().double().numpy()
        return self._add("Conv", [x, self.constant(weight), self.constant(bias)], kernel_shape=list(conv.kernel_size),
                         strides=list(conv.stride), pads=list(conv.padding) * 2, group=conv.groups)

    def leaky_relu(self, x, slope):
        return self._add("LeakyRelu", [x], alpha=slope)

    def softmax(self, x):
        return self._add("Softmax", [x], axis=1)

    def relu(self, x):
        return self._add("Relu", [x])

    def add(self, x, y):
        return self._add("Add", [x, y])

    def length(self, x):
        """Of what the channels say, as one channel (L2)."""
        return self._add("ReduceL2", [x], axes=[1], keepdims=1)

    def sigmoid(self, x):
        return self._add("Sigmoid", [x])

    def twice_as_large(self, x):
        scales = f"scales_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(numpy.array([1, 1, 2, 2], numpy.float32), scales))
        return self._add("Resize", [x, "", scales], mode="nearest", coordinate_transformation_mode="asymmetric",
                         nearest_mode="floor")

    def output(self, x, name, shape):
        """Gives `x` out as `name`."""
        self._add("Identity", [x], name)
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def flat_output(self, x, name, size):
        self._add("Flatten", [x], name)
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size]))

    def cells_output(self, x, name, cells, values):
        """1 x values x rows x columns as 1 x cells x values."""
        rows = self._add("Transpose", [x], perm=[0, 2, 3, 1])
        shape = f"shape_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(numpy.array([1, -1, values], numpy.int64), shape))
        self._add("Reshape", [rows, shape], name)
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, cells, values]))

    def write(self, path, about):
        graph = helper.make_graph(self.nodes, "likeness", [self.input], self.outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="likeness training")
        model.ir_version = 7
        helper.set_model_props(model, {key: str(value) for key, value in (self.about | about).items()})
        onnx.checker.check_model(model)
        onnx.save(model, path)
