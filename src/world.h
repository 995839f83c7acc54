// The world: every room of the server, built from the bottom up and joined where rooms may not know each
// other.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "access/directory.h"
#include "base/random.h"
#include "base/time.h"
#include "cli/options.h"
#include "events/bus.h"
#include "faces/collections.h"
#include "faces/models.h"
#include "faces/reembedder.h"
#include "functions/invoker.h"
#include "http/server.h"
#include "logs/store.h"
#include "objects/store.h"
#include "server/gateway.h"
#include "services/dynamodb/dynamodb.h"
#include "services/lambda/rooms.h"
#include "services/likeness/starter.h"
#include "services/logs/service.h"
#include "services/rekognition/rooms.h"
#include "services/s3/rooms.h"
#include "store/blobs.h"
#include "store/records.h"
#include "tables/store.h"

// Lives as long as the server runs. Built and ended on one thread.
class World {
public:
    static Result<std::unique_ptr<World>> build(const cli::Serve& options);
    ~World();

    const std::string& url() const { return url_; }
    // Lets what is in progress finish, then ends everything, the outermost first.
    void stop();

private:
    World() = default;
    Result<void> open_stores(const cli::Serve& options);
    Result<void> open_faces(const cli::Serve& options);
    Result<void> listen(const cli::Serve& options);
    Result<void> start_functions(const cli::Serve& options);
    Result<void> join_events();
    Result<void> open_gateway(const cli::Serve& options);
    void add_face_gauges();
    void start_upkeep();

    Result<functions::Credentials> credentials_for(const functions::Function& function);
    void write_logs(const functions::LogBatch& batch);
    Result<void> invoke_for(const events::Delivery& delivery);
    // The bytes of an object, read with the rights of the caller.
    Result<base::Bytes> read_object(wire::Call& call, const std::string& bucket, const std::string& key,
                                    const std::string& version, std::size_t bytes_max);
    // Whether somebody whose request was answered before may do this now.
    Result<void> authorise(const services::likeness::Starter& starter, const wire::Permission& permission,
                           const std::string& region);
    Result<void> may_reembed(const faces::ReembeddingRecord& job);
    Result<base::Bytes> read_original(const faces::ReembeddingRecord& job, const std::string& original);
    Result<bool> role_is_assumable(const std::string& role_arn);
    Result<bool> s3_may_invoke(const std::string& function_arn, const std::string& bucket_arn,
                               const std::string& account);

    base::SystemClock clock_;
    base::SystemRandom random_;
    std::unique_ptr<store::Records> records_;
    std::unique_ptr<store::Blobs> blobs_;
    std::unique_ptr<access_control::Directory> directory_;
    std::unique_ptr<events::Bus> bus_;
    std::unique_ptr<objects::Store> objects_;
    std::unique_ptr<tables::Store> tables_;
    std::unique_ptr<logs::Store> logs_;
    std::unique_ptr<functions::Store> functions_;
    std::unique_ptr<faces::Collections> faces_;
    std::unique_ptr<faces::Reembedder> reembedder_;
    bool open_access_ = false;
    std::unique_ptr<functions::Invoker> invoker_;

    std::optional<services::s3::Rooms> s3_;
    std::optional<services::dynamodb::Rooms> dynamodb_;
    std::optional<services::lambda::Rooms> lambda_;
    std::optional<services::logs::Rooms> logs_rooms_;
    std::optional<services::rekognition::Rooms> rekognition_;
    std::unique_ptr<server::Gateway> gateway_;

    // The server listens before the gateway is complete, because functions are told its address; until then
    // it answers 503.
    std::atomic<server::Gateway*> open_gateway_ = nullptr;
    std::unique_ptr<http::Server> server_;
    std::string url_;
    std::jthread upkeep_;
};
