#include "search/index.h"

#include <algorithm>
#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <thread>

#include "search/quantise.h"

namespace search {
namespace {

Key key_of(std::uint64_t number) {
    Key key;
    for (std::size_t i = 0; i < 8; ++i)
        key.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    return key;
}

// Vectors by key, compared one by one: what the index must equal.
class Reference {
public:
    void put(const Key& key, std::vector<float> vector) { vectors_[key] = std::move(vector); }
    void erase(const Key& key) { vectors_.erase(key); }
    const std::map<Key, std::vector<float>>& vectors() const { return vectors_; }

    std::vector<Hit> search(const Query& query) const {
        const std::size_t padded = (query.vector.size() + kLanes - 1) / kLanes * kLanes;
        std::vector<float> probe(padded), unit(padded);
        normalise(query.vector, probe);
        std::vector<Hit> hits;
        for (const auto& [key, vector] : vectors_) {
            normalise(vector, unit);
            const double exact = kPlainKernels.inner_product(probe.data(), unit.data(), padded);
            const float score = std::clamp(static_cast<float>(exact), -1.0f, 1.0f);
            if (score >= query.floor) hits.push_back({key, score});
        }
        std::stable_sort(hits.begin(), hits.end(),
                         [](const Hit& a, const Hit& b) { return a.score > b.score; });
        hits.resize(std::min(hits.size(), query.hits_max));
        return hits;
    }

private:
    std::map<Key, std::vector<float>> vectors_;
};

class Drawn {
public:
    explicit Drawn(unsigned seed) : random_(seed) {}
    std::vector<float> vector(std::size_t dimensions) {
        std::vector<float> drawn(dimensions);
        for (auto& x : drawn)
            x = normal_(random_);
        return drawn;
    }
    std::vector<float> near(std::vector<float> vector, float spread) {
        for (auto& x : vector)
            x += spread * normal_(random_);
        return vector;
    }
    std::size_t below(std::size_t bound) { return random_() % bound; }

private:
    std::mt19937 random_;
    std::normal_distribution<float> normal_;
};

class IndexOnEveryKernel : public testing::TestWithParam<const Kernels*> {};

TEST_P(IndexOnEveryKernel, FindsWhatComparingEveryVectorFinds) {
    Drawn drawn(1);
    for (std::size_t dimensions : {3, 100, 128, 512}) {
        Index index(dimensions, *GetParam());
        Reference reference;
        std::vector<float> person;
        for (std::uint64_t i = 0; i < 1500; ++i) {
            if (i % 5 == 0) person = drawn.vector(dimensions);
            auto vector = drawn.near(person, 0.8f);
            ASSERT_TRUE(index.upsert(key_of(i), vector).ok());
            reference.put(key_of(i), vector);
        }
        for (const std::size_t hits_max : {1, 10, 200, 5000})
            for (const float floor : {-1.0f, 0.3f}) {
                auto probe = drawn.near(person, 0.8f);
                const Query query{probe, hits_max, floor};
                EXPECT_EQ(*index.search(query), reference.search(query)) << dimensions << " " << hits_max;
            }
    }
}

TEST_P(IndexOnEveryKernel, FindsTheSameAfterManyReplacementsAndErasures) {
    Drawn drawn(2);
    Index index(128, *GetParam());
    Reference reference;
    for (int change = 0; change < 6000; ++change) {
        const Key key = key_of(drawn.below(900));
        if (drawn.below(10) < 4) {
            EXPECT_EQ(index.erase(key), reference.vectors().contains(key));
            reference.erase(key);
        } else {
            auto vector = drawn.vector(128);
            ASSERT_TRUE(index.upsert(key, vector).ok());
            reference.put(key, vector);
        }
        if (change % 500 == 0) {
            auto probe = drawn.vector(128);
            const Query query{probe, 20, -1};
            EXPECT_EQ(*index.search(query), reference.search(query)) << change;
        }
    }
    EXPECT_EQ(index.size(), reference.vectors().size());
}

INSTANTIATE_TEST_SUITE_P(OfThisCpu, IndexOnEveryKernel, testing::ValuesIn(kernels_of_this_cpu()),
                         [](const auto& each) { return std::string(each.param->name); });

TEST(Index, EqualScoresAreOrderedByKey) {
    Index index(16);
    Drawn drawn(3);
    auto vector = drawn.vector(16);
    for (std::uint64_t i = 200; i > 0; --i)
        ASSERT_TRUE(index.upsert(key_of(i), vector).ok());
    auto hits = *index.search({vector, 3, 0.5f});
    EXPECT_THAT(hits, testing::ElementsAre(Hit{key_of(1), 1}, Hit{key_of(2), 1}, Hit{key_of(3), 1}));
}

TEST(Index, AFloorKeepsExactlyTheHitsThatReachIt) {
    Index index(2);
    ASSERT_TRUE(index.upsert(key_of(1), std::vector<float>{1, 0}).ok());
    ASSERT_TRUE(index.upsert(key_of(2), std::vector<float>{0, 1}).ok());
    std::vector<float> probe = {0.6f, 0.8f};
    const auto hits = *index.search({probe, 10, -1});
    ASSERT_EQ(hits.size(), 2u);
    EXPECT_EQ(index.search({probe, 10, hits[1].score})->size(), 2u);
    EXPECT_EQ(index.search({probe, 10, std::nextafter(hits[1].score, 1.0f)})->size(), 1u);
}

TEST(Index, AnEmptyIndexFindsNothing) {
    Index index(128);
    std::vector<float> probe(128, 1.0f);
    EXPECT_TRUE(index.search({probe, 10, -1})->empty());
    ASSERT_TRUE(index.upsert(key_of(1), probe).ok());
    EXPECT_TRUE(index.erase(key_of(1)));
    EXPECT_FALSE(index.erase(key_of(1)));
    EXPECT_TRUE(index.search({probe, 10, -1})->empty());
    EXPECT_EQ(index.size(), 0u);
}

TEST(Index, NoHitsAreFoundWhereNoneAreWanted) {
    Index index(2);
    std::vector<float> probe = {1, 0};
    ASSERT_TRUE(index.upsert(key_of(1), probe).ok());
    EXPECT_TRUE(index.search({probe, 0, -1})->empty());
}

TEST(Index, RefusesVectorsOfAnotherLengthOrWithoutDirection) {
    Index index(4);
    std::vector<float> three = {1, 2, 3}, zero(4), good(4, 1.0f);
    EXPECT_TRUE(index.upsert(key_of(1), three).error().is(Refusal::dimensions_differ));
    EXPECT_TRUE(index.upsert(key_of(1), zero).error().is(Refusal::no_direction));
    EXPECT_TRUE(index.search({three, 1, -1}).error().is(Refusal::dimensions_differ));
    EXPECT_TRUE(index.search({zero, 1, -1}).error().is(Refusal::no_direction));

    const std::array<Entry, 2> entries = {Entry{key_of(1), good}, Entry{key_of(2), zero}};
    EXPECT_FALSE(index.upsert(entries).ok());
    EXPECT_EQ(index.size(), 0u) << "one of the entries was refused, so none may be there";
}

TEST(Index, SeveralQueriesAtOnceAreAnsweredAsOneByOne) {
    Drawn drawn(4);
    Index index(64);
    for (std::uint64_t i = 0; i < 700; ++i)
        ASSERT_TRUE(index.upsert(key_of(i), drawn.vector(64)).ok());
    std::vector<std::vector<float>> vectors;
    std::vector<Query> queries;
    for (int i = 0; i < 9; ++i)
        vectors.push_back(drawn.vector(64));
    for (const auto& vector : vectors)
        queries.push_back({vector, 7, 0.1f});
    const auto answers = *index.search(queries);
    ASSERT_EQ(answers.size(), queries.size());
    for (std::size_t i = 0; i < queries.size(); ++i)
        EXPECT_EQ(answers[i], *index.search(queries[i]));
}

// Two keys trade places again and again, in one change each time: a search that saw half of a change would
// find the probe's direction under both keys, or under none.
TEST(Index, ASearchSeesAChangeWhollyOrNotAtAll) {
    Index index(32);
    Drawn drawn(5);
    for (std::uint64_t i = 10; i < 500; ++i)
        ASSERT_TRUE(index.upsert(key_of(i), drawn.vector(32)).ok());
    const auto here = drawn.vector(32), there = drawn.vector(32);
    auto swap_to = [&](bool swapped) {
        const std::array<Entry, 2> entries = {Entry{key_of(1), swapped ? there : here},
                                              Entry{key_of(2), swapped ? here : there}};
        ASSERT_TRUE(index.upsert(entries).ok());
    };
    swap_to(false);
    std::atomic<bool> done = false;
    std::vector<std::thread> readers;
    std::atomic<int> wrong = 0, searches = 0;
    for (int i = 0; i < 2; ++i)
        readers.emplace_back([&] {
            while (!done) {
                const auto hits = *index.search({here, 5, 0.999f});
                wrong += hits.size() != 1;
                ++searches;
            }
        });
    for (int change = 0; change < 3000 || searches < 100; ++change)
        swap_to(change % 2 == 0);
    done = true;
    for (auto& reader : readers)
        reader.join();
    EXPECT_EQ(wrong, 0);
}

TEST(Index, IsRightWhenSeveralThreadsChangeItAtOnce) {
    Index index(16);
    std::vector<std::thread> writers;
    for (std::uint64_t writer = 0; writer < 4; ++writer)
        writers.emplace_back([&, writer] {
            Drawn drawn(static_cast<unsigned>(writer));
            for (std::uint64_t i = 0; i < 300; ++i) {
                EXPECT_TRUE(index.upsert(key_of(writer * 1000 + i), drawn.vector(16)).ok());
                if (i % 3 == 0) {
                    EXPECT_TRUE(index.erase(key_of(writer * 1000 + i)));
                }
            }
        });
    for (auto& writer : writers)
        writer.join();
    EXPECT_EQ(index.size(), 4u * 200u);
    EXPECT_EQ(index.search({std::vector<float>(16, 1.0f), 5000, -1})->size(), 800u);
}

}  // namespace
}  // namespace search
