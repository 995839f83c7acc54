// What this room may refuse. The message that goes with a refusal is DynamoDB's own sentence: it depends on
// the expression, the schema or the item, which only this room knows.
#pragma once

#include "base/result.h"

namespace tables {

enum class Refusal {
    validation,
    resource_missing,
    resource_in_use,
    limit_exceeded,
    transaction_conflict,  // another writer of the same item went first, again and again
    idempotent_mismatch,   // the token was used with other parameters
};

inline Error invalid(std::string message) {
    return Error::refusal(Refusal::validation, std::move(message));
}
inline Error invalid_parameter(const std::string& message) {
    return invalid("One or more parameter values were invalid: " + message);
}

}  // namespace tables
