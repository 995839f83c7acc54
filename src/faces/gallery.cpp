#include "faces/gallery.h"

#include "faces/identity.h"
#include "faces/tables.h"

namespace faces {
namespace {

// What of a record is searched: nothing where the model has not seen it.
template <class Record>
std::optional<std::vector<float>> searched(Record record) {
    if (record.embedding.values.empty()) return std::nullopt;
    return std::move(record.embedding.values);
}

}  // namespace

Gallery::Gallery(const store::Records& records, Incarnation incarnation, const vision::ModelId& model,
                 std::size_t dimensions)
    : LiveIndex(records, kFaceTable, incarnation, model, dimensions) {}

void Gallery::begin() {
    roster_.with([](Roster& roster) { roster = {}; });
}

Result<std::optional<std::vector<float>>> Gallery::read(const search::Key& name, std::string_view bytes) {
    auto face = TRY(decode_face(bytes, model()));
    roster_.with([&](Roster& roster) { roster.set(name, person_of(face)); });
    return searched(std::move(face));
}

void Gallery::forget(const search::Key& name) {
    roster_.with([&](Roster& roster) { roster.erase(name); });
}

UserGallery::UserGallery(const store::Records& records, Incarnation incarnation, const vision::ModelId& model,
                         std::size_t dimensions)
    : LiveIndex(records, kUserTable, incarnation, model, dimensions) {}

Result<std::optional<std::vector<float>>> UserGallery::read(const search::Key&, std::string_view bytes) {
    return searched(TRY(decode_user(bytes, model())));
}

CorrectionGallery::CorrectionGallery(const store::Records& records, Incarnation incarnation,
                                     const vision::ModelId& model, std::size_t dimensions)
    : LiveIndex(records, kCorrectionTable, incarnation, model, dimensions) {}

Result<std::vector<search::Key>> CorrectionGallery::confirmed_as(const PersonId& person, std::size_t limit) {
    TRY(index());
    return said_.with([&](const Said& said) {
        std::vector<search::Key> out;
        for (const auto& name : said.confirmed.faces_of(person))
            if (out.size() < limit) out.push_back(said.faces.at(name));
        return out;
    });
}

Result<std::optional<search::Key>> CorrectionGallery::face_of(const search::Key& name) {
    TRY(index());
    return said_.with([&](const Said& said) {
        const auto found = said.faces.find(name);
        return found == said.faces.end() ? std::nullopt : std::optional(found->second);
    });
}

Result<bool> CorrectionGallery::speaks_of(const search::Key& face) {
    TRY(index());
    return said_.with([&](const Said& said) { return said.times.contains(face); });
}

void CorrectionGallery::Said::forget(const search::Key& name) {
    const auto found = faces.find(name);
    if (found == faces.end()) return;
    confirmed.erase(name);
    if (--times.at(found->second) == 0) times.erase(found->second);
    faces.erase(found);
}

void CorrectionGallery::begin() {
    said_.with([](Said& said) { said = {}; });
}

Result<std::optional<std::vector<float>>> CorrectionGallery::read(const search::Key& name,
                                                                  std::string_view bytes) {
    auto correction = TRY(decode_correction(bytes, model()));
    said_.with([&](Said& said) {
        said.forget(name);
        if (correction.embedding.values.empty()) return;
        const auto face = key_of(correction.face);
        said.faces.emplace(name, face);
        ++said.times[face];
        if (correction.verdict == Verdict::confirmed) said.confirmed.set(name, correction.person);
    });
    return searched(std::move(correction));
}

void CorrectionGallery::forget(const search::Key& name) {
    said_.with([&](Said& said) { said.forget(name); });
}

}  // namespace faces
