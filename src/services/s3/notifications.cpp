// Bucket notifications, and the events that they are about.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
#include <fmt/format.h>

#include "services/s3/common.h"
#include "services/s3/service.h"

namespace services::s3 {
namespace {

// arn:aws:lambda:REGION:ACCOUNT:function:NAME
bool is_function_in(std::string_view arn, std::string_view region) {
    return arn.starts_with(fmt::format("arn:aws:lambda:{}:", region)) &&
           arn.find(":function:") != std::string_view::npos;
}

struct PutBucketNotificationConfiguration {
    static constexpr std::string_view name = "PutBucketNotificationConfiguration";
    static constexpr std::string_view action = "s3:PutBucketNotification";
    static constexpr wire::Route route{"PUT", "/{Bucket}", "notification"};
    struct Input {
        std::string bucket, body;
        std::string skip_validation;
        static auto members() {
            return wire::members(
                wire::required("Bucket", &Input::bucket),
                wire::required("NotificationConfiguration", &Input::body, wire::whole_body()),
                wire::optional("SkipDestinationValidation", &Input::skip_validation,
                               wire::in_header("x-amz-skip-destination-validation")));
        }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, action, input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call& call, const Input& input) {
        TRY(check_integrity(call.request.headers, input.body, false));
        auto bucket = TRY(rooms.objects.bucket(input.bucket));
        auto subscriptions = TRY(parse_notification(input.body));
        std::size_t number = 0;
        for (auto& one : subscriptions)
            if (one.id.empty())
                one.id = base::hex(base::digest(base::DigestKind::md5,
                                                base::view(fmt::format("{}/{}", call.request_id, ++number))));
        TRY(events::validate(subscriptions));
        for (const auto& one : subscriptions)
            if (!http::equal_ignoring_case(input.skip_validation, "true") &&
                (!is_function_in(one.target, bucket.region) ||
                 !TRY(rooms.may_notify(one.target, bucket_arn(input.bucket), bucket.account))))
                return Reply::refused(unreachable_target(one));
        TRY(rooms.events.subscribe(input.bucket, subscriptions));
        return Reply();
    }
    static wire::Fault unreachable_target(const events::Subscription& one) {
        return {400,
                "InvalidArgument",
                "Unable to validate the following destination configurations",
                {{"ArgumentName1", fmt::format("{}, null", one.target)},
                 {"ArgumentValue1", "Not authorized to invoke function [" + one.target + "]"}}};
    }
};

struct GetBucketNotificationConfiguration {
    static constexpr std::string_view name = "GetBucketNotificationConfiguration";
    static constexpr std::string_view action = "s3:GetBucketNotification";
    static constexpr wire::Route route{"GET", "/{Bucket}", "notification"};
    struct Input {
        std::string bucket;
        static auto members() { return wire::members(wire::required("Bucket", &Input::bucket)); }
    };
    static Permissions permissions(Rooms& rooms, const Input& input, const Call&) {
        return on_bucket(rooms, action, input.bucket);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        TRY(rooms.objects.bucket(input.bucket));
        json::array list;
        for (const auto& one : TRY(rooms.events.subscriptions(input.bucket)))
            list.push_back(entry(one));
        return Reply(
            {{"NotificationConfiguration", json::object{{"CloudFunctionConfiguration[]", std::move(list)}}}});
    }
    static json::object entry(const events::Subscription& one) {
        json::array events(one.events.begin(), one.events.end());
        json::object out{{"Id", one.id}, {"CloudFunction", one.target}, {"Event[]", std::move(events)}};
        json::array rules;
        if (one.prefix) rules.push_back(json::object{{"Name", "Prefix"}, {"Value", *one.prefix}});
        if (one.suffix) rules.push_back(json::object{{"Name", "Suffix"}, {"Value", *one.suffix}});
        if (!rules.empty())
            out["Filter"] = json::object{{"S3Key", json::object{{"FilterRule[]", std::move(rules)}}}};
        return out;
    }
};

}  // namespace

objects::Observers observers(events::Bus& bus) {
    return {.object_changed = [&bus](store::Transaction& transaction,
                                     const objects::ObjectEvent& event) -> Result<void> {
                bool created = event.name.starts_with("ObjectCreated:");
                bool versioned = event.bucket.versioning != objects::Versioning::never;
                return bus.publish(
                    transaction,
                    {.name = event.name,
                     .time = event.time,
                     .region = event.bucket.region,
                     .account = event.bucket.account,
                     .bucket = event.bucket.name,
                     .key = event.object.key,
                     .size = created ? std::optional(event.object.size) : std::nullopt,
                     .etag = created || event.object.delete_marker ? event.object.etag : std::string(),
                     .version_id = versioned ? event.object.version : std::string(),
                     .sequencer = fmt::format("{:018X}", event.object.sequence),
                     .principal_id = event.actor.principal_id,
                     .source_address = event.actor.source_address,
                     .request_id = event.actor.request_id});
            },
            .bucket_removed = [&bus](store::Transaction& transaction,
                                     const std::string& bucket) { return bus.forget(transaction, bucket); }};
}

void add_notification_operations(wire::Service& service, Rooms& rooms) {
    service.add<Named<PutBucketNotificationConfiguration>>(rooms);
    service.add<Named<GetBucketNotificationConfiguration>>(rooms);
}

}  // namespace services::s3
