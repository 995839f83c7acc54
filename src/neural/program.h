// A graph for one input shape, in few kinds of operation whose shapes are all known: what ONNX's operators
// are lowered to, what rewriting works on, and what becomes oneDNN primitives. Inside the room.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "neural/graph.h"

namespace neural::detail {

using ValueId = int;

struct Value {
    Shape shape;
    ConstantPtr constant;  // null if it depends on the input
};

// An element-wise function in oneDNN's terms.
struct Eltwise {
    dnnl::algorithm algorithm;
    float alpha = 0;
    float beta = 0;
};

// What happens to the result of a matrix operation before it is written: a function, or adding inputs[1].
struct AddSecondInput {};
using PostOp = std::variant<Eltwise, AddSecondInput>;

// A window that moves over the spatial dimensions; one number for each of them.
struct Window {
    Shape kernel;
    Shape strides;
    Shape dilations;  // 1 is dense, as in ONNX
    Shape pads_begin;
    Shape pads_end;
    bool operator==(const Window&) const = default;
};

struct Convolution {
    Window window;
    std::int64_t groups = 1;
    ConstantPtr weights;  // {out, in / groups, kernel...}
    ConstantPtr bias;     // {out}, or null
    std::vector<PostOp> after;
};
struct Dense {
    ConstantPtr weights;  // {out, in}
    ConstantPtr bias;     // {out}, or null
    std::vector<PostOp> after;
};
struct MatMul {};
struct Map {
    Eltwise function;
};
// x * scale + shift, per channel (dimension 1), or with one element for all.
struct Affine {
    std::vector<float> scale;
    std::vector<float> shift;
};
struct Binary {
    dnnl::algorithm algorithm;
};
struct PRelu {};  // inputs[1] is the slope
struct Pool {
    dnnl::algorithm algorithm;
    Window window;
};
struct Resize {
    dnnl::algorithm algorithm;
};
struct Reduce {
    dnnl::algorithm algorithm;
    float power = 0;
};
struct Softmax {
    int axis = 1;
    bool logarithm = false;
};
struct Concat {
    int axis = 1;
};
struct Transpose {
    std::vector<int> permutation;  // output dimension i is input dimension permutation[i]
};
struct Reshape {};
struct Slice {
    Shape starts;
    Shape steps;  // positive
};
struct Pad {
    Shape begins;
    float value = 0;
};

using OperationKind = std::variant<Convolution, Dense, MatMul, Map, Affine, Binary, PRelu, Pool, Resize,
                                   Reduce, Softmax, Concat, Transpose, Reshape, Slice, Pad>;

struct Operation {
    OperationKind kind;
    std::vector<ValueId> inputs;
    ValueId output = -1;
    std::string name;  // the node's, for messages

    template <class T>
    T* as() {
        return std::get_if<T>(&kind);
    }
    template <class T>
    const T* as() const {
        return std::get_if<T>(&kind);
    }
};

// Operations come after what they depend on.
struct Program {
    std::vector<Value> values;
    std::vector<Operation> operations;
    ValueId input = -1;
    std::vector<std::pair<std::string, ValueId>> outputs;

    ValueId add(Shape shape, ConstantPtr constant = nullptr) {
        values.push_back({std::move(shape), std::move(constant)});
        return static_cast<ValueId>(values.size()) - 1;
    }
    const Shape& shape(ValueId id) const { return values[static_cast<std::size_t>(id)].shape; }
    const ConstantPtr& constant(ValueId id) const { return values[static_cast<std::size_t>(id)].constant; }
};

// The graph's operators in terms of operations, for an input of this shape.
Result<Program> lower(const Graph& graph, const Shape& input);

// The same function of the input with fewer and larger operations: constants folded into weights, functions
// and sums into the matrix operations before them, sibling heads merged.
void simplify(Program& program);

}  // namespace neural::detail
