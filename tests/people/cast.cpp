#include "people/cast.h"

namespace people {

std::span<const CastMember> cast() {
    static constexpr CastMember members[] = {
        {"Ada", 1000000},   {"Bram", 1000207},    {"Conor", 1000019},  {"Doris", 1000069}, {"Emil", 1000110},
        {"Felix", 1000026}, {"Greta", 1000126},   {"Hakim", 1000224},  {"Igor", 1000168},  {"Jonah", 1000076},
        {"Karl", 1000081},  {"Lindiwe", 1000142}, {"Magnus", 1000097}, {"Nico", 1000163},  {"Oyin", 1000124},
        {"Pilar", 1000198}, {"Quentin", 1000071}, {"Rolf", 1000064},   {"Samir", 1000077}, {"Tor", 1000112},
    };
    return members;
}

}  // namespace people
