#include "vision/identification.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "base/random.h"

namespace vision {
namespace {

// Evenly from 0 to bound - 1.
std::size_t below(base::Random& random, std::size_t bound) {
    std::uint64_t number = 0;
    random.fill({reinterpret_cast<std::uint8_t*>(&number), sizeof number});
    return static_cast<std::size_t>(number % bound);
}

// Who is enrolled and who is not. The enrolled have two photos or more; the first of each is the one that is
// enrolled.
struct Draw {
    std::vector<std::size_t> enrolled;
    std::vector<std::size_t> strangers;
};

Result<Draw> draw_people(const std::vector<Person>& people, const IdentificationOptions& options) {
    Draw draw;
    std::vector<std::size_t> others;
    for (std::size_t person : shuffled_people(people.size(), options.seed)) {
        const bool is_enrolled = people[person].photos.size() >= 2 && draw.enrolled.size() < options.enrolled;
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

std::vector<std::size_t> shuffled_people(std::size_t people, std::uint64_t seed) {
    base::SeededRandom random(seed);
    std::vector<std::size_t> out(people);
    std::iota(out.begin(), out.end(), 0);
    for (std::size_t i = out.size(); i > 1; --i)
        std::swap(out[i - 1], out[below(random, i)]);
    return out;
}

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

Result<IdentificationReport> measure_identification(const Calibration& calibration,
                                                    const LabelledPhotos& photos,
                                                    const IdentificationOptions& options) {
    const auto draw = TRY(draw_people(photos.people, options));
    const auto& embeddings = photos.photos.embeddings;
    auto photos_of = [&](std::size_t person) {
        const auto first = std::lower_bound(photos.owners.begin(), photos.owners.end(), person);
        const auto last = std::upper_bound(first, photos.owners.end(), person);
        std::vector<std::size_t> out(static_cast<std::size_t>(last - first));
        std::iota(out.begin(), out.end(), static_cast<std::size_t>(first - photos.owners.begin()));
        return out;
    };
    struct Search {
        std::size_t photo;
        std::size_t owner;  // by place among the enrolled; past them for strangers
    };
    std::vector<std::size_t> gallery;
    std::vector<Search> searches;
    for (std::size_t person : draw.enrolled) {
        const auto all = photos_of(person);
        for (std::size_t photo : std::span(all).subspan(1))
            searches.push_back({photo, gallery.size()});
        gallery.push_back(all.front());
    }
    for (std::size_t person : draw.strangers)
        searches.push_back({photos_of(person).front(), draw.enrolled.size()});

    std::vector<Probe> probes;
    std::size_t undetected = 0;
    for (std::size_t photo : gallery)
        undetected += !embeddings[photo];
    for (const auto& search : searches) {
        Probe probe{.is_stranger = search.owner == gallery.size()};
        const auto& face = embeddings[search.photo];
        undetected += !face;
        for (std::size_t enrolled = 0; face && enrolled < gallery.size(); ++enrolled) {
            if (!embeddings[gallery[enrolled]]) continue;
            const float score = cosine(*face, *embeddings[gallery[enrolled]]);
            if (score <= probe.best_cosine) continue;
            probe.best_cosine = score;
            probe.best_is_right = search.owner == enrolled;
        }
        probes.push_back(probe);
    }
    auto report = judge(probes, calibration.cosine_floor(options.threshold));
    report.undetected = undetected;
    return report;
}

}  // namespace vision
