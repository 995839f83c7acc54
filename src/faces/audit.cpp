#include "faces/audit.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "faces/identity.h"
#include "faces/quality.h"
#include "faces/weighing.h"

namespace faces {
namespace {

constexpr std::size_t kOthersWeighed = 10;

// Somebody else whom a face or a person resembles.
struct Resemblance {
    PersonId person;
    double log_ratio = 0;
    double cosine = 0;
};

bool is_confirmed(const Sighting& sighting) {
    return std::any_of(sighting.corrections.begin(), sighting.corrections.end(),
                       [](const Correction& one) { return one.verdict == Verdict::confirmed; });
}

// Confined to one call.
class Auditor {
public:
    static Result<Auditor> open(const Registry& registry, const Registry::Found& found) {
        const auto& collection = found.record;
        if (!found.model->recognition.calibration.scores())
            return Error::refusal(
                Refusal::scores_absent,
                "The face model's calibration does not say how scores are spread: see likeness "
                "bench calibrate");
        auto gallery = registry.gallery(collection);
        const auto* index = TRY(gallery->index());
        const auto people = TRY(gallery->with_roster([](const Roster& roster) { return roster.size(); }));
        return Auditor(registry, found, std::move(gallery), *index, people);
    }

    // Of the faces named, or of all, and of the person as a whole if `whole`.
    Result<void> look_at(const PersonId& person, const std::set<FaceId>* only, bool whole, Audit& out) {
        const auto weighed = TRY(people_.read(person));
        if (!weighed.is_enrolled()) return {};
        ++out.people;
        for (const auto& face : weighed.disowned) {
            if (only && !only->contains(face.id)) continue;
            ++out.faces;
            TRY(report_contradiction(weighed, face.id, out));
        }
        if (weighed.portrait.direction.empty()) return {};
        for (std::size_t i = 0; i < weighed.references.size(); ++i) {
            if (only && !only->contains(weighed.references[i].id)) continue;
            ++out.faces;
            TRY(look_at_label(weighed, i, out));
            look_for_copies(weighed, i, only != nullptr, out);
            look_at_quality(weighed, i, out);
        }
        if (whole) TRY(look_for_confusion(weighed, out));
        return {};
    }

private:
    // `found` outlives it.
    Auditor(const Registry& registry, const Registry::Found& found, std::shared_ptr<Gallery> gallery,
            const search::Index& index, std::size_t people_count)
        : recognition_(found.model->recognition),
          gallery_(std::move(gallery)),
          index_(index),
          people_count_(people_count),
          sightings_(std::make_shared<const Sightings>(registry, found.record)),
          people_(registry, found.record, *gallery_, *sightings_) {}

    // The most alike first.
    Result<std::vector<Resemblance>> others_like(const vision::Embedding& face, const PersonId& own) {
        const auto& scores = *recognition_.calibration.scores();
        const auto floor = static_cast<float>(scores.impostor().cosine_at(kWeighedRate));
        auto hits = TRY(index_.search({face.values, kHitsFirst, floor}));
        std::vector<Resemblance> out;
        for (const auto& person :
             TRY(weighed_for(*gallery_, index_, face.values, std::move(hits), kOthersWeighed + 1, floor))) {
            if (person == own) continue;
            const auto number = TRY(people_.number_of(person));
            if (!number) continue;
            const auto& portrait = people_[*number].portrait;
            out.push_back(
                {person, log_ratio(scores, portrait, face), cosine_of(portrait.direction, face.values)});
        }
        std::stable_sort(out.begin(), out.end(), [](const Resemblance& a, const Resemblance& b) {
            return a.log_ratio > b.log_ratio;
        });
        return out;
    }

    // A face that is no reference of its person any more, and still carries the name.
    Result<void> report_contradiction(const Weighed& weighed, const FaceId& face, Audit& out) const {
        Finding found{.flaw = Flaw::contradicted, .person = weighed.person, .face = face};
        if (auto sighting = TRY(sightings_->of(face))) {
            found.other = sighting->person;
            found.words = std::move(sighting->corrections);
        }
        out.findings.push_back(std::move(found));
        return {};
    }

    // The label is right, or the face is a stranger's or of somebody else in the collection; half and half.
    Result<void> look_at_label(const Weighed& weighed, std::size_t i, Audit& out) {
        const auto& reference = weighed.references[i];
        const auto sighting = TRY(sightings_->of(reference.id));
        if (sighting && is_confirmed(*sighting)) return {};  // people looked already
        const auto& face = reference.record.embedding;
        std::vector<const vision::Embedding*> rest;
        for (std::size_t j = 0; j < weighed.references.size(); ++j)
            if (j != i) rest.push_back(&weighed.references[j].record.embedding);
        for (const auto& confirmed : weighed.confirmed)
            rest.push_back(&confirmed.embedding);
        double own = 0;  // a person's only reference is neither like nor unlike the others
        if (!rest.empty())
            if (const auto portrait = portrait_of(rest))
                own = log_ratio(*recognition_.calibration.scores(), *portrait, face);
        auto others = TRY(others_like(face, weighed.person));
        if (sighting)
            std::erase_if(others,
                          [&](const Resemblance& other) { return sighting->is_rejected(other.person); });
        double resembled = 0;
        for (const auto& other : others)
            resembled += std::exp(other.log_ratio) / static_cast<double>(people_count_);
        const double log_odds =
            std::log(kWrongLabelPrior / (1 - kWrongLabelPrior)) + std::log(0.5 + 0.5 * resembled) - own;
        const double probability = 1 / (1 + std::exp(-log_odds));
        if (probability < kWrongLabelMin) return {};
        Finding found{.flaw = Flaw::unlike_own_person,
                      .person = weighed.person,
                      .face = reference.id,
                      .probability = probability};
        if (sighting) found.words = sighting->corrections;
        if (resembled > 1) {
            found.flaw = Flaw::resembles_another;
            found.other = others.front().person;
            found.similarity = recognition_.calibration.similarity(static_cast<float>(others.front().cosine));
        }
        out.findings.push_back(std::move(found));
        return {};
    }

    // Of two copies the one that was enrolled later is the one too many; of a face that is looked at alone,
    // it is.
    static void look_for_copies(const Weighed& weighed, std::size_t i, bool alone, Audit& out) {
        const auto& reference = weighed.references[i];
        for (std::size_t j = 0; j < weighed.references.size(); ++j) {
            const auto& other = weighed.references[j];
            const auto age = std::pair(reference.record.indexed, i),
                       its_age = std::pair(other.record.indexed, j);
            if (j == i || (!alone && age < its_age)) continue;
            const double cosine = cosine_of(reference.record.embedding.values, other.record.embedding.values);
            if (cosine < kDuplicateCosine) continue;
            out.findings.push_back({.flaw = Flaw::near_duplicate,
                                    .person = weighed.person,
                                    .face = reference.id,
                                    .duplicate_of = other.id});
            return;
        }
    }

    void look_at_quality(const Weighed& weighed, std::size_t i, Audit& out) const {
        const auto& reference = weighed.references[i];
        const auto& reliability = reference.record.embedding.reliability;
        const auto bars = *quality_bars(QualityFilter::medium);
        const bool is_seen_well = reference.record.confidence >= bars.confidence_min &&
                                  reference.record.quality.brightness >= bars.brightness_min &&
                                  reference.record.quality.sharpness >= bars.sharpness_min;
        const bool is_reliable =
            !reliability || !recognition_.reliability_min || *reliability >= *recognition_.reliability_min;
        if (is_seen_well && is_reliable) return;
        out.findings.push_back({.flaw = Flaw::poor_quality, .person = weighed.person, .face = reference.id});
    }

    // Each pair is found from the side of whichever person comes first.
    Result<void> look_for_confusion(const Weighed& weighed, Audit& out) {
        const vision::Embedding likeness{recognition_.model, weighed.portrait.direction};
        for (const auto& other : TRY(others_like(likeness, weighed.person))) {
            if (other.person < weighed.person) continue;
            if (recognition_.calibration.scores()->false_match_rate(other.cosine) > kConfusedRate) continue;
            out.findings.push_back(
                {.flaw = Flaw::confusable_people,
                 .person = weighed.person,
                 .other = other.person,
                 .similarity = recognition_.calibration.similarity(static_cast<float>(other.cosine))});
        }
        return {};
    }

    const Recognition& recognition_;
    std::shared_ptr<Gallery> gallery_;
    const search::Index& index_;
    const std::size_t people_count_;
    const std::shared_ptr<const Sightings> sightings_;  // where `people_` finds it wherever this is moved
    People people_;
};

}  // namespace

Result<Audit> audit(const Registry& registry, const CollectionKey& key, const std::optional<PersonId>& last,
                    std::size_t limit) {
    const auto found = TRY(registry.find_with_model(key));
    const auto& collection = found.record;
    auto auditor = TRY(Auditor::open(registry, found));
    limit = std::clamp<std::size_t>(limit, 1, kPeopleAuditedMax);
    auto people = TRY(registry.gallery(collection)->with_roster([&](const Roster& roster) {
        return roster.people(last, limit + 1);
    }));
    Audit out;
    if (people.size() > limit) {
        people.pop_back();
        out.next = people.back();
    }
    for (const auto& person : people)
        TRY(auditor.look_at(person, nullptr, true, out));
    return out;
}

Result<std::vector<Finding>> audit_faces(const Registry& registry, const CollectionKey& key,
                                         std::span<const FaceId> faces) {
    const auto found = TRY(registry.find_with_model(key));
    const auto& collection = found.record;
    auto auditor = TRY(Auditor::open(registry, found));
    const std::set<FaceId> only(faces.begin(), faces.end());
    std::set<PersonId> people;
    for (const auto& face : only) {
        const auto person = TRY(registry.gallery(collection)->with_roster([&](const Roster& roster) {
            return roster.person_of(key_of(face));
        }));
        if (person) people.insert(*person);
    }
    Audit out;
    for (const auto& person : people)
        TRY(auditor.look_at(person, &only, false, out));
    return std::move(out.findings);
}

}  // namespace faces
