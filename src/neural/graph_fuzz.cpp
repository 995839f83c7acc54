// Any bytes as a model: read, and where they can be, compiled for a small input and run.
#include "neural/network.h"
#include "neural/test_graph.h"

std::vector<std::string> seeds() {
    using neural::Numbers;
    using neural::Shape;
    neural::TestGraph picture({1, 3, 8, 8});
    picture.constant("w", {16, 3, 3, 3}, Numbers(432, 0.5f))
        .constant("slope", {16, 1, 1}, Numbers(16, 0.25f));
    picture.node("Conv", {"x", "w"}, "c").with("pads", Shape{1, 1, 1, 1}).with("strides", Shape{2, 2});
    picture.node("PRelu", {"c", "slope"}, "r");
    picture.node("MaxPool", {"r"}, "m").with("kernel_shape", Shape{2, 2});
    picture.node("Concat", {"m", "m"}, "j").with("axis", 1);
    picture.node("Transpose", {"j"}, "t").with("perm", Shape{0, 2, 3, 1});
    picture.constant("shape", {1, -1, 16}).node("Reshape", {"t", "shape"}, "y");
    neural::TestGraph list({1, 3, 8, 8}, 11);
    list.constant("from", {1}).constant("to", {5}).constant("pads", {0, 0, 1, 1, 0, 0, 0, 0});
    list.node("Slice", {"x", "from", "to"}, "s");
    list.node("Pad", {"x", "pads"}, "p");
    list.node("ReduceL2", {"p"}, "l").with("axes", Shape{1});
    list.node("Softmax", {"l"}, "y");
    return {picture.output().bytes(), list.output().bytes()};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto model = neural::Model::read({data, size});
    if (!model) return 0;
    auto network = neural::Network::compile(*model, {1, 3, 8, 8}, neural::Precision::f32);
    if (!network || (*network)->scratch_bytes() > (1 << 20)) return 0;
    neural::Session session(*network);
    if (session.run() && !(*network)->outputs().empty()) (void)session.output(0).size();
    return 0;
}
