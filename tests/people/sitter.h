// A person of a certain age, modelled and painted, ready to be drawn any number of times.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "people/head.h"
#include "people/person.h"
#include "people/skin.h"

namespace people {

enum class Material : std::uint8_t { face, skin, hair, cloth, frame, lens };

// What `marks` mean: face (u, v, across), skin (two coordinates in mm, how open to light), hair (across and
// along the strands in mm, mm from the edge), cloth (place before the body moves).
struct Mesh {
    Material material = Material::skin;
    std::vector<Vec> places;
    std::vector<Vec> marks;
    std::vector<float> follows;  // 0 to 1, how far each vertex turns with the head
    std::vector<std::array<std::uint32_t, 3>> triangles;
};

inline constexpr int kColumns = 161, kRows = 161;  // of the face's grid

// Immutable; any thread may draw it.
class Sitter {
public:
    Sitter(const Person& person, float age);
    explicit Sitter(const Person& person) : Sitter(person, person.age) {}
    Sitter(const Sitter&) = delete;
    Sitter& operator=(const Sitter&) = delete;

    const Person& person() const { return person_; }
    float age() const { return age_; }
    const Head& head() const { return head_; }
    const SkinMap& skin() const { return skin_; }
    const Vec& hair_colour() const { return hair_colour_; }
    const std::vector<Mesh>& meshes() const { return meshes_; }  // the face's is the first
    const std::vector<Mesh>& glasses() const { return glasses_; }

private:
    Person person_;
    float age_;
    Head head_;
    SkinMap skin_;
    Vec hair_colour_;
    std::vector<Mesh> meshes_;
    std::vector<Mesh> glasses_;
};

}  // namespace people
