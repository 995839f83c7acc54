// A program as oneDNN primitives with the layouts that oneDNN chose, and one block of scratch memory in which
// the values take turns. Inside the room.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <utility>
#include <vector>

#include "neural/program.h"

namespace neural::detail {

// Where a value or a weight lies: `offset` bytes into a buffer of scratch memory, or a constant.
struct Operand {
    dnnl::memory::desc layout;
    int buffer = -1;    // into Plan::buffers
    int constant = -1;  // into Plan::constants, if there is no buffer
    std::size_t offset = 0;
};

// Scratch memory that is needed from step `first` to step `last`; values that are not needed at the same time
// may share bytes.
struct Buffer {
    std::size_t bytes = 0;
    int first = 0;
    int last = 0;
    std::size_t position = 0;  // in the block
};

struct Step {
    dnnl::primitive primitive;  // none: the operand is filled with `fill`
    std::vector<std::pair<int, Operand>> arguments;
    float fill = 0;
};

struct Plan {
    dnnl::engine engine;
    Precision precision = Precision::f32;
    Port input;
    std::vector<Port> outputs;
    std::vector<Step> steps;
    std::vector<Buffer> buffers;
    std::vector<dnnl::memory> constants;
    Operand dense_input;  // f32 in the order of the input's shape
    // What `dense_input` is first turned into, by the step `arranging`, if nothing else reads it:
    // Session::load writes here at once and leaves that step out. Otherwise the same as dense_input, and -1.
    Operand arranged_input;
    int arranging = -1;
    std::vector<Operand> output_operands;  // dense f32
    std::size_t scratch_bytes = 0;
    std::size_t weight_bytes = 0;
};

// Chooses primitives and layouts. `precision` is f32 or bf16; the ports are what the plan is known by.
Result<std::unique_ptr<const Plan>> make_plan(const Program& program, Precision precision, Port input,
                                              std::vector<Port> outputs);

// Gives every buffer its position, so that those alive at the same step do not overlap; the size of the
// block.
std::size_t arrange_buffers(std::vector<Buffer>& buffers);

}  // namespace neural::detail
