#include "neural/weights.h"

#include <boost/json.hpp>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

namespace neural::detail {
namespace {

namespace json = boost::json;

Error not_a_model(std::string why) {
    return Error::refusal(Refusal::not_a_model, "weights manifest: " + std::move(why));
}

// A kind of stored number: its width, and what it stands for.
struct Coding {
    std::size_t width = sizeof(float);
    enum class Kind : std::uint8_t { float32, float16, linear } kind = Kind::float32;
    float scale = 1;
    float min = 0;
};

Result<std::string> text(const json::object& object, std::string_view key) {
    const auto* found = object.if_contains(key);
    if (!found || !found->is_string()) return not_a_model(fmt::format("{} is missing or is no text", key));
    return std::string(found->get_string());
}

Result<const json::array*> list(const json::object& object, std::string_view key) {
    const auto* found = object.if_contains(key);
    if (!found || !found->is_array()) return not_a_model(fmt::format("{} is missing or is no list", key));
    return &found->get_array();
}

Result<float> number(const json::object& object, std::string_view key) {
    const auto* found = object.if_contains(key);
    if (!found || !found->is_number()) return not_a_model(fmt::format("{} is missing or is no number", key));
    const auto value = static_cast<float>(found->to_number<double>());
    if (!std::isfinite(value)) return not_a_model(fmt::format("{} is no finite number", key));
    return value;
}

Result<Shape> read_shape(const json::object& tensor, const std::string& name) {
    Shape shape;
    for (const auto& size : *TRY(list(tensor, "shape"))) {
        if (!size.is_int64() || size.get_int64() < 1)
            return not_a_model(fmt::format("the shape of {} is no list of counts", name));
        shape.push_back(size.get_int64());
    }
    if (shape.size() > kRankMax || !elements(shape))
        return Error::refusal(Refusal::too_large, fmt::format("tensor {} is too large", name));
    return shape;
}

Result<Coding> read_coding(const json::object& tensor, const std::string& name) {
    const auto type = TRY(text(tensor, "dtype"));
    if (type != "float32")
        return Error::refusal(Refusal::unsupported_operator, fmt::format("tensor {} is {}", name, type));
    const auto* quantization = tensor.if_contains("quantization");
    if (!quantization) return Coding{};
    if (!quantization->is_object()) return not_a_model("quantization is no object");
    const auto& how = quantization->get_object();
    const auto stored = TRY(text(how, "dtype"));
    if (stored == "float16") return Coding{2, Coding::Kind::float16, 1, 0};
    if (stored != "uint8" && stored != "uint16")
        return Error::refusal(Refusal::unsupported_operator,
                              fmt::format("tensor {} is stored as {}", name, stored));
    const float scale = TRY(number(how, "scale"));
    const float min = TRY(number(how, "min"));
    return Coding{stored == "uint8" ? std::size_t{1} : std::size_t{2}, Coding::Kind::linear, scale, min};
}

// Little-endian, as this machine.
template <class Stored>
Stored load(const std::uint8_t* from) {
    Stored stored;
    std::memcpy(&stored, from, sizeof(stored));
    return stored;
}

float decoded(const Coding& coding, const std::uint8_t* from) {
    switch (coding.kind) {
        case Coding::Kind::float32:
            return load<float>(from);
        case Coding::Kind::float16:
            return from_half(load<std::uint16_t>(from));
        case Coding::Kind::linear:
            return static_cast<float>(coding.width == 1 ? *from : load<std::uint16_t>(from)) * coding.scale +
                   coding.min;
    }
    base::unreachable();
}

// Takes one tensor's numbers from the front of `rest`.
Result<void> read_tensor(const json::value& description, base::ByteView& rest, Weights& weights) {
    if (!description.is_object()) return not_a_model("a weight is no object");
    const auto& tensor = description.get_object();
    const auto name = TRY(text(tensor, "name"));
    const auto shape = TRY(read_shape(tensor, name));
    const auto coding = TRY(read_coding(tensor, name));
    const auto count = static_cast<std::size_t>(*elements(shape));
    if (rest.size() / coding.width < count)
        return not_a_model(fmt::format("the shards end before tensor {} does", name));
    std::vector<float> numbers(count);
    for (std::size_t i = 0; i < count; ++i)
        numbers[i] = decoded(coding, rest.data() + i * coding.width);
    rest = rest.subspan(count * coding.width);
    if (!weights.emplace(name, constant_of(shape, std::move(numbers))).second)
        return not_a_model(fmt::format("{} is there twice", name));
    return {};
}

Result<Weights> read_groups(const json::value& manifest, base::ByteView rest) {
    if (!manifest.is_array()) return not_a_model("it is no list of groups");
    Weights weights;
    for (const auto& group : manifest.get_array()) {
        if (!group.is_object()) return not_a_model("a group is no object");
        for (const auto& tensor : *TRY(list(group.get_object(), "weights"))) {
            if (weights.size() == kNodesMax)
                return Error::refusal(Refusal::too_large, fmt::format("more than {} tensors", kNodesMax));
            TRY(read_tensor(tensor, rest, weights));
        }
    }
    if (!rest.empty()) return not_a_model(fmt::format("the shards hold {} bytes more", rest.size()));
    return weights;
}

}  // namespace

Result<Weights> read_weights(std::string_view manifest, base::ByteView shards) {
    if (manifest.size() > kManifestBytesMax || shards.size() > kModelBytesMax)
        return Error::refusal(Refusal::too_large,
                              fmt::format("weights of {} and {} bytes", manifest.size(), shards.size()));
    try {
        boost::system::error_code problem;
        const auto parsed = json::parse(manifest, problem);
        if (problem) return not_a_model(problem.message());
        return read_groups(parsed, shards);
    } catch (const std::exception& problem) {
        return Error::failure(fmt::format("reading weights: {}", problem.what()));
    }
}

}  // namespace neural::detail
