#include "neural/plan.h"

#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <limits>
#include <set>

#include "neural/layout.h"
#include "neural/one_thread.h"

namespace neural::detail {
namespace {

using dnnl::primitive;
using dnnl::prop_kind;

Shape at_least_one_dimension(const Shape& shape) {
    return shape.empty() ? Shape{1} : shape;
}

dnnl::primitive_attr plain_attributes() {
    dnnl::primitive_attr attributes;
    // Scratch memory comes from the session, so that one primitive can run in several threads.
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attributes;
}

dnnl::primitive_attr attributes_with(const std::vector<PostOp>& after) {
    dnnl::post_ops operations;
    for (const PostOp& post : after) {
        if (const auto* function = std::get_if<Eltwise>(&post))
            operations.append_eltwise(1.0f, function->algorithm, function->alpha, function->beta);
        else
            operations.append_sum();
    }
    dnnl::primitive_attr attributes = plain_attributes();
    attributes.set_post_ops(operations);
    return attributes;
}

// Which values lie between two matrix operations: those are kept in bf16 where bf16 is asked for. What comes
// before the first and after the last loses nothing.
std::vector<bool> between_matrices(const Program& program) {
    auto is_matrix = [](const Operation& operation) {
        return operation.as<Convolution>() != nullptr || operation.as<Dense>() != nullptr;
    };
    auto index = [](ValueId id) { return static_cast<std::size_t>(id); };
    std::vector<bool> after(program.values.size());
    std::vector<bool> before(program.values.size());
    for (const auto& operation : program.operations) {
        bool any = is_matrix(operation);
        for (ValueId id : operation.inputs)
            any = any || after[index(id)];
        after[index(operation.output)] = any;
    }
    for (auto operation = program.operations.rbegin(); operation != program.operations.rend(); ++operation)
        for (ValueId id : operation->inputs)
            before[index(id)] =
                before[index(id)] || before[index(operation->output)] || is_matrix(*operation);
    for (std::size_t i = 0; i < after.size(); ++i)
        after[i] = after[i] && before[i];
    return after;
}

class Planner {
public:
    Planner(const Program& program, Plan& plan);
    Result<void> plan_all();

private:
    Result<void> plan_one(const Operation& operation);
    void compute(const Convolution& kind, const Operation& operation);
    void compute(const Dense& kind, const Operation& operation);
    void compute(const MatMul& kind, const Operation& operation);
    void compute(const Map& kind, const Operation& operation);
    void compute(const Affine& kind, const Operation& operation);
    void compute(const Binary& kind, const Operation& operation);
    void compute(const PRelu& kind, const Operation& operation);
    void compute(const Pool& kind, const Operation& operation);
    void compute(const Resize& kind, const Operation& operation);
    void compute(const Reduce& kind, const Operation& operation);
    void compute(const Softmax& kind, const Operation& operation);
    void compute(const Concat& kind, const Operation& operation);
    void compute(const Transpose& kind, const Operation& operation);
    void compute(const Reshape& kind, const Operation& operation);
    void compute(const Slice& kind, const Operation& operation);
    void compute(const Pad& kind, const Operation& operation);

    Shape shape(ValueId id) const { return at_least_one_dimension(program_.shape(id)); }
    Type type(ValueId id) const { return narrow_[static_cast<std::size_t>(id)] ? matrix_type_ : Type::f32; }

    // Where a value is, as it is; or in this layout, moved there if need be.
    const Operand& place(ValueId id);
    Operand arranged(ValueId id, const Layout& layout);
    // In this type and without gaps, in whatever order it has; or row-major.
    Operand compact(ValueId id, Type type);
    Operand dense(ValueId id, Type type) { return arranged(id, dense_layout(shape(id), type)); }
    void settle(ValueId id, Operand operand);

    Operand allocate(const Layout& layout);
    // The memory of `operand` for the result, if no value in it is read after this operation; else new
    // memory.
    Operand reuse_or_allocate(const Operand& operand, const Layout& layout);
    bool is_last_reader(const Operand& operand) const;

    Operand keep(dnnl::memory memory);
    Operand constant(const ConstantPtr& constant);
    Operand constant(const ConstantPtr& constant, const Layout& layout, const Shape& shape);
    Operand constant(std::vector<float> floats);
    dnnl::memory moved(const dnnl::memory& from, const Layout& layout);

    void move(const Operand& from, const Operand& to);
    void add_step(Step step);
    template <class Primitive, class Description>
    void add_step(const Description& description, std::vector<std::pair<int, Operand>> arguments);
    void finish_matrix(const Operation& operation, const std::vector<PostOp>& after, const Layout& result,
                       std::vector<std::pair<int, Operand>>& arguments);

    const Program& program_;
    Plan& plan_;
    const Type matrix_type_;
    const std::vector<bool> narrow_;
    dnnl::stream stream_;
    int position_ = 0;                             // of the operation being planned
    std::vector<int> last_reader_;                 // by value; past the end for outputs
    std::vector<std::optional<Operand>> places_;   // by value
    std::vector<std::vector<Operand>> copies_;     // by value, in other layouts
    std::vector<std::vector<ValueId>> residents_;  // by buffer
    std::vector<int> input_moves_;                 // steps that rearrange the input
};

Planner::Planner(const Program& program, Plan& plan)
    : program_(program),
      plan_(plan),
      matrix_type_(plan.precision == Precision::bf16 ? Type::bf16 : Type::f32),
      narrow_(between_matrices(program)),
      stream_(plan.engine),
      last_reader_(program.values.size(), -1),
      places_(program.values.size()),
      copies_(program.values.size()) {
    for (std::size_t i = 0; i < program.operations.size(); ++i)
        for (ValueId id : program.operations[i].inputs)
            last_reader_[static_cast<std::size_t>(id)] = static_cast<int>(i);
    for (const auto& [name, id] : program.outputs)
        last_reader_[static_cast<std::size_t>(id)] = std::numeric_limits<int>::max();
}

Result<void> Planner::plan_all() {
    plan_.dense_input = allocate(dense_layout(shape(program_.input), Type::f32));
    settle(program_.input, plan_.dense_input);
    for (const auto& operation : program_.operations) {
        TRY(plan_one(operation));
        ++position_;
    }
    for (const auto& [name, id] : program_.outputs) {
        Operand output = dense(id, Type::f32);
        if (output.buffer < 0) {
            const Operand copy = allocate(output.layout);
            move(output, copy);
            output = copy;
        }
        plan_.output_operands.push_back(output);
    }
    const int steps = static_cast<int>(plan_.steps.size());
    for (const Operand& output : plan_.output_operands)
        plan_.buffers[static_cast<std::size_t>(output.buffer)].last = steps;
    int readers = 0;
    for (const Step& step : plan_.steps)
        readers += std::any_of(step.arguments.begin(), step.arguments.end(), [&](const auto& argument) {
            return argument.second.buffer == plan_.dense_input.buffer;
        });
    const bool is_output =
        std::any_of(plan_.output_operands.begin(), plan_.output_operands.end(),
                    [&](const Operand& o) { return o.buffer == plan_.dense_input.buffer; });
    plan_.arranged_input = plan_.dense_input;
    if (readers == 1 && input_moves_.size() == 1 && !is_output) {
        plan_.arranging = input_moves_[0];
        plan_.arranged_input = plan_.steps[static_cast<std::size_t>(plan_.arranging)].arguments[1].second;
        plan_.buffers[static_cast<std::size_t>(plan_.arranged_input.buffer)].first = 0;
    }
    return {};
}

Result<void> Planner::plan_one(const Operation& operation) {
    try {
        std::visit([&](const auto& kind) { compute(kind, operation); }, operation.kind);
    } catch (const dnnl::error& problem) {
        return Error::refusal(Refusal::unsupported_operator, fmt::format("{}: no kernel for this case ({})",
                                                                         operation.name, problem.what()));
    }
    std::size_t bytes = plan_.weight_bytes;
    for (const Buffer& buffer : plan_.buffers)
        if (buffer.bytes > 2 * kValueBytesMax) bytes = kScratchBytesMax + 1;
    if (bytes > kScratchBytesMax)
        return Error::refusal(Refusal::too_large, fmt::format("{} needs too much memory", operation.name));
    return {};
}

// --- places

const Operand& Planner::place(ValueId id) {
    auto& known = places_[static_cast<std::size_t>(id)];
    if (!known) known = constant(program_.constant(id));
    return *known;
}

void Planner::settle(ValueId id, Operand operand) {
    if (operand.buffer >= 0) residents_[static_cast<std::size_t>(operand.buffer)].push_back(id);
    places_[static_cast<std::size_t>(id)] = std::move(operand);
}

Operand Planner::arranged(ValueId id, const Layout& layout) {
    const Operand from = place(id);
    auto with_layout = [&](Operand operand) {
        operand.layout = layout;
        return operand;
    };
    if (same_layout(from.layout, layout)) return with_layout(from);
    auto& copies = copies_[static_cast<std::size_t>(id)];
    for (const Operand& copy : copies)
        if (same_layout(copy.layout, layout)) return with_layout(copy);
    if (from.buffer < 0) {
        copies.push_back(keep(moved(plan_.constants[static_cast<std::size_t>(from.constant)], layout)));
        return copies.back();
    }
    const Operand to = allocate(layout);
    residents_[static_cast<std::size_t>(to.buffer)].push_back(id);
    move(from, to);
    if (id == program_.input) input_moves_.push_back(static_cast<int>(plan_.steps.size()) - 1);
    copies.push_back(to);
    return to;
}

Operand Planner::compact(ValueId id, Type type) {
    const Operand& from = place(id);
    std::size_t bytes = bytes_of(type);
    for (std::int64_t size : shape(id))
        bytes *= static_cast<std::size_t>(size);
    Layout layout = from.layout;
    layout.data.data_type = static_cast<dnnl_data_type_t>(type);
    const bool whole_blocks = !strides_of(layout) || layout.get_size() == bytes;
    return whole_blocks ? arranged(id, layout) : dense(id, type);
}

Operand Planner::allocate(const Layout& layout) {
    const int next = static_cast<int>(plan_.steps.size());
    plan_.buffers.push_back({layout.get_size(), next, next, 0});
    residents_.emplace_back();
    return {layout, static_cast<int>(plan_.buffers.size()) - 1, -1, 0};
}

bool Planner::is_last_reader(const Operand& operand) const {
    if (operand.buffer < 0) return false;
    const auto& residents = residents_[static_cast<std::size_t>(operand.buffer)];
    return std::all_of(residents.begin(), residents.end(),
                       [&](ValueId id) { return last_reader_[static_cast<std::size_t>(id)] <= position_; });
}

Operand Planner::reuse_or_allocate(const Operand& operand, const Layout& layout) {
    if (!is_last_reader(operand) || !same_layout(operand.layout, layout)) return allocate(layout);
    Operand reused = operand;
    reused.layout = layout;
    return reused;
}

// --- constants

Operand Planner::keep(dnnl::memory memory) {
    plan_.weight_bytes += memory.get_desc().get_size();
    plan_.constants.push_back(std::move(memory));
    return {plan_.constants.back().get_desc(), -1, static_cast<int>(plan_.constants.size()) - 1, 0};
}

dnnl::memory Planner::moved(const dnnl::memory& from, const Layout& layout) {
    if (layout.get_size() > kValueBytesMax) throw dnnl::error(dnnl_out_of_memory, "weights past the bound");
    dnnl::memory to(layout, plan_.engine);
    dnnl::memory source = from;
    dnnl::reorder(source, to).execute(stream_, source, to);
    stream_.wait();
    return to;
}

Operand Planner::constant(const ConstantPtr& constant) {
    return this->constant(constant, dense_layout(at_least_one_dimension(constant->shape), Type::f32),
                          at_least_one_dimension(constant->shape));
}

Operand Planner::constant(const ConstantPtr& constant, const Layout& layout, const Shape& shape) {
    // oneDNN does not write through the pointer of a source.
    dnnl::memory parsed(dense_layout(shape, Type::f32), plan_.engine,
                        const_cast<float*>(constant->floats.data()));
    return keep(moved(parsed, layout));
}

Operand Planner::constant(std::vector<float> floats) {
    const auto count = static_cast<std::int64_t>(floats.size());
    return constant(constant_of(Shape{count}, std::move(floats)));
}

// --- steps

void Planner::add_step(Step step) {
    const int now = static_cast<int>(plan_.steps.size());
    for (const auto& [role, operand] : step.arguments)
        if (operand.buffer >= 0) plan_.buffers[static_cast<std::size_t>(operand.buffer)].last = now;
    plan_.steps.push_back(std::move(step));
}

template <class Primitive, class Description>
void Planner::add_step(const Description& description, std::vector<std::pair<int, Operand>> arguments) {
    const Layout scratchpad = description.scratchpad_desc();
    if (scratchpad.get_size() > 0) arguments.emplace_back(DNNL_ARG_SCRATCHPAD, allocate(scratchpad));
    add_step({Primitive(description), std::move(arguments), 0});
}

void Planner::move(const Operand& from, const Operand& to) {
    const dnnl::reorder::primitive_desc description(plan_.engine, from.layout, plan_.engine, to.layout,
                                                    plain_attributes());
    add_step<dnnl::reorder>(description, {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

// --- operations

// oneDNN 2.6.3 reads past the end of a table when it makes this implementation of a convolution (seen with a
// guard page behind each allocation, for every kernel larger than 1x1). The next one for the same CPU does
// not.
bool reads_out_of_bounds(const dnnl::convolution_forward::primitive_desc& description) {
    return std::string_view(description.impl_info_str()).starts_with("brgconv:avx512_core_amx");
}

// The result of a matrix operation, into the memory of what it adds to if it does.
void Planner::finish_matrix(const Operation& operation, const std::vector<PostOp>& after,
                            const Layout& result, std::vector<std::pair<int, Operand>>& arguments) {
    const bool adds = std::any_of(after.begin(), after.end(), [](const PostOp& post) {
        return std::holds_alternative<AddSecondInput>(post);
    });
    Operand to;
    if (!adds) {
        to = allocate(result);
    } else {
        const Operand addend = place(operation.inputs[1]);
        const bool separate = addend.buffer != arguments[0].second.buffer;
        to = separate ? reuse_or_allocate(addend, result) : allocate(result);
        if (to.buffer != addend.buffer) move(addend, to);
    }
    arguments.emplace_back(DNNL_ARG_DST, to);
    settle(operation.output, to);
}

void Planner::compute(const Convolution& kind, const Operation& operation) {
    const Window& window = kind.window;
    Shape gaps = window.dilations;
    for (auto& gap : gaps)
        --gap;
    Shape weights = kind.weights->shape;
    if (kind.groups > 1) {
        weights[0] /= kind.groups;
        weights.insert(weights.begin(), kind.groups);
    }
    const Layout x = any_layout(shape(operation.inputs[0]), matrix_type_);
    const Layout w = any_layout(weights, matrix_type_);
    const Layout y = any_layout(shape(operation.output), type(operation.output));
    using Forward = dnnl::convolution_forward;
    auto described = [&](dnnl::algorithm algorithm) {
        const auto inference = prop_kind::forward_inference;
        return kind.bias ? Forward::desc(inference, algorithm, x, w, any_layout(kind.bias->shape, Type::f32),
                                         y, window.strides, gaps, window.pads_begin, window.pads_end)
                         : Forward::desc(inference, algorithm, x, w, y, window.strides, gaps,
                                         window.pads_begin, window.pads_end);
    };
    // next_impl() reads the description again: both must live until an implementation is chosen.
    const auto direct = described(dnnl::algorithm::convolution_direct);
    const auto winograd = described(dnnl::algorithm::convolution_winograd);
    Forward::primitive_desc chosen;
    // Fewer multiplications for the same result up to rounding (Lavin and Gray, "Fast Algorithms for
    // Convolutional Neural Networks", 2016). oneDNN has it for 3x3 in f32 with AVX-512, where it halves the
    // time of our own networks.
    if (matrix_type_ == Type::f32 && kind.groups == 1 && window.kernel == Shape{3, 3})
        chosen = {winograd, attributes_with(kind.after), plan_.engine, true};
    if (!chosen) chosen = {direct, attributes_with(kind.after), plan_.engine};
    while (reads_out_of_bounds(chosen) && chosen.next_impl()) {
    }
    std::vector<std::pair<int, Operand>> arguments;
    arguments.emplace_back(DNNL_ARG_SRC, arranged(operation.inputs[0], chosen.src_desc()));
    arguments.emplace_back(DNNL_ARG_WEIGHTS, constant(kind.weights, chosen.weights_desc(), weights));
    if (kind.bias) arguments.emplace_back(DNNL_ARG_BIAS, constant(kind.bias));
    finish_matrix(operation, kind.after, chosen.dst_desc(), arguments);
    add_step<Forward>(chosen, std::move(arguments));
}

void Planner::compute(const Dense& kind, const Operation& operation) {
    using Forward = dnnl::inner_product_forward;
    const Layout x = any_layout(shape(operation.inputs[0]), matrix_type_);
    const Layout w = any_layout(kind.weights->shape, matrix_type_);
    const Layout y = any_layout(shape(operation.output), type(operation.output));
    const auto inference = prop_kind::forward_inference;
    const auto description = kind.bias
                                 ? Forward::desc(inference, x, w, any_layout(kind.bias->shape, Type::f32), y)
                                 : Forward::desc(inference, x, w, y);
    const Forward::primitive_desc chosen(description, attributes_with(kind.after), plan_.engine);
    std::vector<std::pair<int, Operand>> arguments;
    arguments.emplace_back(DNNL_ARG_SRC, arranged(operation.inputs[0], chosen.src_desc()));
    arguments.emplace_back(DNNL_ARG_WEIGHTS,
                           constant(kind.weights, chosen.weights_desc(), kind.weights->shape));
    if (kind.bias) arguments.emplace_back(DNNL_ARG_BIAS, constant(kind.bias));
    finish_matrix(operation, kind.after, chosen.dst_desc(), arguments);
    add_step<Forward>(chosen, std::move(arguments));
}

void Planner::compute(const MatMul&, const Operation& operation) {
    const Operand a = dense(operation.inputs[0], Type::f32);
    const Operand b = dense(operation.inputs[1], Type::f32);
    const Operand y = allocate(dense_layout(shape(operation.output), Type::f32));
    const dnnl::matmul::primitive_desc chosen({a.layout, b.layout, y.layout}, plain_attributes(),
                                              plan_.engine);
    add_step<dnnl::matmul>(chosen, {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, y}});
    settle(operation.output, y);
}

void Planner::compute(const Map& kind, const Operation& operation) {
    const Operand x = compact(operation.inputs[0], type(operation.output));
    const Operand y = reuse_or_allocate(x, x.layout);
    const auto& [algorithm, alpha, beta] = kind.function;
    const dnnl::eltwise_forward::primitive_desc chosen(
        {prop_kind::forward_inference, algorithm, x.layout, alpha, beta}, plain_attributes(), plan_.engine);
    add_step<dnnl::eltwise_forward>(chosen, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}});
    settle(operation.output, y);
}

// Batch normalisation with a mean of 0 and a variance of 1.
void Planner::compute(const Affine& kind, const Operation& operation) {
    using Forward = dnnl::batch_normalization_forward;
    const Operand x = compact(operation.inputs[0], type(operation.output));
    const Operand y = reuse_or_allocate(x, x.layout);
    const auto flags = dnnl::normalization_flags::use_global_stats | dnnl::normalization_flags::use_scale |
                       dnnl::normalization_flags::use_shift;
    const Forward::primitive_desc chosen({prop_kind::forward_inference, x.layout, 0.0f, flags},
                                         plain_attributes(), plan_.engine);
    const std::size_t channels = kind.scale.size();
    add_step<Forward>(chosen, {{DNNL_ARG_SRC, x},
                               {DNNL_ARG_DST, y},
                               {DNNL_ARG_MEAN, constant(std::vector<float>(channels, 0.0f))},
                               {DNNL_ARG_VARIANCE, constant(std::vector<float>(channels, 1.0f))},
                               {DNNL_ARG_SCALE, constant(kind.scale)},
                               {DNNL_ARG_SHIFT, constant(kind.shift)}});
    settle(operation.output, y);
}

void Planner::compute(const Binary& kind, const Operation& operation) {
    const Type result = type(operation.output);
    const Operand a = compact(operation.inputs[0], result);
    const bool repeats = shape(operation.inputs[1]) != shape(operation.output);
    const Operand b = repeats ? dense(operation.inputs[1], result) : arranged(operation.inputs[1], a.layout);
    const Operand y = a.buffer != b.buffer ? reuse_or_allocate(a, a.layout) : allocate(a.layout);
    const dnnl::binary::primitive_desc chosen({kind.algorithm, a.layout, b.layout, y.layout},
                                              plain_attributes(), plan_.engine);
    add_step<dnnl::binary>(chosen, {{DNNL_ARG_SRC_0, a}, {DNNL_ARG_SRC_1, b}, {DNNL_ARG_DST, y}});
    settle(operation.output, y);
}

void Planner::compute(const PRelu&, const Operation& operation) {
    using Forward = dnnl::prelu_forward;
    const Operand x = compact(operation.inputs[0], type(operation.output));
    const Operand y = reuse_or_allocate(x, x.layout);
    const Layout slopes = any_layout(shape(operation.inputs[1]), type_of(x.layout));
    const Forward::primitive_desc chosen({prop_kind::forward_inference, x.layout, slopes}, plain_attributes(),
                                         plan_.engine);
    const Operand slope = arranged(operation.inputs[1], chosen.weights_desc());
    add_step<Forward>(chosen, {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, slope}, {DNNL_ARG_DST, y}});
    settle(operation.output, y);
}

void Planner::compute(const Pool& kind, const Operation& operation) {
    const Operand x = compact(operation.inputs[0], type(operation.output));
    const Layout any = any_layout(shape(operation.output), type(operation.output));
    const Window& window = kind.window;
    const auto inference = prop_kind::forward_inference;
    auto plan = [&]<class Forward>(const typename Forward::primitive_desc& chosen) {
        const Operand y = allocate(chosen.dst_desc());
        add_step<Forward>(chosen, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}});
        settle(operation.output, y);
    };
    if (std::all_of(window.dilations.begin(), window.dilations.end(),
                    [](auto dilation) { return dilation == 1; })) {
        plan.operator()<dnnl::pooling_forward>({{inference, kind.algorithm, x.layout, any, window.strides,
                                                 window.kernel, window.pads_begin, window.pads_end},
                                                plain_attributes(),
                                                plan_.engine});
        return;
    }
    Shape gaps = window.dilations;
    for (auto& gap : gaps)
        --gap;
    plan.operator()<dnnl::pooling_v2_forward>({{inference, kind.algorithm, x.layout, any, window.strides,
                                                window.kernel, gaps, window.pads_begin, window.pads_end},
                                               plain_attributes(),
                                               plan_.engine});
}

void Planner::compute(const Resize& kind, const Operation& operation) {
    const Operand x = compact(operation.inputs[0], type(operation.output));
    const Layout any = any_layout(shape(operation.output), type(operation.output));
    const dnnl::resampling_forward::primitive_desc chosen(
        {prop_kind::forward_inference, kind.algorithm, x.layout, any}, plain_attributes(), plan_.engine);
    const Operand y = allocate(chosen.dst_desc());
    add_step<dnnl::resampling_forward>(chosen, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}});
    settle(operation.output, y);
}

void Planner::compute(const Reduce& kind, const Operation& operation) {
    const Operand x = compact(operation.inputs[0], type(operation.output));
    const Layout any = any_layout(shape(operation.output), type(operation.output));
    const dnnl::reduction::primitive_desc chosen({kind.algorithm, x.layout, any, kind.power, 0.0f},
                                                 plain_attributes(), plan_.engine);
    const Operand y = allocate(chosen.dst_desc());
    add_step<dnnl::reduction>(chosen, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}});
    settle(operation.output, y);
}

void Planner::compute(const Softmax& kind, const Operation& operation) {
    const Operand x = dense(operation.inputs[0], type(operation.output));
    const Operand y = reuse_or_allocate(x, x.layout);
    auto plan = [&]<class Forward>() {
        const typename Forward::primitive_desc chosen({prop_kind::forward_inference, x.layout, kind.axis},
                                                      plain_attributes(), plan_.engine);
        add_step<Forward>(chosen, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}});
    };
    if (kind.logarithm)
        plan.operator()<dnnl::logsoftmax_forward>();
    else
        plan.operator()<dnnl::softmax_forward>();
    settle(operation.output, y);
}

void Planner::compute(const Concat& kind, const Operation& operation) {
    std::vector<std::pair<int, Operand>> arguments;
    std::vector<Layout> layouts;
    for (ValueId id : operation.inputs) {
        arguments.emplace_back(DNNL_ARG_MULTIPLE_SRC + static_cast<int>(layouts.size()),
                               compact(id, type(operation.output)));
        layouts.push_back(arguments.back().second.layout);
    }
    const dnnl::concat::primitive_desc chosen(kind.axis, layouts, plan_.engine, plain_attributes());
    const Operand y = allocate(chosen.dst_desc());
    arguments.emplace_back(DNNL_ARG_DST, y);
    add_step<dnnl::concat>(chosen, std::move(arguments));
    settle(operation.output, y);
}

void Planner::compute(const Transpose& kind, const Operation& operation) {
    Operand view = place(operation.inputs[0]);
    std::vector<int> goes_to(kind.permutation.size());
    for (std::size_t i = 0; i < goes_to.size(); ++i)
        goes_to[static_cast<std::size_t>(kind.permutation[i])] = static_cast<int>(i);
    view.layout = view.layout.permute_axes(goes_to);
    settle(operation.output, std::move(view));
}

void Planner::compute(const Reshape&, const Operation& operation) {
    Operand view = place(operation.inputs[0]);
    std::optional<Layout> layout = reshaped_layout(view.layout, shape(operation.output));
    if (!layout) {
        view = dense(operation.inputs[0], type_of(view.layout));
        layout = dense_layout(shape(operation.output), type_of(view.layout));
    }
    view.layout = *layout;
    settle(operation.output, std::move(view));
}

void Planner::compute(const Slice& kind, const Operation& operation) {
    Operand view = place(operation.inputs[0]);
    std::optional<Shape> strides = strides_of(view.layout);
    if (!strides) {
        view = dense(operation.inputs[0], type_of(view.layout));
        strides = strides_of(view.layout);
    }
    for (std::size_t i = 0; i < strides->size(); ++i) {
        view.offset +=
            static_cast<std::size_t>(kind.starts[i] * (*strides)[i]) * bytes_of(type_of(view.layout));
        (*strides)[i] *= kind.steps[i];
    }
    view.layout = strided_layout(shape(operation.output), type_of(view.layout), *strides);
    settle(operation.output, std::move(view));
}

void Planner::compute(const Pad& kind, const Operation& operation) {
    const Operand from = place(operation.inputs[0]);
    const Operand y = allocate(dense_layout(shape(operation.output), type(operation.output)));
    add_step({primitive(), {{DNNL_ARG_DST, y}}, kind.value});
    const Shape strides = *strides_of(y.layout);
    Operand inside = y;
    inside.layout = strided_layout(shape(operation.inputs[0]), type_of(y.layout), strides);
    for (std::size_t i = 0; i < strides.size(); ++i)
        inside.offset += static_cast<std::size_t>(kind.begins[i] * strides[i]) * bytes_of(type_of(y.layout));
    move(from, inside);
    settle(operation.output, y);
}

}  // namespace

Result<std::unique_ptr<const Plan>> make_plan(const Program& program, Precision precision, Port input,
                                              std::vector<Port> outputs) {
    OneThread one_thread;
    auto plan = std::make_unique<Plan>();
    try {
        plan->engine = dnnl::engine(dnnl::engine::kind::cpu, 0);
        plan->precision = precision;
        plan->input = std::move(input);
        plan->outputs = std::move(outputs);
        TRY(Planner(program, *plan).plan_all());
    } catch (const std::exception& problem) {
        return Error::failure(fmt::format("compiling a network: {}", problem.what()));
    }
    plan->scratch_bytes = arrange_buffers(plan->buffers);
    if (plan->scratch_bytes > kScratchBytesMax)
        return Error::refusal(Refusal::too_large,
                              fmt::format("{} bytes of scratch memory", plan->scratch_bytes));
    return std::unique_ptr<const Plan>(std::move(plan));
}

}  // namespace neural::detail
