#include "services/dynamodb/operations.h"
#include "tables/refusal.h"

namespace services::dynamodb {

std::optional<wire::Fault> fault_of(const Error& error) {
    auto refusal = error.as<tables::Refusal>();
    if (!refusal) return std::nullopt;
    auto fault = [&](std::string code) {
        return wire::Fault{.status = 400, .code = std::move(code), .message = error.message()};
    };
    switch (*refusal) {
        case tables::Refusal::validation:
            return fault("ValidationException");
        case tables::Refusal::resource_missing:
            return fault("ResourceNotFoundException");
        case tables::Refusal::resource_in_use:
            return fault("ResourceInUseException");
        case tables::Refusal::limit_exceeded:
            return fault("LimitExceededException");
        case tables::Refusal::transaction_conflict:
            return fault("TransactionConflictException");
        case tables::Refusal::idempotent_mismatch:
            return fault("IdempotentParameterMismatchException");
    }
    base::unreachable();
}

}  // namespace services::dynamodb
