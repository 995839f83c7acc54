// What a write is going to do, worked out before anything is written. Only this room's sources include this.
#pragma once

#include "tables/store.h"

namespace tables {

struct Store::Plan {
    struct Change {
        std::string row;
        std::optional<std::string> value;  // none: the row goes
    };
    struct IndexDelta {
        std::string index_id;
        std::int64_t items = 0;
        std::int64_t bytes = 0;
    };

    std::string table_id;
    bool condition_held = true;
    std::optional<Item> before;
    std::optional<Item> after;
    std::vector<Change> changes;
    std::vector<IndexDelta> index_deltas;
    Consumed consumed;
};

}  // namespace tables
