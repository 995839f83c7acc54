// ONNX's operators, by name. Inside the room.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "neural/program.h"

namespace neural::detail {

bool has_operator(std::string_view name);

// The program under construction, as one node sees it.
class Lowering {
public:
    Lowering(const Graph& graph, Program& program) : graph_(graph), program_(program) {}

    // Which node is being lowered: the attribute and input readers below refer to it.
    void enter(const Node& node) { node_ = &node; }
    const Node& node() const { return *node_; }
    int opset() const { return graph_.opset; }

    // Inputs of the node.
    bool has_input(std::size_t index) const;
    Result<ValueId> input(std::size_t index) const;
    const Shape& shape(ValueId id) const { return program_.shape(id); }
    const ConstantPtr& constant(ValueId id) const { return program_.constant(id); }
    // The input must be a constant of this kind; nothing if it is left out.
    Result<std::optional<Shape>> integers(std::size_t index) const;
    Result<ConstantPtr> floats(std::size_t index) const;

    // Attributes of the node. A wrong kind is refused by Lowering::check before.
    std::int64_t integer(const std::string& name, std::int64_t otherwise) const;
    float number(const std::string& name, float otherwise) const;
    std::string text(const std::string& name, const std::string& otherwise) const;
    std::optional<Shape> integers(const std::string& name) const;
    const Attribute* attribute(const std::string& name) const;

    // Adds an operation; the shape of its result is checked against kValueBytesMax.
    Result<ValueId> emit(OperationKind kind, std::vector<ValueId> inputs, Shape shape);
    Result<ValueId> emit_constant(ConstantPtr constant);
    // Says which value the node's output is.
    void define(ValueId id, std::size_t output = 0);
    void define(const std::string& name, ValueId id) { names_[name] = id; }
    Result<ValueId> lookup(const std::string& name) const;

    // -axis counts from the end.
    Result<int> axis(std::int64_t axis, std::size_t rank) const;

    Error unsupported(std::string_view what) const;
    Error contradiction(std::string_view what) const;

private:
    const Graph& graph_;
    Program& program_;
    const Node* node_ = nullptr;
    std::map<std::string, ValueId> names_;
};

// One operator: its name, the attributes that it understands, each with its kind, and what it becomes.
struct Operator {
    struct Parameter {
        std::string_view name;
        Attribute::Kind kind;
    };
    std::string_view name;
    Result<void> (*lower)(Lowering&);
    std::vector<Parameter> attributes;
};

// The tables of operators by subject, each in its own file.
std::vector<Operator> window_operators();       // convolution, pooling, resizing, normalisation
std::vector<Operator> arithmetic_operators();   // element by element, matrices, reductions
std::vector<Operator> arrangement_operators();  // shapes and the order of elements

// ONNX's broadcasting of two shapes.
Result<Shape> broadcast(const Lowering& lowering, const Shape& a, const Shape& b);
// `value` with another shape of as many elements.
Result<ValueId> reshaped(Lowering& lowering, ValueId value, Shape shape);

}  // namespace neural::detail
