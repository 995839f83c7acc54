#include "people/cast.h"

namespace people {

std::span<const CastMember> cast() {
    static constexpr CastMember members[] = {
        {"Ada", 1},   {"Bram", 2},  {"Chloe", 3}, {"Dario", 4},  {"Elif", 5},   {"Femi", 6},
        {"Greta", 7}, {"Hugo", 8},  {"Ines", 9},  {"Jonas", 10}, {"Kavya", 11}, {"Luca", 12},
        {"Mei", 13},  {"Nils", 14}, {"Olga", 15}, {"Pedro", 16}, {"Quinn", 17}, {"Rosa", 18},
        {"Sami", 19}, {"Tara", 20}, {"Ugo", 21},  {"Vera", 22},  {"Wim", 23},   {"Zoe", 24},
    };
    return members;
}

}  // namespace people
