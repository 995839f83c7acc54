#include "objects/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory.h"

namespace objects {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class StoreTest : public testing::Test {
protected:
    std::unique_ptr<store::Records> records = store::memory_records();
    std::unique_ptr<store::Blobs> blobs = store::memory_blobs();
    base::ManualClock clock;
    base::SeededRandom random{1};
    std::vector<std::string> events;
    Store objects{*records,
                  *blobs,
                  clock,
                  random,
                  {.object_changed = [this](store::Transaction&, const ObjectEvent& event) -> Result<void> {
                      events.push_back(event.name + ' ' + event.object.key);
                      return {};
                  }}};

    void SetUp() override { ASSERT_TRUE(objects.create_bucket("photos", "us-west-2", "111122223333").ok()); }

    Finished finished(std::string_view bytes, std::vector<Algorithm> algorithms = {Algorithm::crc64nvme}) {
        auto upload = *objects.begin(std::move(algorithms));
        EXPECT_TRUE(upload.write(base::view(bytes)).ok());
        return *upload.finish({});
    }
    Result<Object> try_put(std::string key, std::string_view bytes, Conditions conditions = {}) {
        clock.advance(1s);
        return objects.put({.bucket = "photos", .key = std::move(key), .conditions = std::move(conditions)},
                           finished(bytes));
    }
    Object put(std::string key, std::string_view bytes = "x") { return *try_put(std::move(key), bytes); }
    std::string read(std::string key, std::string version = "") {
        auto reader = objects.open("photos", key, version);
        if (!reader.ok()) return "refused";
        return read_all(**reader);
    }
    static std::string read_all(Reader& reader) {
        base::Bytes bytes(reader.size() + 1);
        bytes.resize(*reader.read(0, bytes));
        return std::string(base::text(bytes));
    }
    Result<Removed> remove(std::string key, std::string version = "") {
        clock.advance(1s);
        return objects.remove("photos", key, version, {}, {});
    }
    void version_it() { ASSERT_TRUE(objects.set_versioning("photos", Versioning::enabled).ok()); }
};

// --- buckets

TEST_F(StoreTest, a_bucket_name_belongs_to_one_account) {
    EXPECT_TRUE(objects.create_bucket("photos", "us-west-2", "111122223333")
                    .error()
                    .is(Refusal::bucket_already_yours));
    EXPECT_TRUE(
        objects.create_bucket("photos", "us-west-2", "444455556666").error().is(Refusal::bucket_exists));
}

TEST(BucketName, follows_the_rules) {
    for (auto good : {"abc", "a-b.c", "0photos9", "my.photos-2"})
        EXPECT_TRUE(is_bucket_name(good)) << good;
    for (auto bad :
         {"ab", "Photos", "a_b", "-ab", "ab-", "a..b", "192.168.5.4", "xn--abc", "abc-s3alias", ""})
        EXPECT_FALSE(is_bucket_name(bad)) << bad;
    EXPECT_TRUE(is_bucket_name(std::string(63, 'a')));
    EXPECT_FALSE(is_bucket_name(std::string(64, 'a')));
}

TEST_F(StoreTest, a_bucket_goes_only_when_it_is_empty_and_takes_unfinished_uploads_with_it) {
    put("a");
    EXPECT_TRUE(objects.remove_bucket("photos").error().is(Refusal::bucket_not_empty));
    ASSERT_TRUE(remove("a").ok());
    auto upload = *objects.begin_multipart("photos", {.key = "b"});
    ASSERT_TRUE(objects.put_part("photos", "b", upload.id, 1, finished("part")).ok());
    ASSERT_TRUE(objects.remove_bucket("photos").ok());
    EXPECT_TRUE(objects.bucket("photos").error().is(Refusal::bucket_missing));
    EXPECT_TRUE(objects.remove_bucket("photos").error().is(Refusal::bucket_missing));
}

TEST_F(StoreTest, an_account_lists_its_own_buckets_by_name) {
    ASSERT_TRUE(objects.create_bucket("archive", "us-west-2", "111122223333").ok());
    ASSERT_TRUE(objects.create_bucket("others", "us-west-2", "444455556666").ok());
    auto all = *objects.buckets("111122223333", "", "", 10);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].name, "archive");
    EXPECT_EQ((*objects.buckets("111122223333", "", "archive", 10))[0].name, "photos");
    EXPECT_EQ((*objects.buckets("111122223333", "ph", "", 10)).size(), 1u);
}

TEST_F(StoreTest, a_configuration_that_was_never_set_is_missing) {
    EXPECT_TRUE(
        objects.configuration("photos", Configuration::tagging).error().is(Refusal::configuration_missing));
    ASSERT_TRUE(objects.set_configuration("photos", Configuration::tagging, "document").ok());
    EXPECT_EQ(*objects.configuration("photos", Configuration::tagging), "document");
    ASSERT_TRUE(objects.set_configuration("photos", Configuration::tagging, std::nullopt).ok());
    EXPECT_FALSE(objects.configuration("photos", Configuration::tagging).ok());
}

// --- objects

TEST_F(StoreTest, what_was_put_is_read_with_its_digests) {
    auto object = put("a/b", "hello");
    EXPECT_EQ(object.etag, "5d41402abc4b2a76b9719d911017c592");
    EXPECT_EQ(object.size, 5u);
    EXPECT_EQ(read("a/b"), "hello");
    EXPECT_EQ(objects.find("photos", "a/b")->checksum->algorithm, Algorithm::crc64nvme);
    EXPECT_THAT(events, ElementsAre("ObjectCreated:Put a/b"));
}

TEST_F(StoreTest, what_is_not_there_is_refused_by_what_is_missing) {
    EXPECT_TRUE(objects.find("photos", "a").error().is(Refusal::key_missing));
    EXPECT_TRUE(objects.find("nothing", "a").error().is(Refusal::bucket_missing));
    EXPECT_TRUE(objects.find("photos", "a", "null").error().is(Refusal::version_missing));
    EXPECT_TRUE(objects.find("photos", "a", "nonsense").error().is(Refusal::version_malformed));
    auto nowhere = objects.put({.bucket = "nothing", .key = "a"}, finished("x"));
    EXPECT_TRUE(nowhere.error().is(Refusal::bucket_missing));
}

TEST_F(StoreTest, a_wrong_digest_leaves_nothing) {
    auto upload = *objects.begin({Algorithm::crc32});
    ASSERT_TRUE(upload.write(base::view("hello")).ok());
    auto done = upload.finish({.checksums = {{Algorithm::crc32, "AAAAAA=="}}});
    EXPECT_TRUE(done.error().is(Refusal::digest_mismatch));
    EXPECT_EQ(done.error().message(), "The CRC32 you specified did not match the calculated checksum.");
}

TEST_F(StoreTest, finished_bytes_that_nobody_takes_are_removed) {
    store::BlobId blob;
    {
        auto bytes = finished("x");
        blob = bytes.blob;
        EXPECT_TRUE(blobs->open(blob).ok());
    }
    EXPECT_FALSE(blobs->open(blob).ok());
}

TEST_F(StoreTest, a_replaced_object_takes_its_bytes_along_unless_somebody_reads_them) {
    auto first = put("a", "first");
    auto reader = *objects.open("photos", "a");
    put("a", "second");
    EXPECT_FALSE(*objects.is_live(first.parts[0].blob));
    EXPECT_EQ(read_all(*reader), "first");
    EXPECT_EQ(read("a"), "second");
    reader.reset();
    EXPECT_FALSE(blobs->open(first.parts[0].blob).ok());
}

TEST_F(StoreTest, removing_what_is_not_there_succeeds_and_tells_nobody) {
    EXPECT_TRUE(remove("a").ok());
    put("a");
    EXPECT_TRUE(remove("a").ok());
    EXPECT_EQ(read("a"), "refused");
    EXPECT_THAT(events, ElementsAre("ObjectCreated:Put a", "ObjectRemoved:Delete a"));
}

TEST_F(StoreTest, many_are_removed_at_once_and_one_refusal_leaves_the_others_be) {
    for (auto key : {"a", "b", "c"})
        put(key);
    auto all =
        *objects.remove_many("photos", {{.key = "c"}, {.key = "a", .version = "nonsense"}, {.key = "b"}}, {});
    EXPECT_TRUE(all[0].ok() && all[2].ok());
    EXPECT_TRUE(all[1].error().is(Refusal::version_malformed));
    EXPECT_EQ(read("a"), "x");
    EXPECT_EQ(read("b") + read("c"), "refusedrefused");
}

TEST_F(StoreTest, an_event_that_cannot_be_told_undoes_the_put) {
    Store deaf(*records, *blobs, clock, random,
               {.object_changed = [](store::Transaction&, const ObjectEvent&) -> Result<void> {
                   return Error::failure("queue is gone");
               }});
    EXPECT_FALSE(deaf.put({.bucket = "photos", .key = "a"}, finished("x")).ok());
    EXPECT_EQ(read("a"), "refused");
}

TEST_F(StoreTest, metadata_tags_and_keys_have_bounds) {
    auto put_with = [&](Attributes attributes, std::string key = "a") {
        return objects.put({.bucket = "photos", .key = std::move(key), .attributes = std::move(attributes)},
                           finished("x"));
    };
    EXPECT_TRUE(put_with({.metadata = {{"n", std::string(2047, 'x')}}}).ok());
    EXPECT_TRUE(
        put_with({.metadata = {{"n", std::string(2048, 'x')}}}).error().is(Refusal::metadata_too_large));
    EXPECT_TRUE(put_with({}, std::string(1024, 'k')).ok());
    EXPECT_TRUE(put_with({}, std::string(1025, 'k')).error().is(Refusal::key_too_long));
    EXPECT_TRUE(put_with({.tags = {{std::string(129, 'k'), "v"}}}).error().is(Refusal::tag_invalid));
}

TEST_F(StoreTest, metadata_may_hold_bytes_that_are_no_utf8) {
    ASSERT_TRUE(objects
                    .put({.bucket = "photos", .key = "a", .attributes = {.metadata = {{"name", "J\xf6rg"}}}},
                         finished("x"))
                    .ok());
    EXPECT_EQ(objects.find("photos", "a")->attributes.metadata.at("name"), "J\xf6rg");
}

TEST_F(StoreTest, a_conditional_write_looks_at_what_is_there) {
    EXPECT_TRUE(try_put("a", "x", {.if_match = {"abc"}}).error().is(Refusal::key_missing));
    EXPECT_TRUE(try_put("a", "x", {.if_none_match = {"*"}}).ok());
    EXPECT_TRUE(try_put("a", "y", {.if_none_match = {"*"}}).error().is(Refusal::precondition_failed));
    EXPECT_TRUE(try_put("a", "y", {.if_match = {"abc"}}).error().is(Refusal::precondition_failed));
    EXPECT_TRUE(try_put("a", "y", {.if_match = {objects.find("photos", "a")->etag}}).ok());
}

TEST(Conditions, an_entity_tag_beats_a_date) {
    Object object{.etag = "e", .modified = base::Time{1'000'500ms}};
    auto later = base::Time{2'000'000ms}, earlier = base::Time{500'000ms}, same = base::Time{1'000'000ms};
    EXPECT_EQ(judge({.if_match = {"e"}, .if_unmodified_since = earlier}, object), Verdict::go_on);
    EXPECT_EQ(judge({.if_match = {"f"}}, object), Verdict::precondition_failed);
    EXPECT_EQ(judge({.if_unmodified_since = earlier}, object), Verdict::precondition_failed);
    EXPECT_EQ(judge({.if_unmodified_since = same}, object), Verdict::go_on);
    EXPECT_EQ(judge({.if_none_match = {"e"}, .if_modified_since = earlier}, object), Verdict::not_modified);
    EXPECT_EQ(judge({.if_none_match = {"f"}, .if_modified_since = later}, object), Verdict::go_on);
    EXPECT_EQ(judge({.if_modified_since = same}, object), Verdict::not_modified);
}

// --- versions

TEST_F(StoreTest, a_versioned_bucket_keeps_what_is_replaced_and_hides_what_is_removed) {
    put("a", "null version");
    version_it();
    auto first = put("a", "first");
    auto second = put("a", "second");
    auto removed = *remove("a");
    EXPECT_TRUE(removed.delete_marker);
    EXPECT_EQ(read("a"), "refused");
    EXPECT_TRUE(objects.open("photos", "a", removed.version).error().is(Refusal::delete_marker_named));
    EXPECT_EQ(read("a", first.version), "first");
    EXPECT_EQ(read("a", second.version), "second");
    EXPECT_EQ(read("a", "null"), "null version");

    ASSERT_TRUE(remove("a", removed.version).ok());
    EXPECT_EQ(read("a"), "second");
    ASSERT_TRUE(remove("a", second.version).ok());
    EXPECT_EQ(read("a"), "first");
    ASSERT_TRUE(remove("a", "null").ok());
    EXPECT_EQ(read("a", "null"), "refused");
    ASSERT_TRUE(remove("a", first.version).ok());
    EXPECT_TRUE(objects.remove_bucket("photos").ok());
}

TEST_F(StoreTest, a_suspended_bucket_has_one_null_version) {
    version_it();
    auto kept = put("a", "kept");
    ASSERT_TRUE(objects.set_versioning("photos", Versioning::suspended).ok());
    auto first = put("a", "null 1");
    version_it();
    put("a", "newer");
    ASSERT_TRUE(objects.set_versioning("photos", Versioning::suspended).ok());
    put("a", "null 2");
    EXPECT_EQ(read("a", "null"), "null 2");
    EXPECT_EQ(read("a", kept.version), "kept");
    EXPECT_FALSE(blobs->open(first.parts[0].blob).ok());
    EXPECT_EQ(objects.list_versions({.bucket = "photos"})->versions.size(), 3u);
}

TEST_F(StoreTest, versions_are_listed_newest_first_and_page_by_page) {
    version_it();
    std::vector<std::string> all;
    for (auto key : {"a", "b", "a", "b", "a"})
        put(key);
    ASSERT_TRUE(remove("b").ok());
    auto whole = *objects.list_versions({.bucket = "photos"});
    for (const auto& one : whole.versions)
        all.push_back(one.object.key + one.object.version);
    ASSERT_EQ(all.size(), 6u);
    EXPECT_TRUE(whole.versions[3].latest && whole.versions[3].object.delete_marker);

    std::vector<std::string> paged;
    ListVersionsRequest request{.bucket = "photos", .limit = 1};
    while (true) {
        auto page = *objects.list_versions(request);
        for (const auto& one : page.versions)
            paged.push_back(one.object.key + one.object.version);
        if (!page.truncated) break;
        request.key_marker = page.next_key;
        request.version_marker = page.next_version;
    }
    EXPECT_EQ(paged, all);
}

// --- lists

std::vector<std::string> keys_of(const Listing& listing) {
    std::vector<std::string> keys;
    for (const auto& object : listing.objects)
        keys.push_back(object.key);
    return keys;
}

TEST_F(StoreTest, a_list_folds_keys_below_a_delimiter) {
    for (auto key : {"a/1", "a/2", "b", "c/", "c/3", "d"})
        put(key);
    auto top = *objects.list({.bucket = "photos", .delimiter = "/"});
    EXPECT_THAT(keys_of(top), ElementsAre("b", "d"));
    EXPECT_THAT(top.common_prefixes, ElementsAre("a/", "c/"));
    auto below = *objects.list({.bucket = "photos", .prefix = "c/", .delimiter = "/"});
    EXPECT_THAT(keys_of(below), ElementsAre("c/", "c/3"));
    EXPECT_THAT(below.common_prefixes, IsEmpty());
}

TEST_F(StoreTest, every_page_size_gives_the_same_list) {
    for (int i = 0; i < 40; ++i)
        put("dir" + std::to_string(i % 5) + "/file" + std::to_string(i));
    for (int i = 0; i < 7; ++i)
        put("top" + std::to_string(i));
    for (std::string delimiter : {"", "/", "e"}) {
        auto whole = *objects.list({.bucket = "photos", .delimiter = delimiter});
        EXPECT_FALSE(whole.truncated);
        for (std::size_t limit : {1u, 2u, 3u, 11u}) {
            std::vector<std::string> keys, prefixes;
            ListRequest request{.bucket = "photos", .delimiter = delimiter, .limit = limit};
            while (true) {
                auto page = *objects.list(request);
                EXPECT_LE(page.objects.size() + page.common_prefixes.size(), limit);
                for (const auto& object : page.objects)
                    keys.push_back(object.key);
                for (const auto& prefix : page.common_prefixes)
                    prefixes.push_back(prefix);
                if (!page.truncated) break;
                request.after = page.next;
            }
            EXPECT_EQ(keys, keys_of(whole));
            EXPECT_EQ(prefixes, whole.common_prefixes);
        }
    }
}

TEST_F(StoreTest, keys_are_listed_by_their_bytes) {
    for (auto key : {"b", "a\xc3\xa4", "a", "B", "a b"})
        put(key);
    EXPECT_THAT(keys_of(*objects.list({.bucket = "photos"})), ElementsAre("B", "a", "a b", "a\xc3\xa4", "b"));
    EXPECT_THAT(keys_of(*objects.list({.bucket = "photos", .after = "a b"})), ElementsAre("a\xc3\xa4", "b"));
}

// --- multipart uploads

class MultipartTest : public StoreTest {
protected:
    const std::string big = std::string(kPartBytesMin, 'x');

    Part put_part(const MultipartUpload& upload, std::uint32_t number, std::string_view bytes) {
        return *objects.put_part("photos", upload.key, upload.id, number,
                                 finished(bytes, {upload.algorithm.value_or(Algorithm::crc64nvme)}));
    }
    Result<Object> complete(const MultipartUpload& upload, const std::vector<Part>& parts) {
        CompleteRequest request{.bucket = "photos", .key = upload.key, .upload = upload.id};
        for (const auto& part : parts)
            request.parts.push_back({.number = part.number, .etag = part.etag});
        return objects.complete(request);
    }
};

TEST_F(MultipartTest, parts_become_one_object_in_their_order) {
    auto upload = *objects.begin_multipart("photos", {.key = "a"});
    auto second = put_part(upload, 2, "end");
    auto first = put_part(upload, 1, big);
    auto object = *complete(upload, {first, second});
    EXPECT_EQ(object.size, kPartBytesMin + 3);
    EXPECT_TRUE(object.etag.ends_with("-2"));
    EXPECT_EQ(read("a"), big + "end");
    Hasher whole(Algorithm::crc64nvme);
    whole.update(base::view(big + "end"));
    EXPECT_EQ(object.checksum->value, base::base64(whole.finish()));
    EXPECT_THAT(events, ElementsAre("ObjectCreated:CompleteMultipartUpload a"));
    EXPECT_EQ(complete(upload, {first, second})->etag, object.etag) << "the lost answer can be had again";
}

TEST_F(MultipartTest, a_composite_checksum_is_the_checksum_of_checksums) {
    auto upload = *objects.begin_multipart("photos", {.key = "a", .algorithm = Algorithm::sha256});
    auto first = put_part(upload, 1, big), second = put_part(upload, 2, "end");
    auto object = *complete(upload, {first, second});
    auto joined = *base::from_base64(first.checksum->value);
    auto rest = *base::from_base64(second.checksum->value);
    joined.insert(joined.end(), rest.begin(), rest.end());
    EXPECT_EQ(object.checksum->value, base::base64(base::digest(base::DigestKind::sha256, joined)) + "-2");
}

TEST_F(MultipartTest, wrong_parts_are_refused_and_nothing_is_lost) {
    auto upload = *objects.begin_multipart("photos", {.key = "a"});
    auto small = put_part(upload, 1, "small"), last = put_part(upload, 2, "last");
    auto unknown = last;
    unknown.number = 3;
    auto changed = last;
    changed.etag = small.etag;
    EXPECT_TRUE(complete(upload, {small, last}).error().is(Refusal::part_too_small));
    EXPECT_TRUE(complete(upload, {last, small}).error().is(Refusal::part_order_invalid));
    EXPECT_TRUE(complete(upload, {unknown}).error().is(Refusal::part_invalid));
    EXPECT_TRUE(complete(upload, {changed}).error().is(Refusal::part_invalid));
    ASSERT_TRUE(complete(upload, {last}).ok());
    EXPECT_EQ(read("a"), "last");
    EXPECT_FALSE(blobs->open(small.blob).ok()) << "a part that was not chosen is removed";
}

TEST_F(MultipartTest, a_part_sent_again_replaces_the_first) {
    auto upload = *objects.begin_multipart("photos", {.key = "a"});
    auto first = put_part(upload, 1, "first"), again = put_part(upload, 1, "again");
    EXPECT_FALSE(blobs->open(first.blob).ok());
    EXPECT_EQ(objects.list_parts("photos", "a", upload.id, 0, 10)->parts.size(), 1u);
    ASSERT_TRUE(complete(upload, {again}).ok());
    EXPECT_EQ(read("a"), "again");
}

TEST_F(MultipartTest, an_aborted_upload_is_gone_with_its_parts) {
    auto upload = *objects.begin_multipart("photos", {.key = "a"});
    auto part = put_part(upload, 1, "part");
    ASSERT_TRUE(objects.abort("photos", "a", upload.id).ok());
    EXPECT_FALSE(blobs->open(part.blob).ok());
    EXPECT_TRUE(complete(upload, {part}).error().is(Refusal::upload_missing));
    EXPECT_TRUE(
        objects.put_part("photos", "a", upload.id, 1, finished("x")).error().is(Refusal::upload_missing));
    EXPECT_TRUE(objects.abort("photos", "a", upload.id).error().is(Refusal::upload_missing));
}

TEST_F(MultipartTest, uploads_are_listed_by_key_and_then_by_age) {
    for (auto key : {"b", "a", "b", "dir/c"}) {
        clock.advance(1s);
        ASSERT_TRUE(objects.begin_multipart("photos", {.key = key}).ok());
    }
    auto all = *objects.list_uploads({.bucket = "photos", .delimiter = "/"});
    ASSERT_EQ(all.uploads.size(), 3u);
    EXPECT_EQ(all.uploads[0].key, "a");
    EXPECT_LT(all.uploads[1].initiated, all.uploads[2].initiated);
    EXPECT_THAT(all.common_prefixes, ElementsAre("dir/"));
    auto page = *objects.list_uploads(
        {.bucket = "photos", .key_marker = "b", .id_marker = all.uploads[1].id, .limit = 1});
    EXPECT_EQ(page.uploads[0].id, all.uploads[2].id);
    EXPECT_TRUE(page.truncated);
}

}  // namespace
}  // namespace objects
