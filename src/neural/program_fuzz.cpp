// Well-formed files with any operators, shapes and attributes: each byte of the input is a choice. Where a
// network comes of it, it runs inside its own memory.
#include "neural/network.h"
#include "neural/test_graph.h"

namespace {

using neural::Numbers;
using neural::Shape;

class Choices {
public:
    Choices(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
    std::size_t below(std::size_t bound) { return next_ < size_ ? data_[next_++] % bound : 0; }
    std::int64_t small() { return static_cast<std::int64_t>(below(9)) - 2; }
    Shape shape(std::size_t rank) {
        Shape shape;
        for (std::size_t i = 0; i < rank; ++i)
            shape.push_back(static_cast<std::int64_t>(below(20)) + (below(16) > 0));
        return shape;
    }
    Shape integers(std::size_t count) {
        Shape numbers;
        for (std::size_t i = 0; i < count; ++i)
            numbers.push_back(small());
        return numbers;
    }
    bool more() const { return next_ < size_; }

private:
    const std::uint8_t* data_;
    std::size_t size_;
    std::size_t next_ = 0;
};

const std::vector<std::string> kOperators = {"Conv",
                                             "MaxPool",
                                             "AveragePool",
                                             "GlobalAveragePool",
                                             "BatchNormalization",
                                             "Resize",
                                             "Upsample",
                                             "Relu",
                                             "PRelu",
                                             "LeakyRelu",
                                             "Clip",
                                             "Sigmoid",
                                             "HardSwish",
                                             "Add",
                                             "Mul",
                                             "Sub",
                                             "Div",
                                             "Max",
                                             "Concat",
                                             "Reshape",
                                             "Flatten",
                                             "Transpose",
                                             "Gemm",
                                             "MatMul",
                                             "Softmax",
                                             "ReduceL2",
                                             "ReduceSum",
                                             "ReduceMean",
                                             "Slice",
                                             "Split",
                                             "Pad",
                                             "Expand",
                                             "Squeeze",
                                             "Unsqueeze",
                                             "Shape",
                                             "Gather",
                                             "Identity",
                                             "LpNormalization"};

void add_attribute(neural::TestNode& node, Choices& choices) {
    switch (choices.below(9)) {
        case 0:
            node.with("kernel_shape", choices.integers(1 + choices.below(3)));
            break;
        case 1:
            node.with("pads", choices.integers(choices.below(9)));
            break;
        case 2:
            node.with("strides", choices.integers(1 + choices.below(3)));
            break;
        case 3:
            node.with("dilations", choices.integers(1 + choices.below(3)));
            break;
        case 4:
            node.with("group", choices.small());
            break;
        case 5:
            node.with("axis", choices.small());
            break;
        case 6:
            node.with("axes", choices.integers(choices.below(4)));
            break;
        case 7:
            node.with("perm", choices.integers(choices.below(5)));
            break;
        default:
            node.with("ceil_mode", choices.small());
    }
}

}  // namespace

std::vector<std::string> seeds() {
    std::vector<std::string> choices;
    for (char first = 0; first < 40; ++first)
        choices.push_back(std::string(1, first) +
                          std::string("\x01\x04\x01\x03\x01\x08\x01\x08\x01\x00\x00\x01\x02", 13) +
                          std::string(40, first));
    return choices;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Choices choices(data, size);
    const int opset = 9 + static_cast<int>(choices.below(10));
    const Shape input = choices.shape(1 + choices.below(5));
    neural::TestGraph graph(input, opset);
    std::vector<std::string> names = {"x", ""};
    for (std::size_t i = 0; i < 4; ++i) {
        const std::string number = std::to_string(i);
        const Shape shape = choices.shape(choices.below(5));
        graph.constant("c" + number, shape, Numbers(neural::count_of(shape), 0.5f));
        graph.constant("i" + number, choices.integers(choices.below(5)));
        names.insert(names.end(), {"c" + number, "i" + number});
    }
    std::string last = "x";
    for (std::size_t i = 0; i < 8 && choices.more(); ++i) {
        std::vector<std::string> inputs = {choices.below(4) > 0 ? last : names[choices.below(names.size())]};
        for (std::size_t more = choices.below(5); more > 0; --more)
            inputs.push_back(names[choices.below(names.size())]);
        last = "n" + std::to_string(i);
        auto node = graph.node(kOperators[choices.below(kOperators.size())], inputs, last);
        for (std::size_t more = choices.below(4); more > 0; --more)
            add_attribute(node, choices);
        names.push_back(last);
    }
    auto network = neural::compiled(graph.output(last), neural::Precision::automatic);
    if (!network || (*network)->scratch_bytes() > (16 << 20)) return 0;
    neural::Session session(*network);
    std::fill(session.input().begin(), session.input().end(), 0.5f);
    if (session.run()) (void)session.output(0).back();
    return 0;
}
