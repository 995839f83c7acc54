#include "neural/operators.h"

#include <fmt/format.h>

namespace neural::detail {
namespace {

using Table = std::map<std::string_view, Operator>;

const Table& table() {
    static const Table all = [] {
        Table gathered;
        for (auto operators : {window_operators(), arithmetic_operators(), arrangement_operators()})
            for (auto& entry : operators)
                gathered.emplace(entry.name, entry);
        return gathered;
    }();
    return all;
}

// An attribute that we do not know may change the result, so it is refused and not ignored.
Result<void> check_attributes(const Lowering& lowering, const Operator& entry) {
    for (const auto& [name, attribute] : lowering.node().attributes) {
        auto known = std::find_if(entry.attributes.begin(), entry.attributes.end(),
                                  [&](const auto& parameter) { return parameter.name == name; });
        if (known == entry.attributes.end()) return lowering.unsupported(fmt::format("attribute {}", name));
        if (known->kind != attribute.kind)
            return lowering.contradiction(fmt::format("attribute {} is of the wrong kind", name));
    }
    return {};
}

}  // namespace

bool has_operator(std::string_view name) {
    return table().contains(name);
}

Result<Program> lower(const Graph& graph, const Shape& input) {
    Program program;
    program.input = program.add(input);
    Lowering lowering(graph, program);
    lowering.define(graph.input.name, program.input);
    for (const auto& [name, constant] : graph.constants)
        lowering.define(name, program.add(constant->shape, constant));
    for (const auto& node : graph.nodes) {
        lowering.enter(node);
        const Operator& entry = table().at(node.operator_name);
        TRY(check_attributes(lowering, entry));
        TRY(entry.lower(lowering));
    }
    for (const auto& output : graph.outputs) {
        const ValueId id = TRY(lowering.lookup(output.name));
        const ConstantPtr& known = program.constant(id);
        if (known && (known->integral || known->floats.empty()))
            return Error::refusal(Refusal::unsupported_operator,
                                  fmt::format("output {} is integers, or nothing", output.name));
        program.outputs.emplace_back(output.name, id);
    }
    return program;
}

bool Lowering::has_input(std::size_t index) const {
    return index < node_->inputs.size() && !node_->inputs[index].empty();
}

Result<ValueId> Lowering::input(std::size_t index) const {
    if (!has_input(index)) return contradiction(fmt::format("input {} is missing", index));
    return lookup(node_->inputs[index]);
}

Result<ValueId> Lowering::lookup(const std::string& name) const {
    auto found = names_.find(name);
    if (found == names_.end())
        return Error::refusal(Refusal::unsupported_operator,
                              fmt::format("{} is an output that we do not compute", name));
    return found->second;
}

Result<std::optional<Shape>> Lowering::integers(std::size_t index) const {
    if (!has_input(index)) return std::optional<Shape>();
    const ConstantPtr& known = constant(TRY(input(index)));
    if (!known || !known->integral)
        return unsupported(fmt::format("input {} must be constant integers", index));
    return std::optional<Shape>(known->ints);
}

Result<ConstantPtr> Lowering::floats(std::size_t index) const {
    if (!has_input(index)) return ConstantPtr();
    const ConstantPtr& known = constant(TRY(input(index)));
    if (!known || known->integral)
        return unsupported(fmt::format("input {} must be constant numbers", index));
    return known;
}

const Attribute* Lowering::attribute(const std::string& name) const {
    auto found = node_->attributes.find(name);
    return found == node_->attributes.end() ? nullptr : &found->second;
}

std::int64_t Lowering::integer(const std::string& name, std::int64_t otherwise) const {
    const Attribute* found = attribute(name);
    return found ? found->integer : otherwise;
}

float Lowering::number(const std::string& name, float otherwise) const {
    const Attribute* found = attribute(name);
    return found ? found->number : otherwise;
}

std::string Lowering::text(const std::string& name, const std::string& otherwise) const {
    const Attribute* found = attribute(name);
    return found ? found->text : otherwise;
}

std::optional<Shape> Lowering::integers(const std::string& name) const {
    const Attribute* found = attribute(name);
    return found ? std::optional<Shape>(found->integers) : std::nullopt;
}

Result<ValueId> Lowering::emit(OperationKind kind, std::vector<ValueId> inputs, Shape shape) {
    for (ValueId id : inputs) {
        if (constant(id) && constant(id)->integral)
            return unsupported("arithmetic on integers that depend on the input");
        if (elements(this->shape(id)) == 0) return contradiction("an input without elements");
    }
    const auto count = elements(shape);
    if (!count || shape.size() > kRankMax)
        return Error::refusal(Refusal::too_large, fmt::format("{} ({}): a result of {}", node_->operator_name,
                                                              node_->name, text_of(shape)));
    if (*count == 0) return contradiction("the result has no elements");
    program_.operations.push_back({std::move(kind), std::move(inputs), -1, node_->name});
    return program_.operations.back().output = program_.add(std::move(shape));
}

Result<ValueId> Lowering::emit_constant(ConstantPtr constant) {
    const auto count = elements(constant->shape);
    if (!count || constant->shape.size() > kRankMax)
        return Error::refusal(Refusal::too_large, fmt::format("constant {}", node_->name));
    Shape shape = constant->shape;
    return program_.add(std::move(shape), std::move(constant));
}

void Lowering::define(ValueId id, std::size_t output) {
    if (output < node_->outputs.size() && !node_->outputs[output].empty())
        names_[node_->outputs[output]] = id;
}

Result<int> Lowering::axis(std::int64_t axis, std::size_t rank) const {
    const auto count = static_cast<std::int64_t>(rank);
    if (axis < -count || axis >= count)
        return contradiction(fmt::format("axis {} of {} dimensions", axis, rank));
    return static_cast<int>(axis < 0 ? axis + count : axis);
}

Error Lowering::unsupported(std::string_view what) const {
    return Error::refusal(Refusal::unsupported_operator,
                          fmt::format("{} ({}): {}", node_->operator_name, node_->name, what));
}

Error Lowering::contradiction(std::string_view what) const {
    return Error::refusal(Refusal::wrong_shape,
                          fmt::format("{} ({}): {}", node_->operator_name, node_->name, what));
}

Result<Shape> broadcast(const Lowering& lowering, const Shape& a, const Shape& b) {
    Shape result(std::max(a.size(), b.size()));
    for (std::size_t i = 0; i < result.size(); ++i) {
        const std::int64_t from_a = i < a.size() ? a[a.size() - 1 - i] : 1;
        const std::int64_t from_b = i < b.size() ? b[b.size() - 1 - i] : 1;
        if (from_a != from_b && from_a != 1 && from_b != 1)
            return lowering.contradiction(
                fmt::format("{} and {} do not go together", text_of(a), text_of(b)));
        result[result.size() - 1 - i] = from_a == 1 ? from_b : from_a;
    }
    return result;
}

Result<ValueId> reshaped(Lowering& lowering, ValueId value, Shape shape) {
    if (lowering.shape(value) == shape) return value;
    if (elements(lowering.shape(value)) != elements(shape))
        return lowering.contradiction(
            fmt::format("{} as {}", text_of(lowering.shape(value)), text_of(shape)));
    if (const ConstantPtr& known = lowering.constant(value)) {
        auto copy = std::make_shared<Constant>(*known);
        copy->shape = std::move(shape);
        return lowering.emit_constant(std::move(copy));
    }
    return lowering.emit(Reshape{}, {value}, std::move(shape));
}

}  // namespace neural::detail
