#include "faces/gallery.h"

#include "faces/tables.h"

namespace faces {

Gallery::Gallery(const store::Records& records, Incarnation incarnation, std::size_t dimensions)
    : LiveIndex(records, kFaceTable, incarnation, dimensions) {}

void Gallery::begin() {
    roster_.with([](Roster& roster) { roster = {}; });
}

Result<std::optional<std::vector<float>>> Gallery::read(const search::Key& name, std::string_view bytes) {
    auto face = TRY(decode_face(bytes));
    roster_.with([&](Roster& roster) { roster.set(name, person_of(face)); });
    return std::optional(std::move(face.embedding.values));
}

void Gallery::forget(const search::Key& name) {
    roster_.with([&](Roster& roster) { roster.erase(name); });
}

UserGallery::UserGallery(const store::Records& records, Incarnation incarnation, std::size_t dimensions)
    : LiveIndex(records, kUserTable, incarnation, dimensions) {}

Result<std::size_t> UserGallery::count() {
    const auto* searchable = TRY(index());
    return searchable->size() + faceless_.with([](const auto& faceless) { return faceless.size(); });
}

void UserGallery::begin() {
    faceless_.with([](auto& faceless) { faceless.clear(); });
}

Result<std::optional<std::vector<float>>> UserGallery::read(const search::Key& name, std::string_view bytes) {
    auto user = TRY(decode_user(bytes));
    if (!user.faces.empty()) {
        forget(name);
        return std::optional(std::move(user.embedding.values));
    }
    faceless_.with([&](auto& faceless) { faceless.insert(name); });
    return std::optional<std::vector<float>>();
}

void UserGallery::forget(const search::Key& name) {
    faceless_.with([&](auto& faceless) { faceless.erase(name); });
}

CorrectionGallery::CorrectionGallery(const store::Records& records, Incarnation incarnation,
                                     std::size_t dimensions)
    : LiveIndex(records, kCorrectionTable, incarnation, dimensions) {}

void CorrectionGallery::begin() {
    roster_.with([](Roster& roster) { roster = {}; });
}

Result<std::optional<std::vector<float>>> CorrectionGallery::read(const search::Key& name,
                                                                  std::string_view bytes) {
    auto correction = TRY(decode_correction(bytes));
    roster_.with([&](Roster& roster) { roster.set(name, correction.person); });
    return std::optional(std::move(correction.embedding.values));
}

void CorrectionGallery::forget(const search::Key& name) {
    roster_.with([&](Roster& roster) { roster.erase(name); });
}

}  // namespace faces
