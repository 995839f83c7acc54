// draw_people: portraits and group pictures of people who do not exist, as files with their labels.
#include <CLI/CLI.hpp>
#include <atomic>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <mutex>
#include <png.h>
#include <thread>

#include "base/file.h"
#include "image/encode.h"
#include "people/cast.h"
#include "people/picture.h"

namespace {

namespace fs = std::filesystem;

struct Options {
    fs::path folder;
    std::string labels;
    int people = 20;
    int each = 6;
    int strangers = 0;
    int groups = 0;
    int side = 256;
    std::uint64_t seed = 1;
    bool cast = false;
    bool png = false;
    bool ages = false;
    std::string variety = "album";
    unsigned threads = std::thread::hardware_concurrency();
};

people::Variety variety_of(const Options& options) {
    return options.variety == "wild" ? people::Variety::wild : people::Variety::album;
}

// One line of JSON a face, written by any thread.
class Labels {
public:
    explicit Labels(const fs::path& path) : out_(path) {}

    void add(const std::string& file, const people::Sitter& sitter, const people::Shot& shot,
             const people::Label& label) {
        std::string points;
        for (const auto& point : label.landmarks)
            points += fmt::format("{}[{:.2f}, {:.2f}]", points.empty() ? "" : ", ", point.x, point.y);
        const auto& box = label.box;
        auto line = fmt::format(
            R"({{"file": "{}", "person": {}, "age": {:.1f}, "yaw": {:.1f}, "pitch": {:.1f}, "roll": {:.1f}, )"
            R"("expression": "{}", "smile": {:.2f}, "mouth_open": {}, "eyes_open": {}, "glasses": {}, )"
            R"("beard": {}, "sturdy": {:.2f}, "box": [{:.2f}, {:.2f}, {:.2f}, {:.2f}], "landmarks": [{}]}})",
            file, sitter.person().seed, sitter.age(), shot.yaw, shot.pitch, shot.roll,
            name_of(shot.expression), shot.expression.smile, shot.expression.open > 1.5f,
            shot.expression.lids > 0.4f, shot.glasses,
            std::max(sitter.person().beard.chin, sitter.person().beard.cheeks) > 0.3f, sitter.person().sturdy,
            box.left, box.top, box.width, box.height, points);
        std::lock_guard lock(mutex_);
        out_ << line << '\n';
    }

private:
    std::mutex mutex_;
    std::ofstream out_;
};

bool write(const fs::path& path, const image::Picture& picture, int quality) {
    if (path.extension() == ".png") {
        png_image header{};
        header.version = PNG_IMAGE_VERSION;
        header.width = static_cast<png_uint_32>(picture.width);
        header.height = static_cast<png_uint_32>(picture.height);
        header.format = PNG_FORMAT_RGB;
        return png_image_write_to_file(&header, path.c_str(), 0, picture.rgb.data(), 0, nullptr) != 0;
    }
    auto bytes = image::encode_jpeg(picture, quality);
    if (!bytes.ok()) return false;
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes->data()), static_cast<std::streamsize>(bytes->size()));
    return out.good();
}

// Who the `index`th person is, and the name of the folder.
std::pair<people::Person, std::string> person_at(const Options& options, int index) {
    if (options.cast) {
        const auto& member = people::cast()[static_cast<std::size_t>(index)];
        return {people::person_of(member.seed), std::string(member.name)};
    }
    auto seed = options.seed * 1'000'000 + static_cast<std::uint64_t>(index);
    return {people::person_of(seed), fmt::format("person_{:06}", index)};
}

int persons_in(const Options& options) {
    return options.cast ? std::min(options.people, static_cast<int>(people::cast().size())) : options.people;
}

bool draw_person(const Options& options, int index, Labels& labels) {
    int pictures =
        index >= persons_in(options) - options.strangers ? std::min(1, options.each) : options.each;
    auto [person, name] = person_at(options, index);
    fs::create_directories(options.folder / name);
    people::Chance chance(person.seed * 7919 + options.seed);
    float age = options.ages ? std::clamp(person.age + chance.about(0, 8), 16.0f, 90.0f) : person.age;
    people::Sitter sitter(person, age);
    for (int i = 0; i < pictures; ++i) {
        auto one = chance.part();
        auto shot = people::shot_of(one, variety_of(options), person.glasses.worn);
        auto drawn = people::portrait(sitter, shot, options.side);
        // The names of all files differ: a bucket may hold them side by side.
        auto file = fmt::format("{}/{}_{:02}.{}", name, name, i, options.png ? "png" : "jpg");
        if (!write(options.folder / file, drawn.picture, shot.camera.jpeg_quality)) return false;
        labels.add(file, sitter, shot, drawn.label);
    }
    return true;
}

// 2 to 8 people side by side, in one row or two.
bool draw_group(const Options& options, int index, Labels& labels) {
    people::Chance chance(options.seed * 1'000'003 + static_cast<std::uint64_t>(index) * 13 + 5);
    int height = options.side, width = height * 3 / 2;
    int count = 2 + chance.below(7);
    std::vector<std::unique_ptr<people::Sitter>> sitters;
    std::vector<people::Member> members;
    int all = persons_in(options);
    std::vector<int> present;
    for (int i = 0; i < count && i < all; ++i) {
        int who = chance.below(all);
        if (std::find(present.begin(), present.end(), who) != present.end()) continue;
        present.push_back(who);
    }
    int behind = static_cast<int>(present.size()) / 2;
    for (int i = 0; i < static_cast<int>(present.size()); ++i) {
        auto person = person_at(options, present[static_cast<std::size_t>(i)]).first;
        sitters.push_back(std::make_unique<people::Sitter>(person));
        auto one = chance.part();
        auto shot = people::shot_of(one, variety_of(options), person.glasses.worn);
        bool back = i < behind;
        int place = back ? i : i - behind, places = back ? behind : static_cast<int>(present.size()) - behind;
        float step = static_cast<float>(width) / static_cast<float>(places);
        float size = std::min(step * 0.72f, static_cast<float>(height) * 0.3f) * chance.between(0.8f, 1);
        float x =
            step * (static_cast<float>(place) + 0.5f + (back ? 0.25f : 0.0f)) + chance.about(0, 0.03f * step);
        members.push_back(
            {sitters.back().get(), shot, {x, static_cast<float>(height) * (back ? 0.27f : 0.62f)}, size});
    }
    auto drawn = people::group(members, width, height);
    auto file = fmt::format("group_{:05}.{}", index, options.png ? "png" : "jpg");
    if (!write(options.folder / file, drawn.picture, 90)) return false;
    for (std::size_t i = 0; i < members.size(); ++i)
        labels.add(file, *members[i].sitter, members[i].shot, drawn.labels[i]);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Draws people who do not exist: FOLDER/person_000000/person_000000_00.jpg and so on"};
    Options options;
    app.add_option("folder", options.folder, "where the pictures go")->required();
    app.add_option("--labels", options.labels,
                   "file for the labels, one line of JSON a face (default: FOLDER/labels.jsonl)");
    app.add_option("--people", options.people, "how many persons")->check(CLI::Range(0, 1'000'000));
    app.add_option("--each", options.each, "portraits of each person")->check(CLI::Range(0, 100));
    app.add_option("--strangers", options.strangers, "the last so many persons get one portrait only")
        ->check(CLI::Range(0, 1'000'000));
    app.add_option("--groups", options.groups, "group pictures of them besides")
        ->check(CLI::Range(0, 100'000));
    app.add_option("--side", options.side, "pixels of a portrait's side, and of a group picture's height")
        ->check(CLI::Range(32, 2048));
    app.add_option("--seed", options.seed, "other numbers draw other persons");
    app.add_flag("--cast", options.cast, "of the fixed cast of 20, each with a name");
    app.add_flag("--ages", options.ages, "draw each person at an age near the usual one");
    app.add_flag("--png", options.png, "PNG files, without loss");
    app.add_option("--variety", options.variety,
                   "album: as people photograph each other; wild: profiles, hard light, noise")
        ->check(CLI::IsMember({"album", "wild"}));
    app.add_option("--threads", options.threads, "pictures drawn at a time");
    CLI11_PARSE(app, argc, argv);

    fs::create_directories(options.folder);
    Labels labels(options.labels.empty() ? options.folder / "labels.jsonl" : fs::path(options.labels));
    int persons = persons_in(options);
    std::atomic<int> next = 0;
    std::atomic<bool> failed = false;
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < std::max(1u, options.threads); ++i)
            threads.emplace_back([&] {
                for (int task = next++; task < persons + options.groups && !failed; task = next++)
                    if (!(task < persons ? draw_person(options, task, labels)
                                         : draw_group(options, task - persons, labels)))
                        failed = true;
            });
    }
    if (failed) {
        std::cerr << "draw_people: could not write below " << options.folder.string() << '\n';
        return 1;
    }
}
