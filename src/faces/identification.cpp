#include "faces/identification.h"

#include <algorithm>
#include <cmath>

#include "faces/weighing.h"

namespace faces {
namespace {

// How many people are weighed for each face: those whose one most alike reference is the most alike. With
// more than a few, what the next could add is less than rounding.
constexpr std::size_t kWeighedMin = 10;

LikelyPerson describe(const Weighed& weighed, const Recognition& recognition, const vision::Embedding& face,
                      double probability) {
    const double cosine = cosine_of(weighed.portrait.direction, face.values);
    LikelyPerson out{.person = weighed.person,
                     .probability = probability,
                     .similarity = recognition.calibration.similarity(static_cast<float>(cosine)),
                     .false_match_rate = recognition.calibration.scores()->false_match_rate(cosine),
                     .references = weighed.references.size(),
                     .evidence = {}};
    for (const auto& reference : weighed.references)
        out.evidence.push_back({reference, recognition.similarity(face, reference.record.embedding)});
    std::stable_sort(out.evidence.begin(), out.evidence.end(),
                     [](const Reference& a, const Reference& b) { return a.similarity > b.similarity; });
    if (out.evidence.size() > kReferencesShownMax) out.evidence.resize(kReferencesShownMax);
    return out;
}

}  // namespace

Result<IdentifiedPicture> identify(const Registry& registry, const CollectionKey& key,
                                   std::span<const vision::Embedding> faces, const IdentifyOptions& options) {
    INVARIANT(faces.size() <= kFacesIdentifiedMax);
    const auto collection = TRY(registry.find_of_this_model(key));
    const auto& recognition = *registry.recognition();
    const auto& scores = recognition.calibration.scores();
    if (!scores)
        return Error::refusal(Refusal::scores_absent,
                              "The face model's calibration does not say how scores are spread: see likeness "
                              "bench calibrate");
    const auto gallery = registry.gallery(collection);
    const auto* index = TRY(gallery->index());
    const std::size_t candidates_max = std::min(options.candidates_max, kCandidatesMax);

    IdentifiedPicture out;
    out.people = TRY(gallery->with_roster([](const Roster& roster) { return roster.size(); }));
    const auto floor = static_cast<float>(scores->impostor().cosine_at(kWeighedRate));
    std::vector<search::Query> queries;
    for (const auto& face : faces) {
        INVARIANT(face.model == recognition.model);
        queries.push_back({face.values, kHitsFirst, floor});
    }
    auto hits = TRY(index->search(queries));

    People people(registry, collection, *gallery);
    std::vector<FaceOdds> odds;
    for (std::size_t i = 0; i < faces.size(); ++i) {
        const auto weighed = TRY(weighed_for(*gallery, *index, faces[i].values, std::move(hits[i]),
                                             std::max(kWeighedMin, candidates_max), floor));
        std::vector<std::size_t> numbers;
        std::vector<double> ratios;
        for (const auto& person : weighed) {
            const auto number = TRY(people.number_of(person));
            if (!number || numbers.size() == out.people) continue;
            const auto& portrait = people[*number].portrait;
            numbers.push_back(*number);
            ratios.push_back(
                scores->log_ratio(cosine_of(portrait.direction, faces[i].values), portrait.references));
        }
        odds.push_back(odds_of(numbers, ratios, scores->log_ratio_floor(),
                               {.unknown = options.unknown_prior, .people = out.people}));
    }
    const auto shares = options.once_per_picture ? joint_shares(odds) : separate_shares(odds);
    for (std::size_t i = 0; i < faces.size(); ++i) {
        const auto& probabilities = shares.faces[i].candidates;
        std::vector<std::size_t> order(probabilities.size());
        for (std::size_t place = 0; place < order.size(); ++place)
            order[place] = place;
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
        IdentifiedFace face{.others = shares.faces[i].others, .stranger = shares.faces[i].unknown};
        for (std::size_t place : order) {
            if (face.candidates.size() == candidates_max) {
                face.others += probabilities[place];
                continue;
            }
            if (shares.assigned[i] == place) face.assigned = face.candidates.size();
            face.candidates.push_back(describe(people[odds[i].candidates[place].person], recognition,
                                               faces[i], probabilities[place]));
        }
        out.faces.push_back(std::move(face));
    }
    return out;
}

}  // namespace faces
