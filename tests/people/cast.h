// A fixed cast of drawn people, chosen so that face recognition tells them well apart; README.md says how.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace people {

struct CastMember {
    std::string_view name;
    std::uint64_t seed;  // of person_of()
};

std::span<const CastMember> cast();

}  // namespace people
