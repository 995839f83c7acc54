// Neural networks: an ONNX file, compiled for one input shape to a graph of oneDNN primitives.
//
//   auto model = TRY(neural::Model::read(bytes));                                   // once per file
//   auto network = TRY(neural::Network::compile(model, {1, 3, 640, 384}));          // once per input shape
//   neural::Session session(network);                                               // one per thread
//   session.load(pixels, row_bytes, normalisation);   // or fill session.input()
//   TRY(session.run());
//   std::span<const float> scores = TRY(session.output("cls_8"));
//
// One inference uses one thread, the caller's, whatever OpenMP's environment says: work is spread by running
// several sessions at once.
// Sources: onnx.ai/onnx/operators (opsets 9 to 18); oneDNN 2.6 developer guide.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace neural {

// Every message names the operator, the value or the bound in question.
enum class Refusal : std::uint8_t {
    not_a_model,           // the bytes are no ONNX model, or its graph contradicts itself
    too_large,             // past one of the bounds below
    unsupported_opset,     // older than 9 or newer than 18
    unsupported_operator,  // an operator, or an attribute or type of one, that we do not have
    unknown_topology,      // weights for a graph that this program does not know
    wrong_shape,           // the input shape asked for does not fit the graph
    no_bf16,               // bf16 was asked for and this CPU does not compute with it
    output_missing,        // the network has no output of that name
};

inline constexpr std::size_t kModelBytesMax = std::size_t{512} << 20;
inline constexpr std::size_t kNodesMax = 4'000;
// The bytes of one value in a graph, and of the scratch memory of one session.
inline constexpr std::size_t kValueBytesMax = std::size_t{512} << 20;
inline constexpr std::size_t kScratchBytesMax = std::size_t{2} << 30;

using Shape = std::vector<std::int64_t>;

// An input or output. In a Model a dimension of -1 is left open by the file.
struct Port {
    std::string name;
    Shape shape;
};

// What the matrix arithmetic inside a network is done in. Inputs and outputs are f32 in any case.
enum class Precision : std::uint8_t {
    automatic,  // bf16 where the CPU computes with it (AVX512_BF16, AMX), else f32
    f32,
    bf16,
};

// Whether this CPU, as far as DNNL_MAX_CPU_ISA lets it, computes with bf16.
bool has_bf16();

// How 8-bit pixels become the network's input: (byte - mean) * scale, for each channel in the network's
// order.
struct Normalisation {
    std::array<float, 3> mean{0, 0, 0};
    std::array<float, 3> scale{1, 1, 1};
    bool reverse_channels = false;  // the picture holds RGB and the network wants BGR, or the other way round
};

namespace detail {
struct Graph;
struct Plan;
}  // namespace detail

// A parsed and checked network with its weights. Immutable; any thread may use it. Networks that are
// compiled from it for several input shapes share what they do not have to rearrange.
class Model {
public:
    // The bytes may come from anybody. They are not kept.
    static Result<std::shared_ptr<const Model>> read(base::ByteView onnx);
    // Weights that TensorFlow.js published without the graph they belong to, which `topology` names: the
    // manifest in JSON, and the bytes of its shards one after the other. Both may come from anybody. Refuses
    // unknown_topology, and otherwise as read() does.
    static Result<std::shared_ptr<const Model>> read_weights(std::string_view topology,
                                                             std::string_view manifest,
                                                             base::ByteView shards);
    static bool knows_topology(std::string_view topology);  // docs/formats/pack.md lists them
    ~Model();

    const Port& input() const;
    const std::vector<Port>& outputs() const;
    const detail::Graph& graph() const { return *graph_; }

private:
    explicit Model(std::unique_ptr<const detail::Graph> graph);
    std::unique_ptr<const detail::Graph> graph_;
};

// A model compiled for one input shape: primitives and weights laid out for this CPU. Immutable; any thread
// may use it.
class Network {
public:
    // `input` is NCHW for pictures. It need not be the shape written in the file, as long as the graph
    // computes with it. Takes milliseconds to a second. Of the outputs only those `wanted` are computed, all
    // where that is empty; a name that the model does not have is refused with output_missing.
    static Result<std::shared_ptr<const Network>> compile(std::shared_ptr<const Model> model, Shape input,
                                                          Precision precision = Precision::automatic,
                                                          const std::vector<std::string>& wanted = {});
    ~Network();

    const Port& input() const;
    const std::vector<Port>& outputs() const;  // in the order of the file
    Precision precision() const;               // f32 or bf16
    std::size_t scratch_bytes() const;         // what each session holds
    std::size_t weight_bytes() const;          // what all its sessions share
    const detail::Plan& plan() const { return *plan_; }

private:
    explicit Network(std::unique_ptr<const detail::Plan> plan);
    std::unique_ptr<const detail::Plan> plan_;
};

// The scratch memory to run a network. Confined to one owner; sessions of one network may run at the same
// time.
class Session {
public:
    explicit Session(std::shared_ptr<const Network> network);
    ~Session();
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;

    const Network& network() const;

    // The input as dense f32 in the order of the network's input shape (NCHW for pictures), to be filled
    // before run().
    std::span<float> input();

    // Instead of input(): fills a {1, 3, H, W} input from H rows of W interleaved 8-bit pixels of three
    // channels, `row_bytes` apart, in one pass that also normalises, converts and lays out. At least (H - 1)
    // * row_bytes + 3 * W bytes are read; fewer is a broken invariant, as is another input shape.
    void load(base::ByteView pixels, std::size_t row_bytes, const Normalisation& normalisation);

    // Uses what was given last by input() or load(); it must be given anew before every run.
    Result<void> run();

    // Dense f32 in the order of the output's shape. Holds until the next run.
    std::span<const float> output(std::size_t index) const;
    Result<std::span<const float>> output(std::string_view name) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace neural
