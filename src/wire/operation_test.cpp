#include "wire/operation.h"

#include <gtest/gtest.h>

#include "wire/trouble.h"
#include "wire/xml.h"

namespace wire {
namespace {

struct Rooms {
    int calls = 0;
};

enum class Refusal { thing_missing };

struct Person {
    std::string name;
    std::optional<int> age;
    static auto members() {
        return wire::members(required("Name", &Person::name, length(1, 5)),
                             optional("Age", &Person::age, range(0, 150)));
    }
};

struct Enrol {
    static constexpr std::string_view name = "Enrol";
    struct Input {
        std::string collection_id;
        std::optional<Person> person;
        std::vector<std::string> face_ids;
        float threshold = 80;
        base::Bytes picture;
        static auto members() {
            return wire::members(
                required("CollectionId", &Input::collection_id, length(1, 255), pattern("[a-zA-Z0-9_.\\-]+")),
                optional("Person", &Input::person),
                optional("FaceIds", &Input::face_ids, items(1, 3), each(length(2, 4))),
                optional("Threshold", &Input::threshold, range(0, 100)),
                optional("Picture", &Input::picture));
        }
    };
    static std::string resource(const Input& input, const Call& call) {
        return call.arn("demo", "collection/" + input.collection_id);
    }
    static Result<Reply> run(Rooms& rooms, Call&, const Input& input) {
        ++rooms.calls;
        if (input.collection_id == "missing") return Error::refusal(Refusal::thing_missing, "no such thing");
        return Reply({{"Threshold", input.threshold}, {"Count", input.face_ids.size()}});
    }
};

std::optional<Fault> demo_fault_of(const Error& error) {
    if (error.is(Refusal::thing_missing)) return Fault{404, "ResourceNotFoundException", error.message()};
    return std::nullopt;
}

Service demo_service(Rooms& rooms) {
    Service service({.name = "demo",
                     .protocol = Protocol::json_1_1,
                     .target_prefix = "Demo.",
                     .long_fault_members = true,
                     .fault_of = demo_fault_of});
    service.add<Enrol>(rooms);
    service.lacks({"Dance"});
    return service;
}

http::Request request_for(std::string target) {
    http::Request request{.method = "POST", .target = "/"};
    request.headers.add("X-Amz-Target", std::move(target));
    return request;
}

Result<Reply> call(const Service& service, std::string_view body) {
    auto request = request_for("Demo.Enrol");
    auto found = TRY(service.find(request, {}, ""));
    auto prepared = TRY(service.prepare(*found.operation, {request, {}, found.labels, body}));
    Call about{.request = request};
    return prepared->run(about);
}

std::string refusal_of(const Service& service, std::string_view body) {
    auto answer = call(service, body);
    return answer.ok()
               ? ""
               : service.fault_of(answer.error()).code + ": " + service.fault_of(answer.error()).message;
}

TEST(Operation, AnOperationGetsItsTypedInput) {
    Rooms rooms;
    auto service = demo_service(rooms);
    auto answer =
        call(service, R"({"CollectionId":"a","Threshold":5,"FaceIds":["ab","cd"],"Picture":"aGVsbG8="})");
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->body["Threshold"], 5.0);
    EXPECT_EQ(answer->body["Count"], 2u);
}

TEST(Operation, BrokenLimitsAreRefusedTogetherAsAwsWritesThem) {
    Rooms rooms;
    auto service = demo_service(rooms);
    EXPECT_EQ(
        refusal_of(service, R"({"CollectionId":"a/b","Threshold":101})"),
        "ValidationException: 2 validation errors detected: Value 'a/b' at 'collectionId' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.\\-]+; Value '101' at "
        "'threshold' "
        "failed to satisfy constraint: Member must have value less than or equal to 100");
    EXPECT_EQ(
        refusal_of(service, R"({})"),
        "ValidationException: 1 validation error detected: Value null at 'collectionId' failed to satisfy "
        "constraint: Member must not be null");
    EXPECT_EQ(refusal_of(service, R"({"CollectionId":"a","Person":{"Name":"toolong"}})"),
              "ValidationException: 1 validation error detected: Value 'toolong' at 'person.name' failed to "
              "satisfy "
              "constraint: Member must have length less than or equal to 5");
    EXPECT_EQ(refusal_of(service, R"({"CollectionId":"a","FaceIds":["abcde"]})"),
              "ValidationException: 1 validation error detected: Value 'abcde' at 'faceIds.1.member' failed "
              "to satisfy "
              "constraint: Member must have length less than or equal to 4");
    EXPECT_EQ(rooms.calls, 0);
}

TEST(Operation, ABodyThatIsNotOfTheDescribedTypesIsASerializationError) {
    Rooms rooms;
    auto service = demo_service(rooms);
    for (auto body : {"[]", "{", "nonsense", R"({"CollectionId":5})",
                      R"({"CollectionId":"a","Threshold":"5"})", R"({"CollectionId":"a","Picture":"***"})",
                      R"({"CollectionId":"a","FaceIds":"ab"})", R"({"CollectionId":"a","Person":[]})"})
        EXPECT_EQ(refusal_of(service, body).substr(0, 22), "SerializationException") << body;
}

TEST(Operation, ARefusalOfARoomLeavesAsItsFault) {
    Rooms rooms;
    auto service = demo_service(rooms);
    EXPECT_EQ(refusal_of(service, R"({"CollectionId":"missing"})"),
              "ResourceNotFoundException: no such thing");
    auto internal = service.fault_of(Error::failure("the disk is on fire"));
    EXPECT_EQ(internal.status, 500);
    EXPECT_EQ(internal.message.find("fire"), std::string::npos);
}

TEST(Operation, WhatAwsHasAndWeLackIsRefusedByName) {
    Rooms rooms;
    auto service = demo_service(rooms);
    auto lacking = service.find(request_for("Demo.Dance"), {}, "");
    ASSERT_FALSE(lacking.ok());
    EXPECT_TRUE(lacking.error().is(Trouble::not_implemented));
    EXPECT_EQ(lacking.error().message(), "not implemented: Dance");
    EXPECT_TRUE(service.find(request_for("Demo.Nonsense"), {}, "").error().is(Trouble::unknown_operation));
    EXPECT_TRUE(service.find(request_for("Other.Enrol"), {}, "").error().is(Trouble::unknown_operation));
}

TEST(Operation, PermissionsNameTheActionAndTheResource) {
    Rooms rooms;
    auto service = demo_service(rooms);
    auto request = request_for("Demo.Enrol");
    auto found = service.find(request, {}, "");
    auto prepared = service.prepare(*found->operation, {request, {}, {}, R"({"CollectionId":"a"})"});
    ASSERT_TRUE(prepared.ok());
    Call about{.caller = {.account = "123456789012"}, .region = "eu-west-1", .request = request};
    auto permissions = (*prepared)->permissions(about);
    ASSERT_EQ(permissions->size(), 1u);
    EXPECT_EQ((*permissions)[0].action, "demo:Enrol");
    EXPECT_EQ((*permissions)[0].resource, "arn:aws:demo:eu-west-1:123456789012:collection/a");
}

struct GetThing {
    static constexpr std::string_view name = "GetThing";
    static constexpr Route route{"GET", "/{Bucket}/{Key+}"};
    struct Input {
        std::string bucket, key;
        std::optional<int> part;
        std::map<std::string, std::string> metadata;
        static auto members() {
            return wire::members(
                required("Bucket", &Input::bucket), required("Key", &Input::key),
                optional("Part", &Input::part, in_query("partNumber")),
                optional("Metadata", &Input::metadata, in_headers_with_prefix("x-amz-meta-")));
        }
    };
    static std::string resource(const Input&, const Call&) { return "*"; }
    static Result<Reply> run(Rooms&, Call&, const Input& input) {
        json::object metadata;
        for (const auto& [name, value] : input.metadata)
            metadata[name] = value;
        return Reply({{"Thing",
                       {{"Bucket", input.bucket},
                        {"Key", input.key},
                        {"Part", input.part.value_or(0)},
                        {"Metadata", metadata}}}});
    }
};
struct GetTags : GetThing {
    static constexpr std::string_view name = "GetTags";
    static constexpr Route route{"GET", "/{Bucket}/{Key+}", "tagging"};
};

TEST(Route, TheRouteWithMoreConditionsIsMeant) {
    Rooms rooms;
    Service service({.name = "s3", .protocol = Protocol::rest_xml});
    service.add<GetThing>(rooms);
    service.add<GetTags>(rooms);
    service.lacks("GetAcl", {"GET", "/{Bucket}/{Key+}", "acl"});
    auto found = [&](std::string target) {
        http::Request request{.method = "GET", .target = std::move(target)};
        auto answer = service.find(request, *http::parse_query(request.query()), "");
        return answer.ok() ? answer->operation->name : answer.error().message();
    };
    EXPECT_EQ(found("/b/k"), "GetThing");
    EXPECT_EQ(found("/b/k?tagging"), "GetTags");
    EXPECT_EQ(found("/b/k?acl="), "not implemented: GetAcl");
    EXPECT_EQ(found("/b/k/?x-id=GetObject"), "GetThing");
    EXPECT_EQ(found("/b/"), "");
}

TEST(Route, LabelsQueriesAndHeadersBecomeMembers) {
    Rooms rooms;
    Service service({.name = "s3", .protocol = Protocol::rest_xml});
    service.add<GetThing>(rooms);
    http::Request request{.method = "GET", .target = "/b/a%20b%2Bc/%C3%BC+.jpg?partNumber=7"};
    request.headers.add("X-Amz-Meta-FullName", "Ann");
    auto query = *http::parse_query(request.query());
    auto found = service.find(request, query, "");
    ASSERT_TRUE(found.ok());
    auto prepared = service.prepare(*found->operation, {request, query, found->labels, ""});
    ASSERT_TRUE(prepared.ok());
    Call about{.request = request};
    auto response = service.write(*found->operation, request, "id", *(*prepared)->run(about));
    EXPECT_EQ(std::get<std::string>(response.body),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Thing><Bucket>b</Bucket><Key>a "
              "b+c/ü+.jpg</Key><Part>7</Part>"
              "<Metadata><fullname>Ann</fullname></Metadata></Thing>");
}

TEST(Route, AVirtualHostNamesTheBucket) {
    Rooms rooms;
    Service service({.name = "s3", .protocol = Protocol::rest_xml, .virtual_hosts = {"s3.localhost"}});
    service.add<GetThing>(rooms);
    http::Request request{.method = "GET", .target = "/a.jpg"};
    request.headers.add("Host", "my.bucket.s3.localhost:4566");
    auto found = service.find(request, {}, "");
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->labels.find("Bucket")->second, "my.bucket");
    EXPECT_EQ(found->labels.find("Key")->second, "a.jpg");
}

TEST(Query, AFormBecomesMembersAndListsAreInOrderOfTheirNumbers) {
    Rooms rooms;
    Service service({.name = "demo", .protocol = Protocol::query, .xml_namespace = "urn:demo"});
    service.add<Enrol>(rooms);
    http::Request request{.method = "POST", .target = "/"};
    std::string form =
        "Action=Enrol&CollectionId=a&Threshold=7.5&FaceIds.member.10=cd&FaceIds.member.2=ab&Person.Name=Ann&"
        "Person.Age=7";
    auto found = service.find(request, {}, form);
    ASSERT_TRUE(found.ok());
    auto prepared = service.prepare(*found->operation, {request, {}, {}, form});
    ASSERT_TRUE(prepared.ok()) << prepared.error().message();
    Call about{.request = request};
    auto response = service.write(*found->operation, request, "id", *(*prepared)->run(about));
    EXPECT_EQ(std::get<std::string>(response.body),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<EnrolResponse "
              "xmlns=\"urn:demo\"><EnrolResult><Threshold>7.5"
              "</Threshold><Count>2</Count></EnrolResult><ResponseMetadata><RequestId>id</RequestId></"
              "ResponseMetadata>"
              "</EnrolResponse>");
}

TEST(Faults, EachProtocolWritesThemInItsOwnForm) {
    http::Request request{.method = "GET", .target = "/b/k?x"};
    Fault fault{404, "NoSuchKey", "no <key>"};
    auto body = [&](ServiceDescription description) {
        return std::get<std::string>(Service(std::move(description)).write(request, "id", fault).body);
    };
    EXPECT_EQ(body({.name = "dynamodb", .protocol = Protocol::json_1_0, .fault_namespace = "com.x#"}),
              R"({"__type":"com.x#NoSuchKey","message":"no <key>"})");
    EXPECT_EQ(body({.name = "rekognition", .protocol = Protocol::json_1_1, .long_fault_members = true}),
              R"({"__type":"NoSuchKey","Code":"NoSuchKey","Logref":"id","Message":"no <key>"})");
    EXPECT_EQ(body({.name = "lambda", .protocol = Protocol::rest_json}),
              R"({"Type":"User","Message":"no <key>"})");
    EXPECT_EQ(body({.name = "s3", .protocol = Protocol::rest_xml}),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>no "
              "&lt;key&gt;</Message>"
              "<Resource>/b/k</Resource><RequestId>id</RequestId><HostId>aWQ=</HostId></Error>");
    request.method = "HEAD";
    EXPECT_EQ(body({.name = "s3", .protocol = Protocol::rest_xml}), "");
}

TEST(Faults, EveryTroubleHasACodeInEveryProtocol) {
    for (auto protocol :
         {Protocol::json_1_0, Protocol::json_1_1, Protocol::rest_json, Protocol::rest_xml, Protocol::query})
        for (int trouble = 0; trouble <= static_cast<int>(Trouble::internal); ++trouble) {
            auto fault = fault_of(static_cast<Trouble>(trouble), "", {.name = "x", .protocol = protocol});
            EXPECT_FALSE(fault.code.empty());
            EXPECT_GE(fault.status, 400);
            // SDKs retry 500, 502, 503 and 504: only what a retry can mend may say so.
            EXPECT_EQ(fault.status == 500, trouble == static_cast<int>(Trouble::internal));
            EXPECT_TRUE(fault.status != 503 || trouble == static_cast<int>(Trouble::throttled));
        }
}

TEST(Xml, ListsAttributesAndTextsHaveTheirForms) {
    EXPECT_EQ(xml_document("R", "",
                           {{"Items", {1, 2}},
                            {"Flat[]", {"a", "b"}},
                            {"None", nullptr},
                            {"Grantee", {{"@type", "User"}, {"#text", "x"}}},
                            {"Empty", json::array()}}),
              "<?xml version=\"1.0\" "
              "encoding=\"UTF-8\"?>\n<R><Items><member>1</member><member>2</member></Items><Flat>a"
              "</Flat><Flat>b</Flat><Grantee type=\"User\">x</Grantee><Empty/></R>");
}

}  // namespace
}  // namespace wire
