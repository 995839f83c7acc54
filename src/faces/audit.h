// Which reference faces harm: wrong labels, copies, poor pictures, people whom their references do not tell
// apart, and what contradicts what people said. docs/identification.md has the formulae and what they find.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "faces/collections.h"
#include "faces/people.h"

namespace faces {

// A label that is more likely wrong than this is reported.
inline constexpr double kWrongLabelMin = 0.5;
// How many labels are wrong before anybody has looked.
inline constexpr double kWrongLabelPrior = 0.05;
// Two people whom so few pairs of strangers resemble each other like are easily confused.
inline constexpr double kConfusedRate = 1e-5;
inline constexpr std::size_t kPeopleAuditedMax = 1000;  // of one call

enum class Flaw : std::uint8_t {
    unlike_own_person,  // the face resembles its person's other references too little
    resembles_another,  // and somebody else more
    near_duplicate,     // of another reference of the same person: it adds nothing
    poor_quality,       // dark, blurred, hardly a face, or not to be relied on
    confusable_people,  // two people whose references resemble each other
    contradicted,       // people said that the face is not its person's
};

struct Finding {
    Flaw flaw = Flaw::unlike_own_person;
    PersonId person;
    std::optional<FaceId> face;     // of a finding on one face
    std::optional<PersonId> other;  // whom it resembles, is confused with, or was confirmed to be
    std::optional<FaceId> duplicate_of;
    std::optional<double> probability;             // that the label is wrong
    std::optional<vision::Similarity> similarity;  // to the other, or to the copy
    std::vector<Correction> words;                 // what people said of the face
};

struct Audit {
    std::vector<Finding> findings;
    std::size_t people = 0, faces = 0;  // looked at
    std::optional<PersonId> next;       // the last person looked at, where there are more
};

// The people after `last`, or from the first; at most `limit`, at most kPeopleAuditedMax. Refusals as
// identify(). Callable from any thread.
Result<Audit> audit(const Registry& registry, const CollectionKey& key, const std::optional<PersonId>& last,
                    std::size_t limit);

// What is wrong with these faces of the collection. Faces that are nobody's, or not there, have no flaw.
Result<std::vector<Finding>> audit_faces(const Registry& registry, const CollectionKey& key,
                                         std::span<const FaceId> faces);

}  // namespace faces
