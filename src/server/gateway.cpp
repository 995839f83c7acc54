#include "server/gateway.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <thread>

#include "access/refusal.h"
#include "base/digest.h"
#include "base/id.h"
#include "base/log.h"
#include "wire/payload.h"
#include "wire/signature.h"
#include "wire/trouble.h"

namespace server {

namespace {

// Chunk heads, signatures and trailers around a body that is not streamed.
constexpr std::size_t kFramingBytesMax = 64 * 1024;

}  // namespace

// What is known of a request so far. Lives for the request, in its coroutine.
struct Gateway::Passage {
    explicit Passage(http::Exchange& of)
        : exchange(of), request(of.request()), call{.request = of.request()} {}

    http::Exchange& exchange;
    const http::Request& request;
    wire::Call call;
    base::Time began{};
    std::vector<http::QueryParameter> query;
    const wire::Service* service = nullptr;
    wire::Service::Found operation{};
    std::optional<wire::Authorization> authorization;  // nothing for an anonymous request
    std::shared_ptr<const access_control::Caller> known;
    access_control::Principal principal;
    std::string body;                        // of operations that do not stream
    std::unique_ptr<wire::Payload> payload;  // of those that do
};

Gateway::Gateway(GatewayOptions options, access_control::Directory& directory, const base::Clock& clock,
                 base::Random& random)
    : options_(std::move(options)),
      directory_(directory),
      clock_(clock),
      random_(random),
      disk_("disk", options_.disk_threads, options_.waiting_max),
      pictures_("pictures",
                options_.picture_threads ? options_.picture_threads : std::thread::hardware_concurrency(),
                options_.waiting_max),
      invocations_("invocations", options_.invocation_threads, options_.waiting_max) {
    for (auto [name, pool] :
         {std::pair("disk", &disk_), {"pictures", &pictures_}, {"invocations", &invocations_}}) {
        metrics_.add_gauge(fmt::format("likeness_{}_running", name), "Threads at work in this pool",
                           [pool = pool] { return static_cast<double>(pool->running()); });
        metrics_.add_gauge(fmt::format("likeness_{}_waiting", name), "Requests that wait for this pool",
                           [pool = pool] { return static_cast<double>(pool->waiting()); });
    }
}

void Gateway::add(wire::Service service) {
    services_.push_back(std::move(service));
}

void Gateway::stop() {
    for (auto* pool : {&disk_, &pictures_, &invocations_})
        pool->stop();
}

http::Response Gateway::answer(http::Exchange& exchange) {
    if (exchange.request().path().starts_with("/_likeness/")) return own_page(exchange.request());
    Passage passage(exchange);
    auto reply = serve(passage);
    const auto& service = passage.service ? *passage.service : services_.back();
    http::Response response;
    if (reply.ok()) {
        response = service.write(*passage.operation.operation, passage.request, passage.call.request_id,
                                 std::move(*reply));
    } else {
        if (reply.error().is_failure())
            base::log().error("request={} service={} failed: {}", passage.call.request_id,
                              service.description().name, reply.error().detail());
        response = service.write(passage.request, passage.call.request_id, service.fault_of(reply.error()));
    }
    tell_browser(passage, service, response);
    record(passage, response);
    return response;
}

// A page of another origin may read the answer if the service says so.
void Gateway::tell_browser(Passage& passage, const wire::Service& service, http::Response& response) {
    const auto& told = service.description().cross_origin;
    if (!told || !passage.request.headers.has("origin")) return;
    Result<http::Headers> headers{http::Headers()};
    auto ran = passage.exchange.run_in(
        disk_, [&] { headers = told(passage.request, service.path_of(passage.request)); });
    if (!ran.ok() || !headers.ok()) return;  // the browser then keeps the answer from its page
    for (const auto& [name, value] : *headers)
        response.headers.set(name, value);
}

// The life of a request.
Result<wire::Reply> Gateway::serve(Passage& passage) {
    passage.began = passage.call.now = clock_.now();
    passage.call.request_id = base::uuid_random(random_);
    auto query = http::parse_query(passage.request.query());
    passage.service = &services_.back();
    if (!query) return Error::refusal(wire::Trouble::malformed_body, "The query string is malformed.");
    passage.query = std::move(*query);
    // By its target or path already, so that a signature that cannot be read is answered in the service's own
    // form.
    passage.service = find_service(passage);
    // A browser asks before it sends (a preflight): the signature in such a question is of what it will send.
    if (passage.request.method != "OPTIONS")
        passage.authorization = TRY(wire::read_authorization(passage.request, passage.query));
    passage.service = find_service(passage);
    if (passage.authorization)
        passage.authorization->bucket_of_host = passage.service->bucket_of_host(passage.request).value_or("");
    TRY(identify(passage));
    if (passage.service->description().protocol != wire::Protocol::query) TRY(find_operation(passage));
    TRY(read_body(passage));
    return run_in_lane(passage, [&]() -> Result<wire::Reply> {
        if (auto verified = verify_signature(passage); !verified.ok())
            return explained(passage, std::move(verified).error());
        if (!passage.operation.operation) TRY(find_operation(passage));
        auto prepared = TRY(passage.service->prepare(
            *passage.operation.operation,
            {passage.request, passage.query, passage.operation.labels, std::string_view(passage.body)}));
        for (const auto& permission : TRY(prepared->permissions(passage.call)))
            TRY(authorise(passage, permission));
        return prepared->run(passage.call);
    });
}

// The target header, then the credential scope, then what the path and form look
// like.
const wire::Service* Gateway::find_service(const Passage& passage) const {
    auto target = passage.request.headers.get("x-amz-target");
    for (const auto& service : services_) {
        const auto& prefix = service.description().target_prefix;
        if (target && !prefix.empty() && target->starts_with(prefix)) return &service;
    }
    for (const auto& service : services_)
        if (passage.authorization && service.description().name == passage.authorization->service)
            return &service;
    for (const auto& service : services_) {
        const auto& about = service.description();
        if (about.protocol == wire::Protocol::rest_json && !passage.authorization &&
            service.find(passage.request, passage.query, "").ok())
            return &service;
    }
    return &services_.back();
}

Result<void> Gateway::find_operation(Passage& passage) {
    passage.operation = TRY(passage.service->find(passage.request, passage.query, passage.body));
    return {};
}

// Who sends it, by access key: an unknown key is refused before a body is read. That it is really they, the
// signature says later.
Result<void> Gateway::identify(Passage& passage) {
    const auto& authorization = passage.authorization;
    passage.call.region =
        authorization && !authorization->region.empty() ? authorization->region : options_.region;
    passage.call.authorise = [this, &passage](const wire::Permission& permission) {
        return authorise(passage, permission);
    };
    passage.call.sign_in = [this, &passage](const wire::DocumentSignature& signature,
                                            std::string_view document) {
        return sign_in(passage, signature, document);
    };
    if (authorization) {
        auto known = TRY(holder_of(authorization->access_key, authorization->session_token));
        become(passage, std::move(known), authorization->access_key, authorization->session_token);
    } else if (options_.open_access) {
        become(passage, nullptr, "", "");
    } else {
        if (!passage.service->description().anonymous_allowed)
            return Error::refusal(wire::Trouble::missing_authentication);
        passage.principal = access_control::anonymous();
        passage.call.caller.account = options_.account;
        passage.call.caller.arn = passage.principal.arn;
    }
    return {};
}

// Whose access key it is; null where it is unknown and access is open.
Result<std::shared_ptr<const access_control::Caller>> Gateway::holder_of(const std::string& access_key,
                                                                         const std::string& session_token) {
    auto known = directory_.resolve(access_key, session_token);
    if (!known.ok() && options_.open_access) return std::shared_ptr<const access_control::Caller>();
    if (!known.ok()) return as_trouble(std::move(known).error());
    return known;
}

// Null is the root of open access.
void Gateway::become(Passage& passage, std::shared_ptr<const access_control::Caller> known,
                     const std::string& access_key, const std::string& session_token) {
    passage.known = std::move(known);
    passage.principal = passage.known ? passage.known->principal : access_control::root_of(options_.account);
    passage.call.caller = {
        .account = passage.principal.account.empty() ? options_.account : passage.principal.account,
        .arn = passage.principal.arn,
        .user_id = passage.principal.user_id,
        .access_key_id = passage.known ? access_key : "open",
        .session_token = passage.known ? session_token : ""};
}

// A form's signature takes the place of the request's own.
Result<void> Gateway::sign_in(Passage& passage, const wire::DocumentSignature& signature,
                              std::string_view document) {
    auto known = TRY(holder_of(signature.access_key, signature.session_token));
    if (known) TRY(wire::verify_document(signature, document, known->secret_key));
    become(passage, std::move(known), signature.access_key, signature.session_token);
    if (!signature.region.empty()) passage.call.region = signature.region;
    return {};
}

Error Gateway::as_trouble(Error error) {
    auto refused = error.as<access_control::Refusal>();
    if (!refused) return error;
    switch (*refused) {
        case access_control::Refusal::invalid_token:
            return Error::refusal(wire::Trouble::invalid_token);
        case access_control::Refusal::expired_token:
            return Error::refusal(wire::Trouble::expired_token);
        default:
            return Error::refusal(wire::Trouble::unknown_access_key);
    }
}

// Opens the body; operations that do not stream get it whole. Nothing of it counts before the signature is
// verified.
Result<void> Gateway::read_body(Passage& passage) {
    const auto* operation = passage.operation.operation;
    bool streams = operation && operation->lane == wire::Lane::stream;
    std::size_t bytes_max =
        operation ? operation->body_bytes_max : passage.service->description().body_bytes_max;
    if (!streams && passage.request.content_length.value_or(0) > bytes_max + kFramingBytesMax)
        return Error::refusal(wire::Trouble::body_too_large);
    passage.payload = TRY(wire::open_payload(passage.request, passage.exchange.body(),
                                             passage.known ? &*passage.authorization : nullptr,
                                             passage.known ? passage.known->secret_key : std::string_view()));
    if (streams) {
        passage.call.body = passage.payload.get();
        passage.call.trailers = &passage.payload->trailers();
    } else {
        passage.body = TRY(http::read_all(*passage.payload, bytes_max));
    }
    return {};
}

// Of a body that is still to be read it is the payload's own to check.
std::string Gateway::body_sha256(const Passage& passage) {
    return passage.call.body ? std::string() : base::sha256_hex(passage.body);
}

Result<void> Gateway::verify_signature(Passage& passage) {
    if (!passage.known) return {};
    return wire::verify_signature(*passage.authorization, passage.request, passage.query,
                                  passage.known->secret_key, body_sha256(passage), passage.began,
                                  passage.service->description().clock_window);
}

// S3 tells a client whose signature is another what is to be signed.
Result<wire::Reply> Gateway::explained(const Passage& passage, Error error) {
    const bool is_s3 = passage.service->description().protocol == wire::Protocol::rest_xml;
    const auto& sent = *passage.authorization;
    if (!is_s3 || sent.kind == wire::SignatureKind::v2_query || !error.is(wire::Trouble::signature_mismatch))
        return error;
    const auto canonical =
        wire::canonical_request(sent, passage.request, passage.query, body_sha256(passage));
    auto fault = passage.service->fault_of(error);
    fault.more = {{"AWSAccessKeyId", sent.access_key},
                  {"StringToSign", wire::string_to_sign(sent, canonical)},
                  {"SignatureProvided", sent.signature},
                  {"CanonicalRequest", canonical}};
    return wire::Reply::refused(std::move(fault));
}

base::Pool& Gateway::pool_of(wire::Lane lane) {
    switch (lane) {
        case wire::Lane::pictures:
            return pictures_;
        case wire::Lane::invocation:
            return invocations_;
        case wire::Lane::disk:
        case wire::Lane::stream:
            return disk_;
    }
    base::unreachable();
}

Result<wire::Reply> Gateway::run_in_lane(Passage& passage,
                                         const std::function<Result<wire::Reply>()>& steps) {
    const auto* operation = passage.operation.operation;
    auto lane = operation ? operation->lane : wire::Lane::disk;
    if (lane == wire::Lane::stream) {
        // A body that is made while it is sent uses it after the passage has ended; the exchange lives on.
        passage.call.run_blocking = [this, &exchange = passage.exchange](std::function<void()> work) {
            return exchange.run_in(disk_, std::move(work));
        };
        return steps();
    }
    std::optional<Result<wire::Reply>> reply;
    TRY(passage.exchange.run_in(pool_of(lane), [&] { reply.emplace(steps()); }));
    return std::move(*reply);
}

Result<void> Gateway::authorise(Passage& passage, const wire::Permission& permission) {
    if (options_.open_access) return {};
    access_control::ActionRequest request{.action = permission.action,
                                          .resource = permission.resource,
                                          .context = permission.context,
                                          .resource_account = permission.resource_account};
    request.context["aws:SourceIp"] = {passage.request.remote_address};
    request.context["aws:SecureTransport"] = {passage.request.secure ? "true" : "false"};
    request.context["aws:RequestedRegion"] = {passage.call.region};
    if (auto agent = passage.request.headers.get("user-agent"))
        request.context["aws:UserAgent"] = {std::string(*agent)};
    if (auto referer = passage.request.headers.get("referer"))
        request.context["aws:Referer"] = {std::string(*referer)};
    auto decision = TRY(directory_.decide(passage.principal, request, permission.resource_policy));
    if (decision.allowed()) return {};
    return Error::refusal(wire::Trouble::access_denied,
                          passage.principal.kind == access_control::PrincipalKind::anonymous
                              ? ""
                              : access_control::denial_message(passage.principal, request, decision));
}

void Gateway::record(const Passage& passage, const http::Response& response) {
    const auto* operation = passage.operation.operation;
    std::string_view service = passage.service->description().name;
    std::string_view name = operation ? std::string_view(operation->name) : "unknown";
    auto took = std::chrono::duration_cast<base::Duration>(clock_.now() - passage.began);
    metrics_.record(service, name, response.status, took);
    base::log().info("request={} {}:{} status={} ms={} caller={}", passage.call.request_id, service, name,
                     response.status, took.count(), passage.call.caller.user_id);
}

http::Response Gateway::own_page(const http::Request& request) {
    http::Response response;
    if (request.method != "GET" && request.method != "HEAD") {
        response.status = 405;
    } else if (request.path() == "/_likeness/health") {
        response.headers.set("Content-Type", "application/json");
        response.body = std::string(R"({"status":"ok"})");
    } else if (request.path() == "/_likeness/metrics") {
        response.headers.set("Content-Type", "text/plain; version=0.0.4");
        response.body = metrics_.page();
    } else if (request.path() == "/_likeness/operations") {
        response.headers.set("Content-Type", "application/json");
        response.body = boost::json::serialize(describe());
    } else {
        response.status = 404;
    }
    return response;
}

// Every operation that AWS has, with its members and limits where it is here: docs/compatibility.md is
// written from it.
boost::json::object Gateway::describe() const {
    boost::json::object out;
    for (const auto& service : services_) {
        boost::json::array operations;
        for (const auto& operation : service.operations()) {
            boost::json::object one{{"name", operation.name}, {"implemented", operation.implemented()}};
            if (operation.route)
                one["route"] = fmt::format("{} {}{}{}", operation.route->method, operation.route->path,
                                           operation.route->query.empty() ? "" : "?", operation.route->query);
            if (operation.implemented()) {
                one["action"] = operation.action;
                one["members"] = operation.describe();
                if (operation.describe_output) one["output"] = operation.describe_output();
            }
            operations.push_back(std::move(one));
        }
        out[service.description().name] = std::move(operations);
    }
    return out;
}

}  // namespace server
