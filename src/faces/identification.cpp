#include "faces/identification.h"

#include <algorithm>
#include <cmath>

#include "faces/testimony.h"
#include "faces/weighing.h"

namespace faces {
namespace {

// How many people are weighed for each face: those whose one most alike reference is the most alike. With
// more than a few, what the next could add is less than rounding.
constexpr std::size_t kWeighedMin = 10;

LikelyPerson describe(const Weighed& weighed, const Recognition& recognition, const vision::Embedding& face,
                      std::span<const NearSighting> near, double probability) {
    const double cosine = cosine_of(weighed.portrait.direction, face.values);
    LikelyPerson out{.person = weighed.person,
                     .probability = probability,
                     .similarity = recognition.calibration.similarity(static_cast<float>(cosine)),
                     .false_match_rate = recognition.calibration.scores()->false_match_rate(cosine),
                     .references = weighed.references.size() + weighed.confirmed.size(),
                     .evidence = {},
                     .words = {}};
    for (const auto& reference : weighed.references)
        out.evidence.push_back({reference, recognition.similarity(face, reference.record.embedding)});
    std::stable_sort(out.evidence.begin(), out.evidence.end(),
                     [](const Reference& a, const Reference& b) { return a.similarity > b.similarity; });
    if (out.evidence.size() > kReferencesShownMax) out.evidence.resize(kReferencesShownMax);
    for (const auto& [sighting, alike] : near)
        for (const auto& correction : sighting.corrections)
            if (correction.person == weighed.person && out.words.size() < kReferencesShownMax)
                out.words.push_back(
                    {correction, recognition.calibration.similarity(static_cast<float>(alike))});
    return out;
}

// Those who are weighed for one face: whose references are like it, and who was confirmed to be a face like
// it.
std::vector<PersonId> with_confirmed(std::vector<PersonId> people, std::span<const NearSighting> near) {
    for (const auto& [sighting, alike] : near)
        if (sighting.person && std::find(people.begin(), people.end(), *sighting.person) == people.end())
            people.push_back(*sighting.person);
    return people;
}

}  // namespace

Result<IdentifiedPicture> identify(const Registry& registry, const CollectionKey& key,
                                   std::span<const vision::Embedding> faces, const IdentifyOptions& options) {
    INVARIANT(faces.size() <= kFacesIdentifiedMax);
    const auto found = TRY(registry.find_with_model(key));
    const auto& collection = found.record;
    const auto& recognition = found.model->recognition;
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
        if (face.model != recognition.model) return model_changed();
        queries.push_back({face.values, kHitsFirst, floor});
    }
    auto hits = TRY(index->search(queries));
    const Sightings sightings(registry, collection);
    const auto near = TRY(sightings.near(faces, floor));

    People people(registry, collection, *gallery, sightings);
    std::vector<FaceOdds> odds;
    for (std::size_t i = 0; i < faces.size(); ++i) {
        const auto alike = TRY(weighed_for(*gallery, *index, faces[i].values, std::move(hits[i]),
                                           std::max(kWeighedMin, candidates_max), floor));
        std::vector<std::size_t> numbers;
        Prior prior{.unknown = options.unknown_prior, .people = out.people};
        for (const auto& person : with_confirmed(alike, near[i])) {
            const auto number = TRY(people.number_of(person));
            if (!number) continue;
            numbers.push_back(*number);
            prior.people += !people[*number].is_enrolled();
        }
        // Of those whom enrolments and erasures meanwhile leave no room.
        numbers.resize(std::min(numbers.size(), prior.people));
        std::vector<Weight> weights;
        for (const auto number : numbers) {
            weights.push_back({people[number], log_ratio(*scores, people[number].portrait, faces[i])});
        }
        const auto said = heard(*scores, prior, faces[i], weights, near[i]);
        odds.push_back(odds_of(numbers, said.log_ratios, scores->log_ratio_floor(), prior, said.strangers));
        if (said.settled) settle(odds.back(), *said.settled);
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
            if (std::isinf(odds[i].candidates[place].log_odds)) continue;  // people said that it is not
            if (face.candidates.size() == candidates_max) {
                face.others += probabilities[place];
                continue;
            }
            if (shares.assigned[i] == place) face.assigned = face.candidates.size();
            face.candidates.push_back(describe(people[odds[i].candidates[place].person], recognition,
                                               faces[i], near[i], probabilities[place]));
        }
        out.faces.push_back(std::move(face));
    }
    return out;
}

}  // namespace faces
