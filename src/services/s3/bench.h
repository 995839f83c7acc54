// For tests: the service through its real wire, over a store in memory. The caller owns the account and may
// do everything, unless `denied` names the action.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>

#include "services/s3/errors.h"
#include "services/s3/service.h"
#include "store/memory.h"

namespace services::s3 {

struct Answer {
    int status = 0;
    std::string error;  // the code; empty for success
    std::string body;
    http::Headers headers;
    std::string header(std::string_view name) const { return std::string(headers.get(name).value_or("")); }
    // The text of the first element of that name.
    std::string text(std::string_view element) const {
        auto open = "<" + std::string(element) + ">";
        auto begin = body.find(open);
        if (begin == std::string::npos) return "";
        begin += open.size();
        return body.substr(begin, body.find("</" + std::string(element) + ">") - begin);
    }
};

using Fields = std::vector<std::pair<std::string, std::string>>;

class Bench {
public:
    std::unique_ptr<store::Records> records = store::memory_records();
    std::unique_ptr<store::Blobs> blobs = store::memory_blobs();
    base::ManualClock clock;
    base::SeededRandom random{1};
    events::Bus bus{*records, clock};
    objects::Store objects{*records, *blobs, clock, random, observers(bus)};
    std::set<std::string> notified_functions;                                     // that S3 may call
    std::set<std::string> denied;                                                 // actions
    std::map<std::string, std::string> secret_keys{{"AKIAANN", "ann's secret"}};  // of signers of forms
    bool anonymous = false;                                                       // until a form signs in
    Rooms rooms{.objects = objects,
                .events = bus,
                .may_notify = [this](const std::string& function, const std::string&, const std::string&)
                    -> Result<bool> { return notified_functions.contains(function); },
                .check_policy = [](const std::string& document, const std::string&) -> Result<void> {
                    if (document.starts_with('{')) return {};
                    return Error::refusal(Refusal::malformed_policy, "This policy contains invalid Json");
                }};
    wire::Service service = s3::service(rooms);
    std::string account = "111122223333";
    std::string region = "us-west-2";

    Answer call(std::string method, std::string target, std::string body = "", const Fields& fields = {},
                const Fields& trailing = {}) {
        clock.advance(std::chrono::seconds(1));
        http::Request request{.method = std::move(method), .target = std::move(target)};
        request.headers.add("Host", "localhost:4566");
        request.remote_address = "127.0.0.1";
        request.content_length = body.size();
        for (const auto& [name, value] : fields)
            request.headers.add(name, value);
        http::Headers trailers;
        for (const auto& [name, value] : trailing)
            trailers.add(name, value);
        StringReader reader(body);
        const wire::Operation* operation = nullptr;
        auto reply = answer(request, body, reader, trailers, operation);
        return read(reply.ok() ? service.write(*operation, request, "request-1", std::move(*reply))
                               : service.write(request, "request-1", service.fault_of(reply.error())));
    }
    Answer put(std::string key, std::string body, const Fields& fields = {}) {
        return call("PUT", "/photos/" + std::move(key), std::move(body), fields);
    }
    void create(const std::string& bucket = "photos") {
        ASSERT_EQ(call("PUT", "/" + bucket,
                       "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint>"
                       "</CreateBucketConfiguration>")
                      .status,
                  200);
    }

private:
    class StringReader final : public http::BodyReader {
    public:
        explicit StringReader(std::string_view left) : left_(left) {}
        Result<std::size_t> read(std::span<std::uint8_t> out) override {
            auto count = std::min(out.size(), left_.size());
            std::copy_n(left_.begin(), count, out.begin());
            left_.remove_prefix(count);
            return count;
        }

    private:
        std::string_view left_;
    };

    Result<wire::Reply> answer(const http::Request& request, const std::string& body,
                               http::BodyReader& reader, const http::Headers& trailers,
                               const wire::Operation*& operation) {
        auto query = *http::parse_query(request.query());
        auto found = TRY(service.find(request, query, ""));
        operation = found.operation;
        auto prepared = TRY(service.prepare(*found.operation, {request, query, found.labels, body}));
        wire::Call about{.caller = {.account = account,
                                    .arn = "arn:aws:iam::" + account + ":user/ann",
                                    .user_id = "AIDAANN",
                                    .access_key_id = "AKIAANN"},
                         .region = region,
                         .request_id = "request-1",
                         .now = clock.now(),
                         .request = request,
                         .body = &reader,
                         .trailers = &trailers,
                         .authorise = [this](const wire::Permission& permission) -> Result<void> {
                             if (!denied.contains(permission.action)) return {};
                             return Error::refusal(wire::Trouble::access_denied);
                         },
                         .sign_in = {},
                         .run_blocking = [](std::function<void()> work) -> Result<void> {
                             work();
                             return {};
                         }};
        auto ann = about.caller;
        if (anonymous) about.caller = {};
        about.sign_in = [&](const wire::DocumentSignature& signature, std::string_view text) -> Result<void> {
            auto secret = secret_keys.find(signature.access_key);
            if (secret == secret_keys.end()) return Error::refusal(wire::Trouble::unknown_access_key);
            TRY(wire::verify_document(signature, text, secret->second));
            about.caller = ann;
            return {};
        };
        for (const auto& permission : TRY(prepared->permissions(about)))
            TRY(about.authorise(permission));
        return prepared->run(about);
    }

    static Answer read(http::Response response) {
        Answer out{.status = response.status, .headers = std::move(response.headers)};
        if (auto* text = std::get_if<std::string>(&response.body)) {
            out.body = std::move(*text);
        } else {
            auto& source = *std::get<http::StreamedBody>(response.body).source;
            base::Bytes piece(10'000);
            while (auto count = *source.read(piece))
                out.body += base::text(base::ByteView(piece).first(count));
        }
        if (response.status >= 400) out.error = out.text("Code");
        return out;
    }
};

}  // namespace services::s3
