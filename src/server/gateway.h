// The gateway: every request's life, from its head to its answer, as one list of steps (gateway.cpp,
// `serve`).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "access/directory.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/time.h"
#include "http/server.h"
#include "server/metrics.h"
#include "wire/operation.h"

namespace server {

struct GatewayOptions {
    std::string account;       // whom anonymous and open-access callers are counted to
    std::string region;        // of requests that name none
    bool open_access = false;  // no signature or policy is looked at: everybody is the account's root
    std::size_t disk_threads = 16;
    std::size_t picture_threads = 0;  // 0: one per core
    std::size_t invocation_threads = 64;
    std::size_t waiting_max = 256;  // per pool; more is answered with the protocol's "slow down"
};

// Built at start: add() the services, then any thread may call answer().
class Gateway {
public:
    Gateway(GatewayOptions options, access_control::Directory& directory, const base::Clock& clock,
            base::Random& random);

    // The order matters for what is found by elimination: S3 is asked last.
    void add(wire::Service service);
    const std::vector<wire::Service>& services() const { return services_; }
    Metrics& metrics() { return metrics_; }

    http::Response answer(http::Exchange& exchange);
    // Runs what is queued and ends the pools.
    void stop();

private:
    struct Passage;

    const wire::Service* find_service(const Passage& passage) const;
    Result<wire::Reply> serve(Passage& passage);
    Result<void> find_operation(Passage& passage);
    void tell_browser(Passage& passage, const wire::Service& service, http::Response& response);
    Result<void> identify(Passage& passage);
    Result<std::shared_ptr<const access_control::Caller>> holder_of(const std::string& access_key,
                                                                    const std::string& session_token);
    void become(Passage& passage, std::shared_ptr<const access_control::Caller> known,
                const std::string& access_key, const std::string& session_token);
    Result<void> sign_in(Passage& passage, const wire::DocumentSignature& signature,
                         std::string_view document);
    static Error as_trouble(Error error);
    Result<void> read_body(Passage& passage);
    Result<wire::Reply> run_in_lane(Passage& passage, const std::function<Result<wire::Reply>()>& steps);
    static std::string body_sha256(const Passage& passage);
    Result<void> verify_signature(Passage& passage);
    static Result<wire::Reply> explained(const Passage& passage, Error error);
    Result<void> authorise(Passage& passage, const wire::Permission& permission);
    void record(const Passage& passage, const http::Response& response);
    base::Pool& pool_of(wire::Lane lane);
    http::Response own_page(const http::Request& request);
    boost::json::object describe() const;

    GatewayOptions options_;
    access_control::Directory& directory_;
    const base::Clock& clock_;
    base::Random& random_;
    Metrics metrics_;
    std::vector<wire::Service> services_;
    base::Pool disk_;
    base::Pool pictures_;
    base::Pool invocations_;
};

}  // namespace server
