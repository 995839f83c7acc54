// measure_people: how face recognition sees the drawn people. Detection, the places of landmarks, and whether
// pictures of one person come out alike and pictures of different persons do not.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

#include "people/cast.h"
#include "people/picture.h"
#include "vision/pipeline.h"
#include "vision/test_pack.h"

namespace {

struct Options {
    int people = 100;
    int each = 10;
    int side = 256;
    std::uint64_t seed = 1;
    bool cast = false;
    int choose = 0;
    std::string variety = "album";
    unsigned threads = 1;
    std::vector<std::string> models = {"builtin"};
};

struct Seen {
    std::uint64_t person = 0;
    int shot = 0;
    float yaw = 0;
    bool found = false;
    float overlap = 0;         // of the boxes: intersection over union
    float landmark_error = 0;  // mean, of the distance between the eyes
    std::optional<vision::Embedding> embedding;
};

std::shared_ptr<const neural::Pack> builtin_pack() {
    auto known = neural::known_pack("builtin");
    if (!known.ok()) return nullptr;
    auto pack = neural::Pack::builtin(**known);
    return pack.ok() ? *pack : nullptr;
}

float overlap_of(const vision::Box& a, const people::Box& b) {
    float width = std::min(a.left + a.width, b.left + b.width) - std::max(a.left, b.left);
    float height = std::min(a.top + a.height, b.top + b.height) - std::max(a.top, b.top);
    if (width <= 0 || height <= 0) return 0;
    return width * height / (a.area() + b.width * b.height - width * height);
}

Seen look(const vision::Pipeline& pipeline, const people::Portrait& drawn) {
    Seen seen;
    auto faces = pipeline.detect(drawn.picture);
    if (!faces.ok()) return seen;
    auto side = static_cast<float>(drawn.picture.width);
    for (const auto& face : *faces) {
        vision::Box box{face.box.left * side, face.box.top * side, face.box.width * side,
                        face.box.height * side};
        float overlap = overlap_of(box, drawn.label.box);
        if (overlap < 0.4f || overlap < seen.overlap) continue;
        seen.found = true;
        seen.overlap = overlap;
        const auto& true_points = drawn.label.landmarks;
        float eyes = std::hypot(true_points[1].x - true_points[0].x, true_points[1].y - true_points[0].y);
        seen.landmark_error = 0;
        for (std::size_t i = 0; i < 5; ++i)
            seen.landmark_error += 0.2f / eyes *
                                   std::hypot(face.landmarks[i].x * side - true_points[i].x,
                                              face.landmarks[i].y * side - true_points[i].y);
        auto embedding = pipeline.embed(drawn.picture, face);
        if (embedding.ok()) seen.embedding = *embedding;
    }
    return seen;
}

std::vector<std::uint64_t> seeds_of(const Options& options) {
    std::vector<std::uint64_t> seeds;
    if (options.cast)
        for (const auto& member : people::cast())
            seeds.push_back(member.seed);
    else
        for (int i = 0; i < options.people; ++i)
            seeds.push_back(options.seed * 1'000'000 + static_cast<std::uint64_t>(i));
    return seeds;
}

std::vector<Seen> look_at_all(const vision::Pipeline& pipeline, const Options& options) {
    auto seeds = seeds_of(options);
    std::vector<Seen> all(seeds.size() * static_cast<std::size_t>(options.each));
    auto variety = options.variety == "wild" ? people::Variety::wild : people::Variety::album;
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < options.threads; ++i)
        threads.emplace_back([&] {
            for (auto index = next++; index < seeds.size(); index = next++) {
                people::Sitter sitter(people::person_of(seeds[index]));
                people::Chance chance(seeds[index] * 7919 + 1);
                for (int shot = 0; shot < options.each; ++shot) {
                    auto one = chance.part();
                    auto how = people::shot_of(one, variety, sitter.person().glasses.worn);
                    auto seen = look(pipeline, people::portrait(sitter, how, options.side));
                    seen.person = seeds[index], seen.shot = shot, seen.yaw = how.yaw;
                    all[index * static_cast<std::size_t>(options.each) + static_cast<std::size_t>(shot)] =
                        std::move(seen);
                }
            }
        });
    threads.clear();
    return all;
}

float quantile(std::vector<float>& values, double share) {
    if (values.empty()) return 0;
    auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

void report(const char* what, std::vector<float> values) {
    fmt::print("{:<28} 1 % {:.3f}   5 % {:.3f}   median {:.3f}   95 % {:.3f}   99 % {:.3f}   max {:.3f}\n",
               what, quantile(values, 0.01), quantile(values, 0.05), quantile(values, 0.5),
               quantile(values, 0.95), quantile(values, 0.99), quantile(values, 1));
}

void report_all(const std::vector<Seen>& all, float floor) {
    auto found = std::count_if(all.begin(), all.end(), [](auto& seen) { return seen.found; });
    std::vector<float> overlaps, errors, same, other;
    for (const auto& seen : all)
        if (seen.found) overlaps.push_back(seen.overlap), errors.push_back(seen.landmark_error);
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t j = i + 1; j < all.size(); ++j)
            if (all[i].embedding && all[j].embedding)
                (all[i].person == all[j].person ? same : other)
                    .push_back(cosine(*all[i].embedding, *all[j].embedding));
    fmt::print("found                        {} of {} ({:.2f} %)\n", found, all.size(),
               100.0 * static_cast<double>(found) / static_cast<double>(all.size()));
    report("box, overlap", overlaps);
    report("landmarks, of eye distance", errors);
    report("cosine, same person", same);
    report("cosine, other persons", other);
    auto above = [floor](const std::vector<float>& values) {
        return 100.0 *
               static_cast<double>(
                   std::count_if(values.begin(), values.end(), [floor](float c) { return c >= floor; })) /
               std::max(1.0, static_cast<double>(values.size()));
    };
    fmt::print("threshold 80 is cosine {:.3f}: same person above {:.2f} %, other persons above {:.3f} %\n",
               floor, above(same), above(other));
}

// What a pack saw of all pictures, and the cosine that stands for Similarity 80 there.
struct Sight {
    std::vector<Seen> all;
    float floor = 0;
};

// How far the highest cosine of any two pictures of two persons lies above the threshold, for the pack that
// takes them for more alike; pictures `each` behind one another are of one person.
float likeness(std::span<const Sight> sights, std::size_t a, std::size_t b, std::size_t each) {
    float most = -1;
    for (const auto& [all, floor] : sights)
        for (std::size_t i = a * each; i < (a + 1) * each; ++i)
            for (std::size_t j = b * each; j < (b + 1) * each; ++j)
                if (all[i].embedding && all[j].embedding)
                    most = std::max(most, cosine(*all[i].embedding, *all[j].embedding) - floor);
    return most;
}

bool looks_like_themselves(std::span<const Sight> sights, std::size_t person, std::size_t each) {
    for (const auto& [all, floor] : sights)
        for (std::size_t i = person * each; i < (person + 1) * each; ++i)
            for (std::size_t j = person * each; j < i; ++j)
                if (!all[i].embedding || !all[j].embedding ||
                    cosine(*all[i].embedding, *all[j].embedding) < floor + 0.02f)
                    return false;
    return true;
}

// Greedily: whoever is least like the most similar person that is chosen already, of those who look like
// themselves, by every pack.
void choose(std::span<const Sight> sights, const Options& options) {
    auto each = static_cast<std::size_t>(options.each);
    std::vector<std::size_t> persons;
    for (std::size_t person = 0; (person + 1) * each <= sights[0].all.size(); ++person)
        if (looks_like_themselves(sights, person, each)) persons.push_back(person);
    fmt::print("{} persons always look like themselves\n", persons.size());
    if (persons.empty()) return;
    std::vector<float> nearest(persons.size(), -1);
    std::size_t chosen = 0;
    for (int n = 0; n < options.choose && n < static_cast<int>(persons.size()); ++n) {
        fmt::print("{} (nearest {:.3f} from the threshold)\n", sights[0].all[persons[chosen] * each].person,
                   nearest[chosen]);
        nearest[chosen] = 2;
        for (std::size_t i = 0; i < persons.size(); ++i)
            if (nearest[i] < 2)
                nearest[i] = std::max(nearest[i], likeness(sights, persons[i], persons[chosen], each));
        chosen = static_cast<std::size_t>(std::min_element(nearest.begin(), nearest.end()) - nearest.begin());
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Measures how a model pack sees drawn people; run from the repository's root"};
    Options options;
    app.add_option("--people", options.people, "how many persons");
    app.add_option("--each", options.each, "portraits of each");
    app.add_option("--side", options.side, "pixels");
    app.add_option("--seed", options.seed, "other numbers draw other persons");
    app.add_flag("--cast", options.cast, "the fixed cast");
    app.add_option("--choose", options.choose,
                   "prints the seeds of so many persons far apart, for every pack");
    app.add_option("--variety", options.variety, "album or wild")->check(CLI::IsMember({"album", "wild"}));
    app.add_option("--threads", options.threads, "");
    app.add_option("--models", options.models,
                   "builtin, open from the weights beside the repository, or both")
        ->check(CLI::IsMember({"builtin", "open"}));
    CLI11_PARSE(app, argc, argv);

    std::vector<Sight> sights;
    for (const auto& name : options.models) {
        auto pack = name == "open" ? vision::open_pack() : builtin_pack();
        if (!pack) {
            std::cerr << "measure_people: no pack " << name << "; open needs " << vision::kWeights << '\n';
            return 1;
        }
        auto pipeline = vision::Pipeline::create(*pack);
        if (!pipeline.ok()) {
            std::cerr << "measure_people: " << pipeline.error().detail() << '\n';
            return 1;
        }
        sights.push_back({look_at_all(*pipeline, options), pipeline->calibration().cosine_floor({80})});
        fmt::print("With the pack {}:\n", name);
        report_all(sights.back().all, sights.back().floor);
    }
    if (options.choose > 0) choose(sights, options);
}
