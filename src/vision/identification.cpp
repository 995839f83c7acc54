#include "vision/identification.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/random.h"

namespace vision {
namespace {

// Evenly from 0 to bound - 1.
std::size_t below(base::Random& random, std::size_t bound) {
    std::uint64_t number = 0;
    random.fill({reinterpret_cast<std::uint8_t*>(&number), sizeof number});
    return static_cast<std::size_t>(number % bound);
}

void shuffle(std::vector<const Person*>& people, base::Random& random) {
    for (std::size_t i = people.size(); i > 1; --i)
        std::swap(people[i - 1], people[below(random, i)]);
}

// Who is enrolled and who is not. The enrolled have two photos or more; the first of each is the one that is
// enrolled.
struct Draw {
    std::vector<const Person*> enrolled;
    std::vector<const Person*> strangers;
};

Result<Draw> draw_people(const std::vector<Person>& people, const IdentificationOptions& options) {
    base::SeededRandom random(options.seed);
    std::vector<const Person*> all;
    for (const auto& person : people)
        all.push_back(&person);
    shuffle(all, random);
    Draw draw;
    std::vector<const Person*> others;
    for (const auto* person : all) {
        bool is_enrolled = person->photos.size() >= 2 && draw.enrolled.size() < options.enrolled;
        (is_enrolled ? draw.enrolled : others).push_back(person);
    }
    if (draw.enrolled.size() < options.enrolled || others.size() < options.strangers)
        return Error::failure("the folder does not hold enough people with enough photos");
    draw.strangers.assign(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(options.strangers));
    return draw;
}

double share(std::span<const Probe> probes, auto&& counts, auto&& among) {
    auto all = std::count_if(probes.begin(), probes.end(), among);
    auto some = std::count_if(probes.begin(), probes.end(),
                              [&](const Probe& probe) { return among(probe) && counts(probe); });
    return all == 0 ? 0 : static_cast<double>(some) / static_cast<double>(all);
}

}  // namespace

IdentificationReport judge(std::span<const Probe> probes, float cosine_floor) {
    auto is_stranger = [](const Probe& probe) { return probe.is_stranger; };
    auto is_enrolled = [](const Probe& probe) { return !probe.is_stranger; };
    auto reaches = [](float floor) {
        return [floor](const Probe& probe) { return probe.best_cosine >= floor; };
    };
    auto is_right_at = [](float floor) {
        return [floor](const Probe& probe) { return probe.best_is_right && probe.best_cosine >= floor; };
    };

    std::vector<float> alarms;
    for (const auto& probe : probes)
        if (probe.is_stranger) alarms.push_back(probe.best_cosine);
    std::sort(alarms.begin(), alarms.end(), std::greater<>());
    auto allowed = alarms.size() / 100;
    float floor_of_1pct = alarms.empty() ? -1 : std::nextafter(alarms[allowed], 2.0f);

    IdentificationReport report;
    report.named_rightly = share(probes, is_right_at(cosine_floor), is_enrolled);
    report.strangers_named = share(probes, reaches(cosine_floor), is_stranger);
    report.rank1 = share(probes, is_right_at(-1), is_enrolled);
    report.dir_at_1pct = share(probes, is_right_at(floor_of_1pct), is_enrolled);
    report.searches = probes.size();
    return report;
}

std::string IdentificationReport::json() const {
    return fmt::format(
        R"({{"named_rightly":{:.5f},"strangers_named":{:.5f},"rank1":{:.5f},"dir_at_1pct":{:.5f},)"
        R"("undetected":{},"searches":{}}})",
        named_rightly, strangers_named, rank1, dir_at_1pct, undetected, searches);
}

Result<IdentificationReport> measure_identification(const Pipeline& pipeline,
                                                    const std::filesystem::path& images,
                                                    const IdentificationOptions& options, std::size_t threads,
                                                    const Progress& progress) {
    auto people = TRY(read_people(images));
    auto draw = TRY(draw_people(people, options));
    std::vector<std::filesystem::path> photos;
    for (const auto* person : draw.enrolled)
        photos.push_back(person->photos.front());
    std::vector<std::size_t>
        owner;  // of each searched photo, by place among the enrolled; past them for strangers
    for (std::size_t i = 0; i < draw.enrolled.size(); ++i) {
        const auto& all = draw.enrolled[i]->photos;
        photos.insert(photos.end(), all.begin() + 1, all.end());
        owner.insert(owner.end(), all.size() - 1, i);
    }
    for (const auto* person : draw.strangers) {
        photos.push_back(person->photos.front());
        owner.push_back(draw.enrolled.size());
    }
    auto embedded = TRY(embed_photos(pipeline, photos, threads, progress));
    std::span gallery(embedded.embeddings.data(), draw.enrolled.size());

    std::vector<Probe> probes;
    for (std::size_t i = 0; i < owner.size(); ++i) {
        Probe probe{.is_stranger = owner[i] == gallery.size()};
        const auto& face = embedded.embeddings[gallery.size() + i];
        for (std::size_t enrolled = 0; face && enrolled < gallery.size(); ++enrolled) {
            if (!gallery[enrolled]) continue;
            float score = cosine(*face, *gallery[enrolled]);
            if (score <= probe.best_cosine) continue;
            probe.best_cosine = score;
            probe.best_is_right = owner[i] == enrolled;
        }
        probes.push_back(probe);
    }
    auto report = judge(probes, pipeline.calibration().cosine_floor(options.threshold));
    report.undetected = embedded.undetected;
    return report;
}

}  // namespace vision
