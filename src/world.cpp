#include "world.h"

#include <filesystem>
#include <fmt/format.h>

#include "access/refusal.h"
#include "base/file.h"
#include "base/id.h"
#include "base/log.h"
#include "cli/credentials.h"
#include "neural/install.h"
#include "services/iam/service.h"
#include "services/lambda/service.h"
#include "services/likeness/service.h"
#include "services/rekognition/service.h"
#include "services/rekognition/shapes.h"
#include "services/s3/errors.h"
#include "services/s3/service.h"
#include "services/sts/service.h"
#include "store/embedded/embedded.h"

namespace {

constexpr base::Duration kDrain{30'000};
constexpr base::Duration kUpkeepEvery{5'000};
constexpr base::Duration kRemoveExpiredEvery{10 * 60'000};

// arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER], in whatever region and account it says.
Result<functions::Reference> function_of(const std::string& arn) {
    std::vector<std::string> parts(1);
    for (char c : arn) {
        if (c == ':')
            parts.emplace_back();
        else
            parts.back().push_back(c);
    }
    parts.resize(std::max<std::size_t>(parts.size(), 5));
    return functions::parse_reference(arn, parts[4], parts[3]);
}

bool listens_everywhere(const http::Server& server) {
    return server.address() == "0.0.0.0" || server.address() == "::";
}

std::string url_at(const std::string& host, const cli::Serve& options, const http::Server& server) {
    return fmt::format("{}://{}:{}", options.tls_key.empty() ? "http" : "https", host, server.port());
}

// The operator's own, or the pack's.
Result<vision::Calibration> calibration_for(const std::filesystem::path& own,
                                            const vision::Pipeline& pipeline, bool must_fit) {
    if (own.empty()) return pipeline.calibration();
    const auto measured = TRY(neural::MeasuredCalibration::read(own));
    if (measured.model == pipeline.model().str()) return vision::calibration_of(measured.calibration);
    if (!must_fit) return pipeline.calibration();
    return Error::failure(fmt::format("{} was measured for {}, and this is {}", own.string(), measured.model,
                                      pipeline.model().str()));
}

// `must_fit`: an operator's calibration is for this model and no other.
faces::Models::Loaded model_of(const neural::Pack& pack, const std::filesystem::path& calibration,
                               bool must_fit) {
    auto pipeline = std::make_shared<const vision::Pipeline>(TRY(vision::Pipeline::create(pack)));
    auto meaning = TRY(calibration_for(calibration, *pipeline, must_fit));
    faces::Recognition recognition{pipeline->model(), pipeline->dimensions(), std::move(meaning),
                                   pipeline->reliability_bar(vision::Recognisability::medium)};
    return std::make_shared<const faces::Model>(
        faces::Model{std::move(recognition), vision::sight_of(std::move(pipeline))});
}

// "open/open-1" is the pack `open` at its engine's version `open-1`.
faces::Models::Loaded load_model(const std::filesystem::path& data, const std::filesystem::path& calibration,
                                 const vision::ModelId& id) {
    const auto slash = id.str().find('/');
    const auto name = id.str().substr(0, slash);
    if (slash == std::string::npos || name.empty() || name.front() == '.')
        return Error::failure("a face model is called PACK/VERSION");
    const auto pack = TRY(neural::open_pack(data, name));
    if (const auto& version = pack->description().engine_version; id.str().substr(slash + 1) != version)
        return Error::failure(fmt::format("the pack {} that is here has the version {}", name, version));
    return model_of(*pack, calibration, false);
}

// Whether a policy of the bucket may speak of this resource: a name that is written out must be the bucket's.
bool can_be_of_bucket(std::string_view resource, std::string_view bucket) {
    constexpr std::string_view kBuckets = "arn:aws:s3:::";
    if (!resource.starts_with(kBuckets)) return resource.find_first_of("*?$") != std::string_view::npos;
    auto name = resource.substr(kBuckets.size());
    name = name.substr(0, name.find('/'));
    return name == bucket || name.find_first_of("*?$") != std::string_view::npos;
}

// Code in a bucket that cannot be had is the caller's mistake, told in the words of S3.
Result<base::Bytes> as_lambda_says(Result<base::Bytes> code) {
    if (code.ok() || !code.error().as<objects::Refusal>()) return code;
    const auto told = services::s3::fault_of(code.error());
    if (!told) return code;
    return Error::refusal(
        functions::Refusal::invalid_parameter,
        fmt::format("Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}", told->code,
                    told->message));
}

void warn(std::string_view what, const Error& error) {
    base::log().warn("{}: {}", what, error.is_failure() ? error.detail() : error.message());
}

}  // namespace

Result<std::unique_ptr<World>> World::build(const cli::Serve& options) {
    std::unique_ptr<World> world(new World);
    TRY(world->open_stores(options));
    TRY(world->open_faces(options));
    TRY(world->listen(options));
    TRY(world->start_functions(options));
    TRY(world->join_events());
    TRY(world->open_gateway(options));
    world->start_upkeep();
    return world;
}

Result<void> World::open_stores(const cli::Serve& options) {
    const auto& data = options.common.data;
    std::error_code error;
    std::filesystem::create_directories(data, error);
    if (error) return Error::failure(fmt::format("cannot make {}: {}", data.string(), error.message()));
    std::filesystem::permissions(data, std::filesystem::perms::owner_all, error);

    records_ = TRY(store::embedded::open_records(data / "records"));
    blobs_ = TRY(store::embedded::open_blobs(data / "blobs", random_));
    auto credentials = options.access_key.empty() ? TRY(cli::credentials_of(data, random_))
                                                  : cli::Credentials{options.access_key, options.secret_key};
    TRY(cli::keep_credentials(data, credentials));
    directory_ = TRY(access_control::Directory::open(
        *records_, clock_, random_, {options.account_id, credentials.access_key, credentials.secret_key}));
    bus_ = std::make_unique<events::Bus>(*records_, clock_);
    objects_ =
        std::make_unique<objects::Store>(*records_, *blobs_, clock_, random_, services::s3::observers(*bus_));
    tables_ = std::make_unique<tables::Store>(*records_, clock_, random_);
    logs_ = std::make_unique<logs::Store>(*records_, clock_);
    functions_ = std::make_unique<functions::Store>(*records_, *blobs_, clock_, random_);

    auto swept = blobs_->sweep([this](const store::BlobId& blob) -> Result<bool> {
        if (TRY(objects_->is_live(blob))) return true;
        return functions_->uses_blob(blob);
    });
    if (!swept.ok()) warn("sweeping blobs", swept.error());
    return {};
}

// Without the model pack everything works but what looks at pictures.
Result<void> World::open_faces(const cli::Serve& options) {
    const auto& data = options.common.data;
    std::shared_ptr<const faces::Model> own;
    auto pack = neural::open_pack(data, options.common.models);
    if (pack.ok())
        own = TRY(model_of(**pack, options.calibration, true));
    else
        base::log().warn("no faces will be recognised: {}; run: likeness models install {} --data {}",
                         pack.error().is_failure() ? pack.error().detail() : pack.error().message(),
                         options.common.models, data.string());
    faces::Models models(std::move(own), [data, calibration = options.calibration](const auto& id) {
        return load_model(data, calibration, id);
    });
    faces_ = TRY(faces::Collections::open(*records_, clock_, random_, std::move(models)));
    reembedder_ = std::make_unique<faces::Reembedder>(
        *faces_,
        faces::ReembedderJoints{[this](const faces::ReembeddingRecord& job) { return may_reembed(job); },
                                [this](const faces::ReembeddingRecord& job, const std::string& original) {
                                    return read_original(job, original);
                                }});
    return {};
}

Result<void> World::listen(const cli::Serve& options) {
    http::ServerOptions settings{.address = options.address,
                                 .port = options.port,
                                 .tls_certificate = options.tls_certificate,
                                 .tls_key = options.tls_key};
    server_ = TRY(http::Server::start(settings, [this](http::Exchange& exchange) {
        if (auto* gateway = open_gateway_.load()) return gateway->answer(exchange);
        http::Response starting;
        starting.status = 503;
        starting.close = true;
        return starting;
    }));
    std::string host = listens_everywhere(*server_) ? "127.0.0.1" : options.address;
    if (host.find(':') != std::string::npos) host = '[' + host + ']';
    url_ = url_at(host, options, *server_);
    return cli::keep_endpoint(options.common.data, {url_, options.region});
}

Result<void> World::start_functions(const cli::Serve& options) {
    bool is_name = server_->address() != options.address && options.address.find(':') == std::string::npos;
    functions::InvokerOptions settings;
    settings.sandbox.without = !options.sandbox;
    settings.endpoint_url = url_;
    if (options.sandbox) {  // inside, the loopback address leads to the server, wherever it listens outside
        settings.sandbox.host = is_name ? options.address : "localhost";
        settings.endpoint_url = url_at(is_name ? options.address : "127.0.0.1", options, *server_);
    }
    settings.server = {listens_everywhere(*server_) ? "127.0.0.1" : server_->address(), server_->port()};
    settings.ca_bundle = options.tls_certificate;
    settings.async_pauses = {std::chrono::seconds(options.retry_seconds),
                             std::chrono::seconds(2 * options.retry_seconds)};
    functions::InvokerJoints joints;
    joints.credentials_for = [this](const functions::Function& function) {
        return credentials_for(function);
    };
    joints.write_logs = [this](const functions::LogBatch& batch) { write_logs(batch); };
    invoker_ =
        TRY(functions::Invoker::start(*functions_, *records_, clock_, random_, settings, std::move(joints)));
    if (!invoker_->sandbox_trouble().empty())
        base::log().warn("functions will be refused: {}", invoker_->sandbox_trouble());
    return {};
}

Result<void> World::join_events() {
    return bus_->start([this](const events::Delivery& delivery) { return invoke_for(delivery); });
}

Result<void> World::open_gateway(const cli::Serve& options) {
    gateway_ =
        std::make_unique<server::Gateway>(server::GatewayOptions{.account = options.account_id,
                                                                 .region = options.region,
                                                                 .open_access = options.open_access,
                                                                 .picture_threads = options.picture_threads},
                                          *directory_, clock_, random_);
    s3_.emplace(services::s3::Rooms{
        *objects_, *bus_,
        [this](const std::string& function, const std::string& bucket, const std::string& account) {
            return s3_may_invoke(function, bucket, account);
        },
        [](const std::string& document, const std::string& bucket) -> Result<void> {
            const auto policy =
                TRY(access_control::parse_policy(document, access_control::PolicyKind::resource));
            for (const auto& statement : policy->statements)
                for (const auto& resource : statement.resources)
                    if (!can_be_of_bucket(resource.text(), bucket))
                        return Error::refusal(access_control::Refusal::malformed_policy,
                                              "Policy has invalid resource");
            return {};
        }});
    dynamodb_.emplace(services::dynamodb::Rooms{*tables_});
    lambda_.emplace(services::lambda::Rooms{
        *functions_, *invoker_,
        [this](wire::Call& call, const services::lambda::CodeObject& object) {
            return as_lambda_says(
                read_object(call, object.bucket, object.key, object.version, functions::kZipBytesMax));
        },
        [this](const std::string& role) { return role_is_assumable(role); }});
    logs_rooms_.emplace(services::logs::Rooms{*logs_});
    rekognition_.emplace(services::rekognition::Rooms{*faces_,
                                                      services::rekognition::object_reader(*objects_),
                                                      options.keep_crops, [this] { reembedder_->wake(); }});

    gateway_->add(services::rekognition::service(*rekognition_));
    gateway_->add(services::likeness::service(*rekognition_));
    gateway_->add(services::dynamodb::make_service(*dynamodb_));
    gateway_->add(services::logs::service(*logs_rooms_));
    gateway_->add(services::iam::service(*directory_));
    gateway_->add(services::sts::service(*directory_));
    gateway_->add(services::lambda::service(*lambda_));
    gateway_->add(services::s3::service(*s3_, options.virtual_hosts));
    gateway_->metrics().add_gauge("likeness_connections", "Open connections",
                                  [this] { return static_cast<double>(server_->connections()); });
    add_face_gauges();
    open_access_ = options.open_access;
    reembedder_->start();
    open_gateway_ = gateway_.get();
    return {};
}

void World::add_face_gauges() {
    auto& metrics = gateway_->metrics();
    metrics.add_gauge("likeness_face_models", "Face models in memory",
                      [this] { return static_cast<double>(faces_->models().loaded()); });
    metrics.add_gauge("likeness_reembeddings_running",
                      "Collections that are being moved to another model now",
                      [this] { return static_cast<double>(reembedder_->is_running()); });
    metrics.add_gauge("likeness_reembedded_faces", "Faces moved to another model since the start",
                      [this] { return static_cast<double>(reembedder_->faces_moved()); });
    metrics.add_gauge("likeness_unmoved_faces", "Faces that could not be moved since the start",
                      [this] { return static_cast<double>(reembedder_->faces_unmoved()); });
}

void World::start_upkeep() {
    upkeep_ = std::jthread([this](std::stop_token stop) {
        std::stop_callback wake(stop, [this] { tables_->wake(); });
        auto expired_at = clock_.now();
        while (!stop.stop_requested()) {
            if (auto kept = tables_->upkeep([&] { return stop.stop_requested(); }); !kept.ok())
                warn("upkeep of tables", kept.error());
            if (clock_.now() >= expired_at) {
                expired_at = clock_.now() + kRemoveExpiredEvery;
                if (auto removed = logs_->remove_expired(); !removed.ok())
                    warn("upkeep of logs", removed.error());
            }
            tables_->wait_for_work(kUpkeepEvery);
        }
    });
}

World::~World() {
    stop();
}

void World::stop() {
    if (!server_) return;
    server_->stop(kDrain);
    bus_->stop();
    invoker_->stop();
    reembedder_->stop();
    upkeep_ = {};
    open_gateway_ = nullptr;
    if (gateway_) gateway_->stop();
    server_.reset();
}

// A function acts as its role: Lambda assumes it, for which the role must trust Lambda.
Result<functions::Credentials> World::credentials_for(const functions::Function& function) {
    auto session =
        directory_->assume_role(access_control::service("lambda.amazonaws.com"),
                                {.role_arn = function.config.role, .session_name = function.id.name});
    if (session.ok())
        return functions::Credentials{session->access_key_id, session->secret_key, session->token,
                                      session->expires};
    if (session.error().is_failure()) return std::move(session).error();
    return Error::refusal(functions::Refusal::role_unusable, session.error().message());
}

void World::write_logs(const functions::LogBatch& batch) {
    std::vector<logs::NewEvent> lines;
    for (const auto& line : batch.lines)
        lines.push_back({line.time, line.text});
    logs::Place place{batch.function.account, batch.function.region};
    auto written = logs_->append(place, batch.group, batch.stream, lines);
    if (!written.ok()) warn("writing a function's log", written.error());
}

Result<bool> World::role_is_assumable(const std::string& role_arn) {
    auto checked = directory_->check_assumable(access_control::service("lambda.amazonaws.com"), role_arn);
    if (!checked.ok() && checked.error().is_failure()) return std::move(checked).error();
    return checked.ok();
}

Result<base::Bytes> World::read_object(wire::Call& call, const std::string& bucket, const std::string& key,
                                       const std::string& version, std::size_t bytes_max) {
    auto owner = TRY(objects_->bucket(bucket));
    auto policy = TRY(objects_->configuration_if_any(bucket, objects::Configuration::policy));
    TRY(call.authorise({.action = version.empty() ? "s3:GetObject" : "s3:GetObjectVersion",
                        .resource = fmt::format("arn:aws:s3:::{}/{}", bucket, key),
                        .resource_policy = policy.value_or(""),
                        .resource_account = owner.account}));
    auto reader = TRY(objects_->open(bucket, key, version));
    if (reader->size() > bytes_max) return Error::refusal(http::Refusal::body_too_large);
    base::Bytes out(reader->size());
    std::size_t done = 0;
    while (done < out.size()) {
        std::size_t count = TRY(reader->read(done, std::span(out).subspan(done)));
        if (count == 0) return Error::failure("an object ended before its size");
        done += count;
    }
    return out;
}

Result<void> World::authorise(const services::likeness::Starter& starter, const wire::Permission& permission,
                              const std::string& region) {
    if (open_access_) return {};
    const auto known = directory_->resolve(starter.access_key_id, starter.session_token);
    if (!known.ok() && known.error().is_failure()) return known.error();
    if (!known.ok())
        return Error::refusal(wire::Trouble::access_denied,
                              "The credentials with which it was started are no longer valid");
    access_control::ActionRequest request{.action = permission.action,
                                          .resource = permission.resource,
                                          .context = permission.context,
                                          .resource_account = permission.resource_account};
    request.context["aws:SourceIp"] = {starter.address};
    request.context["aws:SecureTransport"] = {starter.secure ? "true" : "false"};
    request.context["aws:RequestedRegion"] = {region};
    const auto decision = TRY(directory_->decide((*known)->principal, request, permission.resource_policy));
    if (decision.allowed()) return {};
    return Error::refusal(wire::Trouble::access_denied,
                          access_control::denial_message((*known)->principal, request, decision));
}

Result<void> World::may_reembed(const faces::ReembeddingRecord& job) {
    const auto starter = TRY(services::likeness::starter_in(job.starter));
    return authorise(
        starter,
        {.action = "likeness:ReembedCollection", .resource = services::rekognition::collection_arn(job.key)},
        job.key.tenant.region);
}

// The version that was enrolled, where the bucket keeps versions; else, or where that may not be read, what
// is there now.
Result<base::Bytes> World::read_original(const faces::ReembeddingRecord& job, const std::string& original) {
    const auto starter = TRY(services::likeness::starter_in(job.starter));
    const auto& region = job.key.tenant.region;
    auto object = TRY(services::rekognition::s3_object_of(original));
    auto read = [&] {
        return services::rekognition::read_object(
            *objects_,
            [&](const wire::Permission& permission) { return authorise(starter, permission, region); },
            region, object);
    };
    auto found = read();
    if (!found.ok() && object.version) {
        object.version.reset();
        found = read();
    }
    return TRY(std::move(found)).bytes;
}

// S3 calls a function if the function's own policy lets it, for this bucket.
Result<bool> World::s3_may_invoke(const std::string& function_arn, const std::string& bucket_arn,
                                  const std::string& account) {
    auto reference = function_of(function_arn);
    if (!reference.ok()) return false;
    auto policy = functions_->policy(reference->id, reference->qualifier);
    if (!policy.ok()) {
        if (policy.error().is_failure()) return std::move(policy).error();
        return false;
    }
    auto decision = TRY(
        directory_->decide(access_control::service("s3.amazonaws.com"),
                           {.action = "lambda:InvokeFunction",
                            .resource = function_arn,
                            .context = {{"aws:SourceArn", {bucket_arn}}, {"aws:SourceAccount", {account}}},
                            .resource_account = reference->id.account},
                           policy->document));
    return decision.allowed();
}

Result<void> World::invoke_for(const events::Delivery& delivery) {
    auto reference = TRY(function_of(delivery.target));
    if (!TRY(s3_may_invoke(delivery.target, delivery.source, delivery.account)))
        return Error::failure("the function's policy does not let S3 invoke it");
    return invoker_->invoke_async(reference.id, reference.qualifier,
                                  {.request_id = base::uuid_random(random_), .payload = delivery.document});
}
