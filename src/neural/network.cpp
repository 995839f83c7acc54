#include "neural/network.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <unordered_map>

#include "neural/graph.h"
#include "neural/layout.h"
#include "neural/one_thread.h"
#include "neural/picture.h"
#include "neural/plan.h"
#include "neural/topology.h"

namespace neural {

using detail::Operand;
using detail::Plan;
using detail::Step;

Result<std::shared_ptr<const Model>> Model::read(base::ByteView onnx) {
    auto graph = TRY(detail::read_graph(onnx));
    return std::shared_ptr<const Model>(new Model(std::move(graph)));
}

Result<std::shared_ptr<const Model>> Model::read_weights(std::string_view topology, std::string_view manifest,
                                                         base::ByteView shards) {
    if (!knows_topology(topology))
        return Error::refusal(Refusal::unknown_topology, fmt::format("topology {}", topology));
    const auto weights = TRY(detail::read_weights(manifest, shards));
    auto graph = TRY(detail::graph_of(topology, weights));
    return std::shared_ptr<const Model>(new Model(std::move(graph)));
}

bool Model::knows_topology(std::string_view topology) {
    return detail::has_topology(topology);
}

Model::Model(std::unique_ptr<const detail::Graph> graph) : graph_(std::move(graph)) {}
Model::~Model() = default;

const Port& Model::input() const {
    return graph_->input;
}

const std::vector<Port>& Model::outputs() const {
    return graph_->outputs;
}

bool has_bf16() {
    const auto cpu = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
    const auto needed = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
    return (cpu & needed) == needed;
}

namespace {

Result<Precision> chosen(Precision asked) {
    if (asked == Precision::automatic) return has_bf16() ? Precision::bf16 : Precision::f32;
    if (asked == Precision::bf16 && !has_bf16())
        return Error::refusal(Refusal::no_bf16, "this CPU does not compute with bf16");
    return asked;
}

Result<void> check_input(const Port& port, const Shape& input) {
    const auto count = detail::elements(input);
    if (input.empty() || input.size() > detail::kRankMax || !count || *count == 0)
        return Error::refusal(Refusal::wrong_shape, fmt::format("an input of {}", detail::text_of(input)));
    if (!port.shape.empty() && port.shape.size() != input.size())
        return Error::refusal(Refusal::wrong_shape,
                              fmt::format("an input of {}; the model has {}", detail::text_of(input),
                                          detail::text_of(port.shape)));
    return {};
}

// What only the others need goes with them: simplify() removes what nobody reads.
Result<void> keep_outputs(detail::Program& program, const std::vector<std::string>& wanted) {
    if (wanted.empty()) return {};
    for (const auto& name : wanted)
        if (std::none_of(program.outputs.begin(), program.outputs.end(),
                         [&](const auto& output) { return output.first == name; }))
            return Error::refusal(Refusal::output_missing, "no output of the name " + name);
    std::erase_if(program.outputs, [&](const auto& output) {
        return std::find(wanted.begin(), wanted.end(), output.first) == wanted.end();
    });
    return {};
}

}  // namespace

Result<std::shared_ptr<const Network>> Network::compile(std::shared_ptr<const Model> model, Shape input,
                                                        Precision precision,
                                                        const std::vector<std::string>& wanted) {
    const detail::Graph& graph = model->graph();
    TRY(check_input(graph.input, input));
    precision = TRY(chosen(precision));
    detail::Program program = TRY(detail::lower(graph, input));
    TRY(keep_outputs(program, wanted));
    detail::simplify(program);
    std::vector<Port> outputs;
    for (const auto& [name, id] : program.outputs)
        outputs.push_back({name, program.shape(id)});
    auto plan =
        TRY(detail::make_plan(program, precision, {graph.input.name, std::move(input)}, std::move(outputs)));
    return std::shared_ptr<const Network>(new Network(std::move(plan)));
}

Network::Network(std::unique_ptr<const Plan> plan) : plan_(std::move(plan)) {}
Network::~Network() = default;

const Port& Network::input() const {
    return plan_->input;
}

const std::vector<Port>& Network::outputs() const {
    return plan_->outputs;
}

Precision Network::precision() const {
    return plan_->precision;
}

std::size_t Network::scratch_bytes() const {
    return plan_->scratch_bytes;
}

std::size_t Network::weight_bytes() const {
    return plan_->weight_bytes;
}

namespace {

constexpr std::size_t kPage = 4096;

struct Release {
    void operator()(void* block) const { std::free(block); }
};
using Block = std::unique_ptr<std::uint8_t, Release>;

Block new_block(std::size_t bytes) {
    const std::size_t whole = (bytes / kPage + 1) * kPage;
    Block block(static_cast<std::uint8_t*>(std::aligned_alloc(kPage, whole)));
    INVARIANT(block != nullptr);
    std::memset(block.get(), 0, whole);
    return block;
}

void fill(void* to, std::size_t bytes, detail::Type type, float number) {
    if (type == detail::Type::f32) {
        std::fill_n(static_cast<float*>(to), bytes / sizeof(float), number);
    } else {
        std::fill_n(static_cast<std::uint16_t*>(to), bytes / sizeof(std::uint16_t),
                    detail::to_bfloat(number));
    }
}

}  // namespace

struct Session::State {
    using Arguments = std::unordered_map<int, dnnl::memory>;

    std::shared_ptr<const Network> network;
    Block block;
    dnnl::stream stream;
    std::vector<Arguments> arguments;  // by step
    bool loaded = false;               // by load(), not input()

    explicit State(std::shared_ptr<const Network> given)
        : network(std::move(given)), block(new_block(plan().scratch_bytes)), stream(plan().engine) {
        for (const Step& step : plan().steps) {
            Arguments& now = arguments.emplace_back();
            for (const auto& [role, operand] : step.arguments)
                now.emplace(role, dnnl::memory(operand.layout, plan().engine, address(operand)));
        }
    }

    const Plan& plan() const { return network->plan(); }

    void* address(const Operand& operand) const {
        if (operand.buffer < 0)
            return plan().constants[static_cast<std::size_t>(operand.constant)].get_data_handle();
        return block.get() + plan().buffers[static_cast<std::size_t>(operand.buffer)].position +
               operand.offset;
    }

    void run_step(std::size_t i) {
        const Step& step = plan().steps[i];
        if (step.primitive) {
            step.primitive.execute(stream, arguments[i]);
            return;
        }
        const Operand& to = step.arguments[0].second;
        fill(address(to), to.layout.get_size(), detail::type_of(to.layout), step.fill);
    }
};

Session::Session(std::shared_ptr<const Network> network)
    : state_(std::make_unique<State>(std::move(network))) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

const Network& Session::network() const {
    return *state_->network;
}

std::span<float> Session::input() {
    state_->loaded = false;
    const Operand& input = state_->plan().dense_input;
    return {static_cast<float*>(state_->address(input)), input.layout.get_size() / sizeof(float)};
}

void Session::load(base::ByteView pixels, std::size_t row_bytes, const Normalisation& normalisation) {
    const Shape& shape = state_->plan().input.shape;
    INVARIANT(shape.size() == 4 && shape[0] == 1 && shape[1] == 3);
    const auto height = static_cast<std::size_t>(shape[2]);
    const auto width = static_cast<std::size_t>(shape[3]);
    INVARIANT(row_bytes >= 3 * width && pixels.size() >= (height - 1) * row_bytes + 3 * width);
    const Plan& plan = state_->plan();
    const auto arranged = detail::strides_of(plan.arranged_input.layout);
    // A layout padded to blocks is left to oneDNN, which fills the padding too.
    const bool plain =
        arranged && plan.arranged_input.layout.get_size() ==
                        3 * height * width * detail::bytes_of(detail::type_of(plan.arranged_input.layout));
    state_->loaded = plain;
    const Operand& to = plain ? plan.arranged_input : plan.dense_input;
    const Shape strides = plain ? *arranged : *detail::strides_of(to.layout);
    const detail::PictureMove move{pixels.data(),
                                   row_bytes,
                                   width,
                                   height,
                                   static_cast<std::size_t>(strides[1]),
                                   static_cast<std::size_t>(strides[2]),
                                   static_cast<std::size_t>(strides[3])};
    if (detail::type_of(to.layout) == detail::Type::f32)
        write_picture(move, normalisation, static_cast<float*>(state_->address(to)));
    else
        write_picture(move, normalisation, static_cast<std::uint16_t*>(state_->address(to)));
}

Result<void> Session::run() {
    detail::OneThread one_thread;
    const int left_out = state_->loaded ? state_->plan().arranging : -1;
    try {
        for (std::size_t i = 0; i < state_->plan().steps.size(); ++i)
            if (static_cast<int>(i) != left_out) state_->run_step(i);
        state_->stream.wait();
    } catch (const std::exception& problem) {
        return Error::failure(fmt::format("running a network: {}", problem.what()));
    }
    return {};
}

std::span<const float> Session::output(std::size_t index) const {
    INVARIANT(index < state_->plan().output_operands.size());
    const Operand& output = state_->plan().output_operands[index];
    return {static_cast<const float*>(state_->address(output)), output.layout.get_size() / sizeof(float)};
}

Result<std::span<const float>> Session::output(std::string_view name) const {
    const auto& outputs = network().outputs();
    for (std::size_t i = 0; i < outputs.size(); ++i)
        if (outputs[i].name == name) return output(i);
    return Error::refusal(Refusal::output_missing, fmt::format("the network has no output {}", name));
}

}  // namespace neural
