// What people said of other faces, weighed with what a face's own scores say (docs/identification.md).
//
// A face that people spoke of is one more way in which somebody is known. If it was confirmed to be Ann, it
// speaks for Ann beside her other references. If it was only rejected to be Bob, it is somebody else's: of
// a person of the collection, as far as it resembles one who was not rejected, or of somebody who was
// seen before and has no name. Whoever resembles it is then that person rather than Bob. The very photograph
// that people spoke of is theirs to name.
//
// Pure arithmetic. Callable from any thread.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "faces/posterior.h"
#include "faces/sightings.h"
#include "faces/weighing.h"

namespace faces {

// A person who is weighed for a face, and what the score of the two says alone.
struct Weight {
    std::reference_wrapper<const Weighed> person;
    double log_ratio = 0;
};

struct Heard {
    std::vector<double> log_ratios;  // in the order of the people; minus infinity for whom the face is not
    double strangers = 0;            // log ratio of those seen before and without a name, all together; minus
                                     // infinity if there are none
    std::optional<std::size_t> settled;  // by place: people said of this photograph who it is
};

Heard heard(const vision::ScoreModel& scores, const Prior& prior, const vision::Embedding& face,
            std::span<const Weight> people, std::span<const NearSighting> near);

}  // namespace faces
