// An ONNX file as plain values: what the rest of the room works on instead of protobuf. Inside the room.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "neural/network.h"

namespace neural::detail {

inline constexpr std::size_t kRankMax = 6;

// A tensor whose value is known. ONNX's integer and boolean types are int64 here, its floating types f32.
struct Constant {
    Shape shape;
    bool integral = false;
    std::vector<float> floats;       // if not integral
    std::vector<std::int64_t> ints;  // if integral
};
using ConstantPtr = std::shared_ptr<const Constant>;

ConstantPtr constant_of(Shape shape, std::vector<float> floats);
ConstantPtr constant_of(Shape shape, std::vector<std::int64_t> ints);

struct Attribute {
    enum class Kind : std::uint8_t { number, integer, text, numbers, integers, tensor };
    Kind kind = Kind::integer;
    float number = 0;
    std::int64_t integer = 0;
    std::string text;
    std::vector<float> numbers;
    std::vector<std::int64_t> integers;
    ConstantPtr tensor;
};

struct Node {
    std::string operator_name;
    std::string name;                  // for messages; the first output's if the file gives none
    std::vector<std::string> inputs;   // "" for one left out
    std::vector<std::string> outputs;  // likewise
    std::map<std::string, Attribute> attributes;
};

// Nodes come after what they depend on; every name is defined once and before its use.
struct Graph {
    int opset = 0;
    Port input;
    std::vector<Port> outputs;
    std::map<std::string, ConstantPtr> constants;
    std::vector<Node> nodes;
};

Result<std::unique_ptr<const Graph>> read_graph(base::ByteView onnx);

float from_half(std::uint16_t bits);  // IEEE 754 binary16

// The product of the dimensions; nothing if one is negative or the product times four passes kValueBytesMax.
std::optional<std::int64_t> elements(const Shape& shape);
std::string text_of(const Shape& shape);  // "1x3x112x112"

}  // namespace neural::detail
