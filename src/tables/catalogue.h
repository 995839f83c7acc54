// The keys of the store's records other than items and index rows. Only this room's sources include this.
//   tables.schema   account, region, name   -> the schema
//   tables.dropped  id                      -> what to erase: "item" or "index"
//   tables.token    account, region, token  -> an item: digest, expires
#pragma once

#include "store/records.h"
#include "tables/refusal.h"
#include "tables/schema.h"

namespace tables {

inline store::KeyBuilder schemas_key() {
    return store::KeyBuilder("tables.schema");
}
inline std::string schema_key(const TableName& name) {
    return schemas_key().text(name.account).text(name.region).text(name.name).str();
}
inline store::KeyBuilder dropped_key() {
    return store::KeyBuilder("tables.dropped");
}
inline store::KeyBuilder tokens_key() {
    return store::KeyBuilder("tables.token");
}

inline Error table_missing() {
    return Error::refusal(Refusal::resource_missing, "Requested resource not found");
}
inline Error table_missing(const TableName& name) {
    return Error::refusal(Refusal::resource_missing,
                          "Requested resource not found: Table: " + name.name + " not found");
}
// A conflict in the store, as this room says it.
inline Error translated(Error error) {
    if (!error.is(store::Refusal::conflict)) return error;
    return Error::refusal(Refusal::transaction_conflict, "Transaction is ongoing for the item");
}

}  // namespace tables
