// What IdentifyFaces, AuditCollection and corrections do for a collection of labelled photographs: through
// the operations themselves, on a collection in memory. docs/identification.md has the figures.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "faces/recognition.h"
#include "vision/photo_folder.h"
#include "vision/pipeline.h"

namespace faces {

// Composed group pictures (vision/group_picture.h) of people of the collection and strangers, two of them
// people of the collection who look alike: a photograph that resembles the references of these two the most,
// the other's more than its own person's or nearly as much, and one of that other person.
struct GroupOptions {
    std::size_t references = 1;  // of each enrolled person, who has more photos than that
    std::size_t pairs = 100;
    std::size_t pictures_per_pair = 3;  // at most: each takes a new photo of the second
    std::size_t others = 6;             // further people of the collection in a picture
    std::size_t strangers = 2;
    std::uint64_t seed = 1;
};

struct Mistakes {
    std::size_t not_first = 0;  // faces of enrolled people whose first candidate is not their own name
    // Of them, of the two who look alike: whose first candidate is the other of the two.
    std::size_t taken_for_the_other = 0;
    std::size_t wrong_names = 0;    // faces that get a name that is not theirs
    std::size_t missing_names = 0;  // faces of enrolled people that do not get their own name
};

struct GroupReport {
    std::size_t people = 0;
    std::size_t pictures = 0;
    std::size_t faces = 0;  // found in them
    std::size_t faces_alike = 0;
    Mistakes separate;                     // each face by itself
    Mistakes joint;                        // each person at most once in a picture
    Mistakes separate_alike, joint_alike;  // of them, of the two who look alike

    std::string json() const;
};

// Fails without people enough, or if the calibration has no score distributions.
Result<GroupReport> measure_groups(const vision::Pipeline& pipeline, const vision::LabelledPhotos& photos,
                                   const GroupOptions& options, std::size_t threads);

// A share of all references given to other people, and then audited.
struct MislabelledOptions {
    std::size_t references = 3;
    double mislabelled = 0.1;
    std::uint64_t seed = 1;
};
struct MislabelledReport {
    std::size_t people = 0;
    std::size_t references = 0;
    std::size_t mislabelled = 0;
    std::size_t found = 0;      // of the mislabelled: reported as such
    std::size_t explained = 0;  // of those: with the name of whom the face is
    std::size_t alarms = 0;     // of the others: reported as mislabelled

    std::string json() const;
};
Result<MislabelledReport> measure_audit(const Recognition& recognition, const vision::LabelledPhotos& photos,
                                        const MislabelledOptions& options);

// People enrolled with one photo each. Of everybody who is not named rightly in the next photo, that photo is
// confirmed; of every stranger who is named, the name is rejected. Then what of their further photos?
struct CorrectionReport {
    std::size_t people = 0;
    std::size_t confirmed = 0;        // faces
    std::size_t later = 0;            // further photos of those people
    std::size_t right_before = 0;     // of them: named rightly without the confirmations
    std::size_t right_after = 0;      // and with them
    std::size_t rejected = 0;         // faces
    std::size_t later_strangers = 0;  // further photos of those strangers
    std::size_t named_before = 0;     // of them: named all the same without the rejections
    std::size_t named_after = 0;      // and with them
    std::size_t untouched = 0;        // further photos of everybody of whom nothing was said
    std::size_t untouched_right_before = 0, untouched_right_after = 0;

    std::string json() const;
};
Result<CorrectionReport> measure_corrections(const Recognition& recognition,
                                             const vision::LabelledPhotos& photos, std::uint64_t seed);

}  // namespace faces
