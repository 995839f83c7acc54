// Whose a face is: the user's that it was associated with, or else of whom its ExternalImageId names.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "faces/record.h"
#include "search/segment.h"

namespace faces {

// Nothing for a face of nobody in particular.
std::optional<PersonId> person_of(const FaceRecord& face);

// Which faces each person of a collection has, or which corrections are about it. Confined to its owner.
class Roster {
public:
    void set(const search::Key& face, const std::optional<PersonId>& person);
    void erase(const search::Key& face) { set(face, std::nullopt); }

    std::optional<PersonId> person_of(const search::Key& face) const;
    // In ascending order; empty for a person who has none.
    std::vector<search::Key> faces_of(const PersonId& person) const;
    // The people after `last`, or from the first, in ascending order; at most `limit`.
    std::vector<PersonId> people(const std::optional<PersonId>& last, std::size_t limit) const;
    std::size_t size() const { return faces_.size(); }

private:
    using Faces = std::map<PersonId, std::set<search::Key>>;
    Faces faces_;  // none is empty
    std::unordered_map<search::Key, Faces::iterator> persons_;
};

}  // namespace faces
