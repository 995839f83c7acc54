// The pack that is part of the program computes what it was trained to compute, on this machine too.
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <numeric>

#include "neural/pack.h"

namespace vision {
namespace {

std::shared_ptr<const neural::Pack> builtin() {
    auto known = neural::known_pack("builtin");
    auto pack = known.ok() ? neural::Pack::builtin(**known) : known.error();
    return pack.ok() ? *pack : nullptr;
}

// The picture of training/export_embedder.py, which wrote what PyTorch says of it.
base::Bytes reference_picture(int size) {
    base::Bytes rgb;
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x)
            for (int channel = 0; channel < 3; ++channel)
                rgb.push_back(static_cast<std::uint8_t>((x * 7 + y * 13 + channel * 57 + x * y % 31) % 256));
    return rgb;
}

std::vector<float> reference_embedding() {
    std::ifstream file("models/builtin/reference.txt");
    return {std::istream_iterator<float>(file), std::istream_iterator<float>()};
}

double cosine_of(std::span<const float> a, std::span<const float> b) {
    double dot = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
    return dot / std::sqrt(std::inner_product(a.begin(), a.end(), a.begin(), 0.0) *
                           std::inner_product(b.begin(), b.end(), b.begin(), 0.0));
}

double cosine_to_reference(const neural::Pack& pack, neural::Precision precision) {
    const auto* role = *pack.role("embedder");
    auto network =
        neural::Network::compile(*pack.model("embedder"), {1, 3, role->height, role->width}, precision);
    if (!network.ok()) return 0;
    neural::Session session(*network);
    session.load(reference_picture(role->width), static_cast<std::size_t>(role->width) * 3,
                 role->normalisation);
    auto reference = reference_embedding();
    if (!session.run().ok() || session.output(0).size() != reference.size()) return 0;
    return cosine_of(session.output(0), reference);
}

TEST(Builtin, TheEmbedderSaysWhatItSaidInTraining) {
    auto pack = builtin();
    ASSERT_TRUE(pack);
    EXPECT_GT(cosine_to_reference(*pack, neural::Precision::f32), 0.99999);
}

TEST(Builtin, Bf16ChangesTheLastDigitsOnly) {
    if (!neural::has_bf16()) GTEST_SKIP() << "this CPU has no bf16";
    auto pack = builtin();
    ASSERT_TRUE(pack);
    EXPECT_GT(cosine_to_reference(*pack, neural::Precision::bf16), 0.999);
}

}  // namespace
}  // namespace vision
