// Folding and fusing: the same function in fewer and larger operations.
#include <cmath>
#include <limits>
#include <set>

#include "neural/program.h"

namespace neural::detail {
namespace {

using dnnl::algorithm;

// Who makes and who reads each value, by position in the program. Made anew after every change of positions.
struct Links {
    std::vector<int> producer;
    std::vector<std::vector<int>> readers;
    std::set<ValueId> outputs;

    explicit Links(const Program& program)
        : producer(program.values.size(), -1), readers(program.values.size()) {
        for (std::size_t i = 0; i < program.operations.size(); ++i) {
            if (program.operations[i].output < 0) continue;  // bypassed
            producer[static_cast<std::size_t>(program.operations[i].output)] = static_cast<int>(i);
            for (ValueId id : program.operations[i].inputs)
                readers[static_cast<std::size_t>(id)].push_back(static_cast<int>(i));
        }
        for (const auto& [name, id] : program.outputs)
            outputs.insert(id);
    }
    int producer_of(ValueId id) const { return producer[static_cast<std::size_t>(id)]; }
    const std::vector<int>& readers_of(ValueId id) const { return readers[static_cast<std::size_t>(id)]; }
    bool read_once(ValueId id) const { return readers_of(id).size() == 1 && !outputs.contains(id); }
};

// The operation that makes `id` if it is a T that nobody else reads.
template <class T>
T* only_for_this(Program& program, const Links& links, ValueId id) {
    const int producer = links.producer_of(id);
    if (producer < 0 || !links.read_once(id)) return nullptr;
    return program.operations[static_cast<std::size_t>(producer)].as<T>();
}

// Removes an operation whose work its producer has taken over: readers of its output read `replacement`.
void bypass(Program& program, Operation& operation, ValueId replacement) {
    const ValueId gone = operation.output;
    for (auto& reader : program.operations)
        std::replace(reader.inputs.begin(), reader.inputs.end(), gone, replacement);
    for (auto& [name, id] : program.outputs)
        if (id == gone) id = replacement;
    operation.output = -1;
}

void remove_bypassed(Program& program) {
    std::erase_if(program.operations, [](const Operation& operation) { return operation.output < 0; });
}

float at(const std::vector<float>& numbers, std::size_t i) {
    return numbers[numbers.size() == 1 ? 0 : i];
}

// weights and bias followed by an affine map of their outputs.
void fold_after(ConstantPtr& weights, ConstantPtr& bias, const Affine& affine) {
    std::vector<float> scaled = weights->floats;
    const auto outputs = static_cast<std::size_t>(weights->shape[0]);
    const std::size_t each = scaled.size() / outputs;
    std::vector<float> shifted = bias ? bias->floats : std::vector<float>(outputs, 0.0f);
    for (std::size_t o = 0; o < outputs; ++o) {
        for (std::size_t i = 0; i < each; ++i)
            scaled[o * each + i] *= at(affine.scale, o);
        shifted[o] = shifted[o] * at(affine.scale, o) + at(affine.shift, o);
    }
    weights = constant_of(weights->shape, std::move(scaled));
    bias = constant_of(Shape{static_cast<std::int64_t>(outputs)}, std::move(shifted));
}

// An affine map of the inputs of a convolution: padding is zero after the map, so a shift passes only without
// padding.
bool fold_before(Convolution& convolution, const Affine& affine) {
    const auto zero = [](auto number) { return number == 0; };
    const bool padded =
        !std::all_of(convolution.window.pads_begin.begin(), convolution.window.pads_begin.end(), zero) ||
        !std::all_of(convolution.window.pads_end.begin(), convolution.window.pads_end.end(), zero);
    const bool shifts = !std::all_of(affine.shift.begin(), affine.shift.end(), zero);
    if (shifts && padded) return false;
    std::vector<float> weights = convolution.weights->floats;
    const auto outputs = static_cast<std::size_t>(convolution.weights->shape[0]);
    const auto inputs = static_cast<std::size_t>(convolution.weights->shape[1]);
    const std::size_t taps = weights.size() / (outputs * inputs);
    const std::size_t outputs_per_group = outputs / static_cast<std::size_t>(convolution.groups);
    std::vector<float> bias = convolution.bias ? convolution.bias->floats : std::vector<float>(outputs, 0.0f);
    for (std::size_t o = 0; o < outputs; ++o)
        for (std::size_t i = 0; i < inputs; ++i)
            for (std::size_t tap = 0; tap < taps; ++tap) {
                float& weight = weights[(o * inputs + i) * taps + tap];
                const std::size_t channel = o / outputs_per_group * inputs + i;
                bias[o] += weight * at(affine.shift, channel);
                weight *= at(affine.scale, channel);
            }
    convolution.weights = constant_of(convolution.weights->shape, std::move(weights));
    convolution.bias = constant_of(Shape{static_cast<std::int64_t>(outputs)}, std::move(bias));
    return true;
}

Affine compose(const Affine& first, const Affine& then) {
    Affine both;
    for (std::size_t i = 0; i < std::max(first.scale.size(), then.scale.size()); ++i) {
        both.scale.push_back(at(first.scale, i) * at(then.scale, i));
        both.shift.push_back(at(first.shift, i) * at(then.scale, i) + at(then.shift, i));
    }
    return both;
}

void fold_affine(Program& program) {
    for (auto& operation : program.operations) {
        auto* affine = operation.as<Affine>();
        if (!affine) continue;
        const Links links(program);
        const ValueId x = operation.inputs[0];
        if (auto* before = only_for_this<Convolution>(program, links, x); before && before->after.empty())
            fold_after(before->weights, before->bias, *affine);
        else if (auto* product = only_for_this<Dense>(program, links, x); product && product->after.empty())
            fold_after(product->weights, product->bias, *affine);
        else if (auto* first = only_for_this<Affine>(program, links, x))
            *first = compose(*first, *affine);
        else
            continue;
        bypass(program, operation, x);
    }
    remove_bypassed(program);
    for (auto& operation : program.operations) {
        auto* convolution = operation.as<Convolution>();
        if (!convolution) continue;
        const Links links(program);
        const ValueId x = operation.inputs[0];
        auto* affine = only_for_this<Affine>(program, links, x);
        if (!affine || !fold_before(*convolution, *affine)) continue;
        auto& gone = program.operations[static_cast<std::size_t>(links.producer_of(x))];
        operation.inputs[0] = gone.inputs[0];
        gone.output = -1;
    }
    remove_bypassed(program);
}

// Zeros around a picture are the padding of the window that follows.
void fold_padding(Program& program) {
    for (auto& operation : program.operations) {
        auto* convolution = operation.as<Convolution>();
        if (!convolution) continue;
        const Links links(program);
        const ValueId x = operation.inputs[0];
        const auto* pad = only_for_this<Pad>(program, links, x);
        if (!pad || pad->value != 0 || pad->begins[0] != 0 || pad->begins[1] != 0) continue;
        auto& gone = program.operations[static_cast<std::size_t>(links.producer_of(x))];
        const Shape& inside = program.shape(gone.inputs[0]);
        const Shape& outside = program.shape(x);
        if (inside[0] != outside[0] || inside[1] != outside[1]) continue;
        for (std::size_t i = 0; i < convolution->window.kernel.size(); ++i) {
            convolution->window.pads_begin[i] += pad->begins[i + 2];
            convolution->window.pads_end[i] += outside[i + 2] - inside[i + 2] - pad->begins[i + 2];
        }
        operation.inputs[0] = gone.inputs[0];
        gone.output = -1;
    }
    remove_bypassed(program);
}

bool limits(const Eltwise& function) {
    return function.algorithm == algorithm::eltwise_clip ||
           (function.algorithm == algorithm::eltwise_relu && function.alpha == 0);
}

// Two limits, one after the other, are one.
Eltwise both_limits(const Eltwise& first, const Eltwise& then) {
    const float infinity = std::numeric_limits<float>::infinity();
    auto low = [](const Eltwise& f) { return f.algorithm == algorithm::eltwise_relu ? 0.0f : f.alpha; };
    auto high = [&](const Eltwise& f) { return f.algorithm == algorithm::eltwise_relu ? infinity : f.beta; };
    return {algorithm::eltwise_clip, std::clamp(low(first), low(then), high(then)),
            std::clamp(high(first), low(then), high(then))};
}

// Clip from zero has kernels of its own.
Eltwise plainest(const Eltwise& function) {
    if (function.algorithm != algorithm::eltwise_clip || function.alpha != 0) return function;
    if (std::isinf(function.beta)) return {algorithm::eltwise_relu, 0, 0};
    return {algorithm::eltwise_bounded_relu, function.beta, 0};
}

void merge_limits(Program& program) {
    for (auto& operation : program.operations) {
        auto* map = operation.as<Map>();
        if (!map || !limits(map->function)) continue;
        const Links links(program);
        auto* first = only_for_this<Map>(program, links, operation.inputs[0]);
        if (!first || !limits(first->function)) continue;
        first->function = both_limits(first->function, map->function);
        bypass(program, operation, operation.inputs[0]);
    }
    remove_bypassed(program);
    for (auto& operation : program.operations)
        if (auto* map = operation.as<Map>()) map->function = plainest(map->function);
}

// A scale and shift that found no matrix to go into.
void lower_uniform_affine(Program& program) {
    for (auto& operation : program.operations) {
        const auto* affine = operation.as<Affine>();
        if (affine && affine->scale.size() == 1)
            operation.kind = Map{{algorithm::eltwise_linear, affine->scale[0], affine->shift[0]}};
    }
}

std::vector<PostOp>* after_of(Program& program, const Links& links, ValueId id) {
    if (auto* convolution = only_for_this<Convolution>(program, links, id)) return &convolution->after;
    if (auto* dense = only_for_this<Dense>(program, links, id)) return &dense->after;
    return nullptr;
}

bool adds(const std::vector<PostOp>& after) {
    return std::any_of(after.begin(), after.end(),
                       [](const PostOp& op) { return std::holds_alternative<AddSecondInput>(op); });
}

// x + conv(y), where x is read for the last time, becomes an accumulation into x's memory.
bool fuse_sum(Program& program, const Links& links, Operation& operation) {
    const ValueId a = operation.inputs[0];
    const ValueId b = operation.inputs[1];
    if (a == b || program.shape(a) != program.shape(b)) return false;
    for (const auto& [x, product] : {std::pair(a, b), std::pair(b, a)}) {
        const int at = links.producer_of(product);
        auto* convolution = only_for_this<Convolution>(program, links, product);
        if (!convolution || adds(convolution->after) || links.producer_of(x) >= at ||
            links.producer_of(x) < 0)
            continue;
        const auto& readers = links.readers_of(x);
        const bool last = std::all_of(readers.begin(), readers.end(), [&](int reader) {
            return reader < at || &program.operations[static_cast<std::size_t>(reader)] == &operation;
        });
        if (!last || links.outputs.contains(x)) continue;
        convolution->after.push_back(AddSecondInput{});
        program.operations[static_cast<std::size_t>(at)].inputs.push_back(x);
        bypass(program, operation, product);
        return true;
    }
    return false;
}

void fuse_post_operations(Program& program) {
    for (auto& operation : program.operations) {
        const Links links(program);
        const auto* binary = operation.as<Binary>();
        if (binary && binary->algorithm == algorithm::binary_add && fuse_sum(program, links, operation))
            continue;
        const auto* map = operation.as<Map>();
        auto* after = map ? after_of(program, links, operation.inputs[0]) : nullptr;
        if (!after) continue;
        after->push_back(map->function);
        bypass(program, operation, operation.inputs[0]);
    }
    remove_bypassed(program);
}

// A head of a detector: a product of few outputs and a depthwise convolution of them, as YuNet has twelve of.
struct Head {
    int product = -1;
    int depthwise = -1;
};

constexpr std::int64_t kHeadChannelsMax = 16;

std::optional<Head> head_at(Program& program, const Links& links, int position) {
    const auto& operation = program.operations[static_cast<std::size_t>(position)];
    const auto* product = operation.as<Convolution>();
    if (!product || product->groups != 1 || !product->after.empty() || !links.read_once(operation.output))
        return std::nullopt;
    const int reader = links.readers_of(operation.output)[0];
    const auto* depthwise = program.operations[static_cast<std::size_t>(reader)].as<Convolution>();
    const std::int64_t channels = product->weights->shape[0];
    if (!depthwise || channels > kHeadChannelsMax || depthwise->groups != channels ||
        depthwise->weights->shape[0] != channels || !depthwise->after.empty())
        return std::nullopt;
    return Head{position, reader};
}

ConstantPtr stacked(const std::vector<const Convolution*>& parts, bool bias) {
    std::vector<float> floats;
    Shape shape = bias ? Shape{0} : parts[0]->weights->shape;
    shape[0] = 0;
    for (const auto* part : parts) {
        const auto outputs = static_cast<std::size_t>(part->weights->shape[0]);
        shape[0] += part->weights->shape[0];
        const std::vector<float> none(outputs, 0.0f);
        const auto& numbers = !bias ? part->weights->floats : part->bias ? part->bias->floats : none;
        floats.insert(floats.end(), numbers.begin(), numbers.end());
    }
    return constant_of(std::move(shape), std::move(floats));
}

// One product and one depthwise convolution for all the heads, in the place of the first, and a slice of
// their result for each.
void merge(Program& program, const std::vector<Head>& heads) {
    std::vector<const Convolution*> products;
    std::vector<const Convolution*> depthwises;
    auto at = [&](int position) -> Operation& {
        return program.operations[static_cast<std::size_t>(position)];
    };
    for (const Head& head : heads) {
        products.push_back(at(head.product).as<Convolution>());
        depthwises.push_back(at(head.depthwise).as<Convolution>());
    }
    Convolution product{products[0]->window, 1, stacked(products, false), stacked(products, true), {}};
    const std::int64_t channels = product.weights->shape[0];
    Convolution depthwise{
        depthwises[0]->window, channels, stacked(depthwises, false), stacked(depthwises, true), {}};
    Shape between = program.shape(at(heads[0].product).output);
    Shape result = program.shape(at(heads[0].depthwise).output);
    between[1] = result[1] = channels;
    const ValueId middle = program.add(between);
    const ValueId whole = program.add(result);
    std::vector<Operation> merged;
    merged.push_back({std::move(product), at(heads[0].product).inputs, middle, at(heads[0].product).name});
    merged.push_back({std::move(depthwise), {middle}, whole, at(heads[0].depthwise).name});
    std::int64_t first = 0;
    for (const Head& head : heads) {
        const auto& old = at(head.depthwise);
        Shape starts(result.size(), 0);
        starts[1] = first;
        first += program.shape(old.output)[1];
        merged.push_back({Slice{starts, Shape(result.size(), 1)}, {whole}, old.output, old.name});
    }
    for (const Head& head : heads)
        at(head.product).output = at(head.depthwise).output = -1;
    program.operations.insert(program.operations.begin() + heads[0].product,
                              std::make_move_iterator(merged.begin()), std::make_move_iterator(merged.end()));
    remove_bypassed(program);
}

// Heads that read the same value through the same windows; a narrow convolution wastes most of a vector.
std::vector<Head> siblings(Program& program) {
    const Links links(program);
    for (std::size_t i = 0; i < program.operations.size(); ++i) {
        const auto first = head_at(program, links, static_cast<int>(i));
        if (!first) continue;
        const auto& operations = program.operations;
        auto window = [&](int position) -> const Window& {
            return operations[static_cast<std::size_t>(position)].as<Convolution>()->window;
        };
        std::vector<Head> found;
        for (int reader : links.readers_of(operations[i].inputs[0])) {
            const auto head = head_at(program, links, reader);
            if (head && head->product >= first->product && window(head->product) == window(first->product) &&
                window(head->depthwise) == window(first->depthwise))
                found.push_back(*head);
        }
        if (found.size() > 1) return found;
    }
    return {};
}

void merge_heads(Program& program) {
    for (auto found = siblings(program); !found.empty(); found = siblings(program))
        merge(program, found);
}

void remove_unread(Program& program) {
    for (std::size_t left = program.operations.size() + 1; program.operations.size() < left;) {
        left = program.operations.size();
        const Links links(program);
        std::erase_if(program.operations, [&](const Operation& operation) {
            return links.readers_of(operation.output).empty() && !links.outputs.contains(operation.output);
        });
    }
}

}  // namespace

void simplify(Program& program) {
    remove_unread(program);
    fold_affine(program);
    fold_padding(program);
    lower_uniform_affine(program);
    merge_limits(program);
    fuse_post_operations(program);
    merge_heads(program);
}

}  // namespace neural::detail
