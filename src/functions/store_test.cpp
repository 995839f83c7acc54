#include "functions/store.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "functions/test_zip.h"
#include "store/memory.h"

namespace functions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FunctionsStoreTest : public testing::Test {
protected:
    std::unique_ptr<store::Records> records = store::memory_records();
    std::unique_ptr<store::Blobs> blobs = store::memory_blobs();
    base::ManualClock clock;
    base::SeededRandom random{1};
    Store store{*records, *blobs, clock, random};
    FunctionId id{"123456789012", "eu-west-1", "f"};
    base::Bytes zip = zip_of({{"a.py", "x = 1"}});

    Function create() {
        Config config;
        config.runtime = "python3.11";
        config.handler = "a.handler";
        config.environment = {{"KEY", "value"}};
        auto made = store.create(id, config, zip, {{"tag", "one"}});
        EXPECT_TRUE(made.ok());
        return *made;
    }
};

TEST_F(FunctionsStoreTest, a_function_is_kept_with_its_code) {
    auto made = create();
    auto found = *store.get(id);
    EXPECT_EQ(found.config, made.config);
    EXPECT_EQ(found.version, "$LATEST");
    EXPECT_EQ(found.arn(), "arn:aws:lambda:eu-west-1:123456789012:function:f");
    EXPECT_EQ(*store.code(found), base::text(zip));
    EXPECT_EQ(found.code.size, zip.size());
    EXPECT_TRUE(*store.uses_blob(found.code.blob));
}

TEST_F(FunctionsStoreTest, a_name_is_taken_once_per_account_and_region) {
    create();
    auto again = store.create(id, {}, zip, {});
    EXPECT_EQ(again.error().message(), "Function already exist: f");
    EXPECT_TRUE(again.error().is(Refusal::function_exists));
    EXPECT_TRUE(store.create({id.account, "us-east-1", "f"}, {}, zip, {}).ok());
}

TEST_F(FunctionsStoreTest, a_function_that_is_not_there_is_refused_with_its_arn) {
    EXPECT_EQ(store.get(id).error().message(),
              "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:f");
    create();
    EXPECT_EQ(store.get(id, "7").error().message(),
              "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:f:7");
}

TEST_F(FunctionsStoreTest, new_code_gives_a_new_revision_and_drops_the_old_code) {
    auto made = create();
    auto updated = *store.update_code(id, zip_of({{"a.py", "x = 2"}}));
    EXPECT_NE(updated.revision_id, made.revision_id);
    EXPECT_NE(updated.code.sha256_base64, made.code.sha256_base64);
    EXPECT_FALSE(blobs->open(made.code.blob).ok());
    EXPECT_FALSE(*store.uses_blob(made.code.blob));
    EXPECT_TRUE(store.update_code(id, zip, made.revision_id).error().is(Refusal::revision_changed));
}

TEST_F(FunctionsStoreTest, a_configuration_changes_whole_or_not_at_all) {
    create();
    auto failed = store.update_config(id, [](Config& config) -> Result<void> {
        config.timeout_seconds = 9;
        return Error::refusal(Refusal::invalid_parameter);
    });
    EXPECT_FALSE(failed.ok());
    EXPECT_EQ(store.get(id)->config.timeout_seconds, 3);
    auto large = store.update_config(id, [](Config& config) -> Result<void> {
        config.environment["X"] = std::string(4096, 'x');
        return {};
    });
    EXPECT_THAT(large.error().message(), HasSubstr("exceeded the 4KB limit"));
}

TEST_F(FunctionsStoreTest, a_version_keeps_the_code_that_latest_leaves) {
    create();
    auto first = *store.publish(id, "first");
    EXPECT_EQ(first.version, "1");
    EXPECT_EQ(store.publish(id, "first")->version, "1") << "nothing has changed";
    ASSERT_TRUE(store.update_code(id, zip_of({{"a.py", "x = 2"}})).ok());
    EXPECT_EQ(store.publish(id, "")->version, "2");
    EXPECT_EQ(*store.code(*store.get(id, "1")), base::text(zip));
    std::vector<std::string> versions;
    auto page = *store.versions(id, "", 10);
    for (const auto& version : page.items)
        versions.push_back(version.version);
    EXPECT_THAT(versions, ElementsAre("$LATEST", "1", "2"));
}

TEST_F(FunctionsStoreTest, an_alias_leads_to_its_version_and_keeps_it) {
    create();
    ASSERT_TRUE(store.publish(id, "").ok());
    EXPECT_TRUE(store.create_alias(id, {"live", "9", "", ""}).error().is(Refusal::function_missing));
    ASSERT_TRUE(store.create_alias(id, {"live", "1", "", ""}).ok());
    EXPECT_TRUE(store.create_alias(id, {"live", "1", "", ""}).error().is(Refusal::function_exists));
    EXPECT_EQ(store.get(id, "live")->version, "1");
    EXPECT_TRUE(store.remove_version(id, "1").error().is(Refusal::function_exists));
    ASSERT_TRUE(store.update_alias(id, "live", "$LATEST", {}).ok());
    EXPECT_EQ(store.get(id, "live")->version, "$LATEST");
    EXPECT_TRUE(store.remove_version(id, "1").ok());
    EXPECT_TRUE(store.remove_alias(id, "live").ok());
    EXPECT_TRUE(store.get(id, "live").error().is(Refusal::function_missing));
}

TEST_F(FunctionsStoreTest, a_removed_function_leaves_nothing) {
    auto made = create();
    ASSERT_TRUE(store.publish(id, "").ok());
    ASSERT_TRUE(store.remove(id).ok());
    EXPECT_TRUE(store.get(id).error().is(Refusal::function_missing));
    EXPECT_FALSE(blobs->open(made.code.blob).ok());
    create();
    EXPECT_EQ(store.versions(id, "", 10)->items.size(), 1u);
}

TEST_F(FunctionsStoreTest, a_list_goes_on_where_its_page_ended) {
    for (auto name : {"a", "b", "c"})
        ASSERT_TRUE(store.create({id.account, id.region, name}, {}, zip, {}).ok());
    auto page = *store.list(id.account, id.region, "", 2);
    EXPECT_EQ(page.items.size(), 2u);
    page = *store.list(id.account, id.region, page.next, 2);
    ASSERT_EQ(page.items.size(), 1u);
    EXPECT_EQ(page.items[0].id.name, "c");
    EXPECT_EQ(page.next, "");
}

TEST_F(FunctionsStoreTest, a_permission_lets_the_bucket_in_that_it_names) {
    create();
    EXPECT_TRUE(store.policy(id).error().is(Refusal::policy_missing));
    Grant grant{.sid = "s3",
                .action = "lambda:InvokeFunction",
                .principal = "s3.amazonaws.com",
                .source_arn = "arn:aws:s3:::photos",
                .source_account = id.account,
                .principal_org = ""};
    auto statement = boost::json::parse(*store.add_permission(id, "", grant));
    EXPECT_EQ(statement.at("Principal").at("Service"), "s3.amazonaws.com");
    EXPECT_EQ(statement.at("Resource").as_string(), id.arn());
    EXPECT_EQ(statement.at("Condition").at("ArnLike").at("AWS:SourceArn"), "arn:aws:s3:::photos");
    EXPECT_EQ(statement.at("Condition").at("StringEquals").at("AWS:SourceAccount").as_string(), id.account);
    auto policy = store.policy(id)->document;
    EXPECT_TRUE(allows_service(policy, "s3.amazonaws.com", "arn:aws:s3:::photos", id.account));
    EXPECT_FALSE(allows_service(policy, "s3.amazonaws.com", "arn:aws:s3:::other", id.account));
    EXPECT_FALSE(allows_service(policy, "s3.amazonaws.com", "arn:aws:s3:::photos", "999999999999"));
    EXPECT_FALSE(allows_service(policy, "sns.amazonaws.com", "arn:aws:s3:::photos", id.account));
    EXPECT_EQ(
        store.add_permission(id, "", grant).error().message(),
        "The statement id (s3) provided already exists. Please provide a new statement id, or remove the "
        "existing statement.");
    EXPECT_TRUE(store.remove_permission(id, "", "x").error().is(Refusal::policy_missing));
    EXPECT_TRUE(store.remove_permission(id, "", "s3").ok());
    EXPECT_TRUE(store.policy(id).error().is(Refusal::policy_missing));
}

TEST_F(FunctionsStoreTest, tags_and_reserved_concurrency_are_kept) {
    create();
    ASSERT_TRUE(store.change_tags(id, {{"new", "two"}}, {"tag"}).ok());
    EXPECT_EQ(*store.tags(id), (Tags{{"new", "two"}}));
    EXPECT_EQ(*store.reserved_concurrency(id), std::nullopt);
    ASSERT_TRUE(store.set_reserved_concurrency(id, 0).ok());
    EXPECT_EQ(*store.reserved_concurrency(id), 0);
}

TEST(Reference, all_forms_of_a_name_lead_to_the_function) {
    for (auto text :
         {"f", "function:f", "123456789012:function:f", "arn:aws:lambda:eu-west-1:123456789012:function:f"}) {
        auto reference = parse_reference(text, "123456789012", "eu-west-1");
        ASSERT_TRUE(reference.ok()) << text;
        EXPECT_EQ(reference->id.name, "f");
        EXPECT_EQ(reference->qualifier, "");
        reference = parse_reference(text + std::string(":$LATEST"), "123456789012", "eu-west-1");
        ASSERT_TRUE(reference.ok()) << text;
        EXPECT_EQ(reference->qualifier, "$LATEST");
    }
}

TEST(Reference, other_forms_are_refused) {
    for (auto text : {"", "f:", "f:a:b", "a b", "arn:aws:s3:::b",
                      "arn:aws:lambda:eu-west-1:123456789012:layer:f", "f:$X", ":f"})
        EXPECT_TRUE(parse_reference(text, "123456789012", "eu-west-1").error().is(Refusal::invalid_parameter))
            << text;
    EXPECT_TRUE(
        parse_reference("arn:aws:lambda:us-east-1:123456789012:function:f", "123456789012", "eu-west-1")
            .error()
            .is(Refusal::function_missing));
}

}  // namespace
}  // namespace functions
