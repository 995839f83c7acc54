// What of one collection is searched: its faces, its users, and what was said of faces.
#pragma once

#include <set>
#include <unordered_map>

#include "base/guarded.h"
#include "faces/live_index.h"
#include "faces/people.h"

namespace faces {

// Of a collection's faces, by FaceId. Knows whose they are too. Callable from any thread.
class Gallery final : public LiveIndex {
public:
    Gallery(const store::Records& records, Incarnation incarnation, const vision::ModelId& model,
            std::size_t dimensions);

    // Reads the roster, after building it if nobody has.
    template <class Read>
    auto with_roster(Read&& read) -> Result<decltype(read(std::declval<const Roster&>()))> {
        TRY(index());
        return std::as_const(roster_).with(read);
    }

private:
    void begin() override;
    Result<std::optional<std::vector<float>>> read(const search::Key& name, std::string_view bytes) override;
    void forget(const search::Key& name) override;

    base::Guarded<Roster> roster_;
};

// Of a collection's users who have faces, by number. Callable from any thread.
class UserGallery final : public LiveIndex {
public:
    UserGallery(const store::Records& records, Incarnation incarnation, const vision::ModelId& model,
                std::size_t dimensions);

private:
    void begin() override {}
    Result<std::optional<std::vector<float>>> read(const search::Key& name, std::string_view bytes) override;
    void forget(const search::Key&) override {}
};

// Of a collection's corrections, by number: the faces that they are about. One about a face that the model
// has not seen counts for nothing here. Callable from any thread.
class CorrectionGallery final : public LiveIndex {
public:
    CorrectionGallery(const store::Records& records, Incarnation incarnation, const vision::ModelId& model,
                      std::size_t dimensions);

    // The faces that were confirmed to be this person's, in the order in which they were; at most `limit`.
    Result<std::vector<search::Key>> confirmed_as(const PersonId& person, std::size_t limit);
    // Which face a correction is about; nothing for one that was undone.
    Result<std::optional<search::Key>> face_of(const search::Key& name);
    // Whether a correction is about this face.
    Result<bool> speaks_of(const search::Key& face);

private:
    void begin() override;
    Result<std::optional<std::vector<float>>> read(const search::Key& name, std::string_view bytes) override;
    void forget(const search::Key& name) override;

    struct Said {
        Roster confirmed;  // which corrections name each person
        std::unordered_map<search::Key, search::Key> faces;
        std::unordered_map<search::Key, std::size_t> times;  // that a face was spoken of
        void forget(const search::Key& name);
    };
    base::Guarded<Said> said_;
};

}  // namespace faces
