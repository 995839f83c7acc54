#include "faces/request_tokens.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "faces/codec.h"
#include "faces/names.h"
#include "faces/tables.h"

namespace faces {
namespace {

constexpr std::uint8_t kAnswerVersion = 1;

std::string token_key(std::uint64_t day, Incarnation collection, const Request& request) {
    return store::KeyBuilder(kRequestTokenTable)
        .number(day)
        .number(collection)
        .text(request.operation)
        .text(request.token)
        .str();
}

std::string fingerprint_of(const Request& request) {
    return base::hex(base::digest(base::DigestKind::sha256, base::view(request.parameters)));
}

Result<std::string> answer_in(std::string_view bytes, const Request& request) {
    Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    if (version != kAnswerVersion)
        return Error::failure(fmt::format("an answered request has the unknown version {}", version));
    const auto fingerprint = reader.text();
    auto answer = reader.text();
    if (!reader.whole()) return Error::failure("an answered request's record is malformed");
    if (fingerprint != fingerprint_of(request))
        return Error::refusal(
            Refusal::request_token_taken,
            fmt::format("The ClientRequestToken: {} you have supplied is already in use.", request.token));
    return answer;
}

std::uint64_t day_of(base::Time time) {
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::days>(time).time_since_epoch().count());
}

}  // namespace

Result<std::string> RequestTokens::once(Incarnation collection, const Request& request,
                                        const Change& change) {
    if (request.token.empty()) return records_.transact(change);
    const auto today = day_of(clock_.now());
    TRY(forget_days_before(today - 1));
    return records_.transact([&](store::Transaction& transaction) -> Result<std::string> {
        for (const auto day : {today - 1, today})
            if (const auto kept = TRY(transaction.get_for_update(token_key(day, collection, request))))
                return answer_in(*kept, request);
        auto answer = TRY(change(transaction));
        TRY(transaction.put(
            token_key(today, collection, request),
            Writer().number(kAnswerVersion).text(fingerprint_of(request)).text(answer).take()));
        return answer;
    });
}

Result<void> RequestTokens::forget_days_before(std::uint64_t day) {
    if (forgotten_before_.exchange(day) >= day) return {};
    return records_.erase_range(store::KeyBuilder(kRequestTokenTable).str(),
                                store::KeyBuilder(kRequestTokenTable).number(day).str());
}

}  // namespace faces
