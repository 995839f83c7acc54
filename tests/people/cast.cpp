#include "people/cast.h"

namespace people {

std::span<const CastMember> cast() {
    static constexpr CastMember members[] = {
        {"Ada", 1000000},   {"Bram", 1000207},    {"Conor", 1000140},  {"Doris", 1000125}, {"Emil", 1000197},
        {"Felix", 1000241}, {"Greta", 1000126},   {"Hakim", 1000224},  {"Igor", 1000168},  {"Jonah", 1000076},
        {"Karl", 1000081},  {"Lindiwe", 1000142}, {"Magnus", 1000181}, {"Nico", 1000163},  {"Oyin", 1000196},
        {"Pilar", 1000023}, {"Quentin", 1000092}, {"Rolf", 1000041},   {"Samir", 1000221}, {"Tor", 1000244},
    };
    return members;
}

}  // namespace people
