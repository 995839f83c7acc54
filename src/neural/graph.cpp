#include "neural/graph.h"

#define ONNX_ML 1
#define ONNX_NAMESPACE onnx
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <onnx/onnx_pb.h>
#pragma GCC diagnostic pop

#include <bit>
#include <cmath>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <limits>
#include <set>

#include "neural/operators.h"

namespace neural::detail {
namespace {

Error not_a_model(std::string why) {
    return Error::refusal(Refusal::not_a_model, std::move(why));
}

Error unsupported(std::string what) {
    return Error::refusal(Refusal::unsupported_operator, std::move(what));
}

float from_bfloat(std::uint16_t bits) {
    return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

// The elements of a tensor as `Stored`, from its raw bytes (little-endian, as this machine) or its typed
// field.
template <class Stored, class Field, class Convert>
bool take(const onnx::TensorProto& tensor, const Field& field, std::size_t count, Convert convert) {
    if (tensor.has_raw_data()) {
        const std::string& raw = tensor.raw_data();
        if (raw.size() != count * sizeof(Stored)) return false;
        for (std::size_t i = 0; i < count; ++i) {
            Stored stored;
            std::memcpy(&stored, raw.data() + i * sizeof(Stored), sizeof(Stored));
            convert(stored);
        }
        return true;
    }
    if (static_cast<std::size_t>(field.size()) != count) return false;
    for (const auto& element : field)
        convert(static_cast<Stored>(element));
    return true;
}

bool is_floating(int type) {
    using Type = onnx::TensorProto;
    return type == Type::FLOAT || type == Type::DOUBLE || type == Type::FLOAT16 || type == Type::BFLOAT16;
}

Result<ConstantPtr> read_tensor(const onnx::TensorProto& tensor, const std::string& name) {
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL)
        return unsupported(fmt::format("tensor {} keeps its data in another file", name));
    auto constant = std::make_shared<Constant>();
    constant->shape.assign(tensor.dims().begin(), tensor.dims().end());
    if (constant->shape.size() > kRankMax)
        return unsupported(fmt::format("tensor {} has {} dimensions", name, constant->shape.size()));
    const auto count = elements(constant->shape);
    if (!count) return Error::refusal(Refusal::too_large, fmt::format("tensor {} is too large", name));
    const auto size = static_cast<std::size_t>(*count);
    // Raw data and typed fields are as long as the file says; nothing is reserved before the length is seen.
    auto to_float = [&](auto stored) { constant->floats.push_back(static_cast<float>(stored)); };
    auto to_int = [&](auto stored) { constant->ints.push_back(static_cast<std::int64_t>(stored)); };
    bool good = false;
    using Type = onnx::TensorProto;
    switch (tensor.data_type()) {
        case Type::FLOAT:
            good = take<float>(tensor, tensor.float_data(), size, to_float);
            break;
        case Type::DOUBLE:
            good = take<double>(tensor, tensor.double_data(), size, to_float);
            break;
        case Type::FLOAT16:
            good = take<std::uint16_t>(tensor, tensor.int32_data(), size,
                                       [&](std::uint16_t bits) { to_float(from_half(bits)); });
            break;
        case Type::BFLOAT16:
            good = take<std::uint16_t>(tensor, tensor.int32_data(), size,
                                       [&](std::uint16_t bits) { to_float(from_bfloat(bits)); });
            break;
        case Type::INT64:
            good = take<std::int64_t>(tensor, tensor.int64_data(), size, to_int);
            break;
        case Type::INT32:
            good = take<std::int32_t>(tensor, tensor.int32_data(), size, to_int);
            break;
        case Type::INT8:
            good = take<std::int8_t>(tensor, tensor.int32_data(), size, to_int);
            break;
        case Type::UINT8:
        case Type::BOOL:
            good = take<std::uint8_t>(tensor, tensor.int32_data(), size, to_int);
            break;
        default:
            return unsupported(fmt::format("tensor {} has ONNX type {}", name, tensor.data_type()));
    }
    if (!good) return not_a_model(fmt::format("tensor {} does not hold as much as its shape says", name));
    constant->integral = !is_floating(tensor.data_type());
    return ConstantPtr(std::move(constant));
}

Result<Attribute> read_attribute(const onnx::AttributeProto& proto, const std::string& node) {
    Attribute attribute;
    switch (proto.type()) {
        case onnx::AttributeProto::FLOAT:
            attribute.kind = Attribute::Kind::number;
            attribute.number = proto.f();
            break;
        case onnx::AttributeProto::INT:
            attribute.kind = Attribute::Kind::integer;
            attribute.integer = proto.i();
            break;
        case onnx::AttributeProto::STRING:
            attribute.kind = Attribute::Kind::text;
            attribute.text = proto.s();
            break;
        case onnx::AttributeProto::FLOATS:
            attribute.kind = Attribute::Kind::numbers;
            attribute.numbers.assign(proto.floats().begin(), proto.floats().end());
            break;
        case onnx::AttributeProto::INTS:
            attribute.kind = Attribute::Kind::integers;
            attribute.integers.assign(proto.ints().begin(), proto.ints().end());
            break;
        case onnx::AttributeProto::TENSOR:
            attribute.kind = Attribute::Kind::tensor;
            attribute.tensor = TRY(read_tensor(proto.t(), node));
            break;
        default:
            return unsupported(
                fmt::format("attribute {} of {} has a kind that we do not read", proto.name(), node));
    }
    return attribute;
}

Result<Port> read_port(const onnx::ValueInfoProto& info) {
    if (!info.type().has_tensor_type()) return unsupported(fmt::format("{} is no tensor", info.name()));
    const auto& tensor = info.type().tensor_type();
    if (tensor.elem_type() != onnx::TensorProto::FLOAT)
        return unsupported(
            fmt::format("{} has ONNX type {}; only float goes in and out", info.name(), tensor.elem_type()));
    Port port{info.name(), {}};
    for (const auto& dimension : tensor.shape().dim())
        port.shape.push_back(dimension.has_dim_value() && dimension.dim_value() > 0 ? dimension.dim_value()
                                                                                    : -1);
    return port;
}

Result<Node> read_node(const onnx::NodeProto& proto) {
    Node node;
    node.operator_name = proto.op_type();
    node.inputs.assign(proto.input().begin(), proto.input().end());
    node.outputs.assign(proto.output().begin(), proto.output().end());
    node.name = !proto.name().empty() ? proto.name() : node.outputs.empty() ? "" : node.outputs.front();
    if (!proto.domain().empty() && proto.domain() != "ai.onnx")
        return unsupported(fmt::format("operator {}.{} ({})", proto.domain(), proto.op_type(), node.name));
    if (!has_operator(node.operator_name))
        return unsupported(fmt::format("operator {} ({})", node.operator_name, node.name));
    for (const auto& attribute : proto.attribute())
        node.attributes[attribute.name()] = TRY(read_attribute(attribute, node.name));
    return node;
}

Result<int> read_opset(const onnx::ModelProto& model) {
    std::int64_t version = 0;
    for (const auto& opset : model.opset_import())
        if (opset.domain().empty() || opset.domain() == "ai.onnx") version = opset.version();
    if (version == 0) return not_a_model("no opset is named");
    if (version < 9 || version > 18)
        return Error::refusal(Refusal::unsupported_opset, fmt::format("opset {}; 9 to 18 are read", version));
    return static_cast<int>(version);
}

// Names defined once and before they are used, as ONNX demands: this also rules out cycles.
Result<void> check_names(const Graph& graph) {
    std::set<std::string> defined = {graph.input.name};
    for (const auto& [name, constant] : graph.constants)
        if (!defined.insert(name).second) return not_a_model(fmt::format("{} is defined twice", name));
    for (const auto& node : graph.nodes) {
        for (const auto& name : node.inputs)
            if (!name.empty() && !defined.contains(name))
                return not_a_model(fmt::format("{} is used before it is defined", name));
        for (const auto& name : node.outputs)
            if (!name.empty() && !defined.insert(name).second)
                return not_a_model(fmt::format("{} is defined twice", name));
    }
    for (const auto& output : graph.outputs)
        if (!defined.contains(output.name))
            return not_a_model(fmt::format("output {} is never computed", output.name));
    return {};
}

Result<std::unique_ptr<const Graph>> convert(const onnx::ModelProto& model) {
    auto graph = std::make_unique<Graph>();
    graph->opset = TRY(read_opset(model));
    const auto& proto = model.graph();
    if (static_cast<std::size_t>(proto.node_size()) > kNodesMax)
        return Error::refusal(Refusal::too_large, fmt::format("{} nodes", proto.node_size()));
    if (proto.sparse_initializer_size() > 0) return unsupported("sparse initialisers");
    for (const auto& tensor : proto.initializer()) {
        if (graph->constants.contains(tensor.name()))
            return not_a_model(fmt::format("{} is defined twice", tensor.name()));
        graph->constants[tensor.name()] = TRY(read_tensor(tensor, tensor.name()));
    }
    int inputs = 0;
    for (const auto& info : proto.input()) {
        if (graph->constants.contains(info.name())) continue;  // older files list weights as inputs too
        graph->input = TRY(read_port(info));
        ++inputs;
    }
    if (inputs != 1) return unsupported(fmt::format("{} inputs; a network has one", inputs));
    for (const auto& info : proto.output())
        graph->outputs.push_back(TRY(read_port(info)));
    if (graph->outputs.empty()) return not_a_model("no output");
    for (const auto& node : proto.node())
        graph->nodes.push_back(TRY(read_node(node)));
    TRY(check_names(*graph));
    return std::unique_ptr<const Graph>(std::move(graph));
}

}  // namespace

Result<std::unique_ptr<const Graph>> read_graph(base::ByteView bytes) {
    if (bytes.size() > kModelBytesMax)
        return Error::refusal(Refusal::too_large, fmt::format("a model of {} bytes", bytes.size()));
    try {
        onnx::ModelProto model;
        if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
            return not_a_model("the bytes are no ONNX model");
        return convert(model);
    } catch (const std::exception& problem) {
        return Error::failure(fmt::format("reading an ONNX model: {}", problem.what()));
    }
}

float from_half(std::uint16_t bits) {
    const float sign = (bits & 0x8000) != 0 ? -1.0f : 1.0f;
    const int exponent = (bits >> 10) & 31;
    const int mantissa = bits & 1023;
    if (exponent == 31)
        return mantissa == 0 ? sign * std::numeric_limits<float>::infinity()
                             : std::numeric_limits<float>::quiet_NaN();
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
    return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
}

ConstantPtr constant_of(Shape shape, std::vector<float> floats) {
    auto constant = std::make_shared<Constant>();
    constant->shape = std::move(shape);
    constant->floats = std::move(floats);
    return constant;
}

ConstantPtr constant_of(Shape shape, std::vector<std::int64_t> ints) {
    auto constant = std::make_shared<Constant>();
    constant->shape = std::move(shape);
    constant->integral = true;
    constant->ints = std::move(ints);
    return constant;
}

std::optional<std::int64_t> elements(const Shape& shape) {
    constexpr auto kMost = static_cast<std::int64_t>(kValueBytesMax / sizeof(float));
    std::int64_t count = 1;
    for (const std::int64_t dimension : shape) {
        if (dimension < 0 || dimension > kMost) return std::nullopt;
        count *= dimension;
        if (count > kMost) return std::nullopt;
    }
    return count;
}

std::string text_of(const Shape& shape) {
    return fmt::format("{}", fmt::join(shape, "x"));
}

}  // namespace neural::detail
