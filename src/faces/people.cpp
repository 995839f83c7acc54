#include "faces/people.h"

namespace faces {

std::optional<PersonId> person_of(const FaceRecord& face) {
    if (face.user) return PersonId{PersonId::Kind::user, *face.user};
    if (face.external_image_id) return PersonId{PersonId::Kind::external_image_id, *face.external_image_id};
    return std::nullopt;
}

void Roster::set(const search::Key& face, const std::optional<PersonId>& person) {
    if (auto old = persons_.find(face); old != persons_.end()) {
        if (person && old->second->first == *person) return;
        old->second->second.erase(face);
        if (old->second->second.empty()) faces_.erase(old->second);
        persons_.erase(old);
    }
    if (!person) return;
    const auto now = faces_.try_emplace(*person).first;
    now->second.insert(face);
    persons_.emplace(face, now);
}

std::optional<PersonId> Roster::person_of(const search::Key& face) const {
    const auto found = persons_.find(face);
    if (found == persons_.end()) return std::nullopt;
    return found->second->first;
}

std::vector<search::Key> Roster::faces_of(const PersonId& person) const {
    const auto found = faces_.find(person);
    if (found == faces_.end()) return {};
    return {found->second.begin(), found->second.end()};
}

std::vector<PersonId> Roster::people(const std::optional<PersonId>& last, std::size_t limit) const {
    std::vector<PersonId> out;
    for (auto at = last ? faces_.upper_bound(*last) : faces_.begin();
         at != faces_.end() && out.size() < limit; ++at)
        out.push_back(at->first);
    return out;
}

}  // namespace faces
