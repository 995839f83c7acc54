// What an authorisation costs a request: a user with three managed policies and a bucket policy; and finding
// the caller.
#include <benchmark/benchmark.h>

#include "access/directory.h"
#include "access/evaluation.h"
#include "base/random.h"
#include "store/memory.h"

namespace access_control {
namespace {

std::shared_ptr<const Policy> parsed(std::string_view text, PolicyKind kind) {
    return parse_policy(text, kind).value();
}

void a_compiled_policy_is_evaluated(benchmark::State& state) {
    Rights rights;
    rights.identity = {
        parsed(
            R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["logs:*","s3:Put*"],"Resource":"*"}})",
            PolicyKind::identity),
        parsed(
            R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"rekognition:*","Resource":"*"}})",
            PolicyKind::identity),
        parsed(
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":)"
            R"("arn:aws:s3:::photos/${aws:username}/*"},{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":)"
            R"({"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]})",
            PolicyKind::identity)};
    Principal ann = root_of("123456789012");
    ann.kind = PrincipalKind::user;
    ann.user_name = "ann";
    ann.rights = std::make_shared<Rights>(rights);
    auto bucket = parsed(
        R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:Delete*",)"
        R"("Resource":"arn:aws:s3:::photos/*"}})",
        PolicyKind::resource);
    ActionRequest request{"s3:GetObject", "arn:aws:s3:::photos/ann/2024/01/portrait.jpg"};
    request.context = {{"aws:SourceIp", {"10.1.2.3"}}, {"aws:SecureTransport", {"false"}}};
    for (auto _ : state)
        benchmark::DoNotOptimize(evaluate(ann, request, bucket.get()));
}
BENCHMARK(a_compiled_policy_is_evaluated);

// With the directory around it: the caller behind an access key, then the same question with a policy still
// as text.
void a_known_caller_is_found_and_asked_about(benchmark::State& state) {
    auto records = store::memory_records();
    base::SystemClock clock;
    base::SystemRandom random;
    auto directory =
        Directory::open(*records, clock, random, {"123456789012", "AKIAOPERATOR", "secret"}).value();
    std::string key;
    auto make = [&]() -> Result<void> {
        TRY(directory->create_user({"123456789012", "ann"}));
        key = TRY(directory->create_access_key("123456789012", "ann")).id;
        return directory->attach_policy({"123456789012", IdentityKind::user, "ann"},
                                        "arn:aws:iam::aws:policy/AmazonS3FullAccess");
    };
    INVARIANT(make().ok());
    const std::string bucket_policy =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:Delete*",)"
        R"("Resource":"arn:aws:s3:::photos/*"}})";
    for (auto _ : state) {
        auto caller = directory->resolve(key, "");
        auto decision = directory->decide((*caller)->principal, {"s3:GetObject", "arn:aws:s3:::photos/a.jpg"},
                                          bucket_policy);
        INVARIANT(decision.ok() && decision->allowed());
    }
}
BENCHMARK(a_known_caller_is_found_and_asked_about);

}  // namespace
}  // namespace access_control
