#include "wire/answer.h"

#include <gtest/gtest.h>

namespace wire {
namespace {

struct Answer {
    struct Item {
        std::string name;
        std::optional<double> share;
        static auto members() {
            return wire::members(required("Name", &Item::name), optional("Share", &Item::share));
        }
    };
    std::vector<Item> items;
    std::map<std::string, int> counts;
    base::Bytes bytes;
    base::Time made{};
    std::optional<Item> best;
    static auto members() {
        return wire::members(required("Items", &Answer::items), required("Counts", &Answer::counts),
                             required("Bytes", &Answer::bytes), required("Made", &Answer::made),
                             optional("Best", &Answer::best));
    }
};

TEST(Answer, IsWrittenAsItIsDescribed) {
    const Answer answer{.items = {{"ann", 0.5}, {"bob", std::nullopt}},
                        .counts = {{"a", 1}},
                        .bytes = {1, 2, 3},
                        .made = base::Time{base::Duration{1500}},
                        .best = std::nullopt};
    EXPECT_EQ(json::value(encode(answer)),
              json::parse(R"({"Items": [{"Name": "ann", "Share": 0.5}, {"Name": "bob"}], "Counts": {"a": 1},
                              "Bytes": "AQID", "Made": 1.5})"));
    const auto described = describe<Answer>();
    EXPECT_EQ(described[0].at("of").at("type"), "structure");
    EXPECT_EQ(described[3].at("type"), "timestamp");
    EXPECT_EQ(described[4].at("required"), false);
}

}  // namespace
}  // namespace wire
