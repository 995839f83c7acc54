#include <gtest/gtest.h>
#include <semaphore>

#include "base/ascii.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/id.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"

namespace base {
namespace {

enum class Refusal { missing, full };
enum class OtherRefusal { missing };

Result<int> half(int number) {
    if (number % 2 != 0) return Error::refusal(Refusal::missing, "odd");
    return number / 2;
}
Result<int> quarter(int number) {
    return TRY(half(TRY(half(number))));
}

TEST(Result, TryGivesTheValueOrLeavesWithTheError) {
    EXPECT_EQ(*quarter(12), 3);
    auto refused = quarter(6);
    ASSERT_FALSE(refused.ok());
    EXPECT_TRUE(refused.error().is(Refusal::missing));
    EXPECT_EQ(refused.error().message(), "odd");
}

// How many of them there are.
struct Counted {
    explicit Counted(int& count) : alive(&count) { ++count; }
    Counted(const Counted& other) : alive(other.alive) { ++*alive; }
    ~Counted() { --*alive; }
    int* alive;
};
struct Holder {
    Counted counted;
    int sum(const Counted&, int number) const { return number; }
};
int by_value(Counted, int number) {
    return number;
}

TEST(Result, TryAmongTheArgumentsOfACallDestroysWhatStandsBeforeIt) {
    int alive = 0;
    auto odd = [] { return half(1); };
    auto value = [&]() -> Result<int> { return by_value(Counted(alive), TRY(odd())); };
    auto object = [&]() -> Result<int> { return Holder{Counted(alive)}.sum(Counted(alive), TRY(odd())); };
    auto constructor = [&]() -> Result<int> {
        return *std::pair<Counted, int>(Counted(alive), TRY(odd())).first.alive;
    };
    auto first = [&]() -> Result<int> { return std::pair<int, Counted>{TRY(odd()), Counted(alive)}.first; };
    EXPECT_FALSE(value().ok());
    EXPECT_FALSE(object().ok());
    EXPECT_FALSE(constructor().ok());
    EXPECT_FALSE(first().ok());
    EXPECT_EQ(alive, 0);
}

TEST(Result, RefusalsOfTwoRoomsAreNeverEqual) {
    auto error = Error::refusal(Refusal::missing);
    EXPECT_FALSE(error.as<OtherRefusal>().has_value());
    EXPECT_FALSE(error.is_failure());
    EXPECT_TRUE(Error::failure("disk").is_failure());
}

TEST(Bytes, Base64TakesOneSpellingOnly) {
    EXPECT_EQ(base64(view("hello")), "aGVsbG8=");
    EXPECT_EQ(text(*from_base64("aGVsbG8=")), "hello");
    for (auto bad : {"aGVsbG8", "aGVsbG9=", "aGVs bG8=", "aGVsbG8==", "====", "a===", "aGV=bG8="})
        EXPECT_FALSE(from_base64(bad).has_value()) << bad;
    EXPECT_TRUE(from_base64("")->empty());
}

TEST(Bytes, PercentEncodingIsUndoneByDecoding) {
    EXPECT_EQ(percent_encode("a b+c/ü", "/"), "a%20b%2Bc/%C3%BC");
    EXPECT_EQ(*percent_decode("a%20b%2Bc/%C3%BC"), "a b+c/ü");
    EXPECT_EQ(*percent_decode("a+b", true), "a b");
    EXPECT_FALSE(percent_decode("%4").has_value());
    EXPECT_FALSE(percent_decode("%zz").has_value());
}

TEST(Bytes, Utf8RefusesOverlongAndSurrogates) {
    EXPECT_TRUE(is_utf8("grüße 😀"));
    EXPECT_FALSE(is_utf8("\xC0\x80"));
    EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
    EXPECT_FALSE(is_utf8("\xF5\x80\x80\x80"));
    EXPECT_FALSE(is_utf8("\xE2\x82"));
}

// The check values that the algorithms' own descriptions give for "123456789".
TEST(Digest, ChecksumsGiveTheirPublishedCheckValues) {
    auto of = [](ChecksumKind kind) {
        Checksum checksum(kind);
        checksum.update(view("1234"));
        checksum.update(view("56789"));
        return hex(checksum.finish());
    };
    EXPECT_EQ(of(ChecksumKind::crc32), "cbf43926");
    EXPECT_EQ(of(ChecksumKind::crc32c), "e3069283");
    EXPECT_EQ(of(ChecksumKind::crc64nvme), "ae8b14860a799888");
}

TEST(Digest, KnownDigests) {
    EXPECT_EQ(hex(digest(DigestKind::md5, view("hello"))), "5d41402abc4b2a76b9719d911017c592");
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    // RFC 4231, test case 2
    EXPECT_EQ(hex(hmac(DigestKind::sha256, view("Jefe"), view("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Id, UuidsOfNamesFollowRfc4122) {
    // python3 -c 'import uuid; print(uuid.uuid5(uuid.NAMESPACE_DNS, "python.org"))'
    EXPECT_EQ(uuid_of_name("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "python.org"),
              "886313e1-3b8a-5372-9b90-0c9aee199e5d");
    SeededRandom random(1);
    EXPECT_TRUE(is_uuid(uuid_random(random)));
    EXPECT_FALSE(is_uuid("886313E1-3b8a-5372-9b90-0c9aee199e5d"));
}

TEST(Time, FormsOfOneMoment) {
    auto time = from_iso8601("2024-02-29T23:59:58.123Z");
    ASSERT_TRUE(time);
    EXPECT_EQ(iso8601(*time), "2024-02-29T23:59:58.123Z");
    EXPECT_EQ(basic_iso8601(*time), "20240229T235958Z");
    EXPECT_EQ(http_date(*time), "Thu, 29 Feb 2024 23:59:58 GMT");
    EXPECT_EQ(*from_http_date(http_date(*time)), std::chrono::floor<std::chrono::seconds>(*time));
    EXPECT_DOUBLE_EQ(epoch_seconds(*time), 1709251198.123);
    EXPECT_FALSE(from_basic_iso8601("20240230T000000Z"));
    EXPECT_FALSE(from_iso8601("2024-02-29T23:59:58"));
}

TEST(Pool, AFullPoolRefusesAndAStoppedOneFinishesWhatItHas) {
    std::atomic<int> done = 0;
    std::binary_semaphore gate(0);
    Pool pool("test", 1, 2);
    ASSERT_TRUE(pool.submit([&] {
        gate.acquire();
        ++done;
    }));
    while (pool.running() == 0)
        std::this_thread::yield();
    EXPECT_TRUE(pool.submit([&] { ++done; }));
    EXPECT_TRUE(pool.submit([&] { ++done; }));
    EXPECT_FALSE(pool.submit([&] { ++done; }));
    gate.release();
    pool.stop();
    EXPECT_EQ(done, 3);
    EXPECT_FALSE(pool.submit([] {}));
}

TEST(File, AWrittenFileIsReadBackAndBoundsAreKept) {
    TemporaryFolder folder;
    auto path = folder.path() / "a";
    ASSERT_TRUE(write_file(path, view("hello"), 0600).ok());
    ASSERT_TRUE(write_file(path, view("hello again")).ok());
    EXPECT_EQ(text(*read_file(path, 100)), "hello again");
    EXPECT_FALSE(read_file(path, 5).ok());
    EXPECT_FALSE(read_file(folder.path() / "b", 5).ok());
    EXPECT_FALSE(write_file(folder.path() / "no" / "b", view("x")).ok());
}

TEST(Ascii, OnlyAsciiLettersBecomeLowerCase) {
    EXPECT_EQ(lower_case("X-Amz-\xc3\x84 9[@"), "x-amz-\xc3\x84 9[@");
}

TEST(Ascii, BlanksAndTabsAreTrimmedAtTheEndsOnly) {
    EXPECT_EQ(trimmed(" \ta b\t "), "a b");
    EXPECT_EQ(trimmed("\t "), "");
    EXPECT_EQ(trimmed("\r\n"), "\r\n");
}

TEST(Random, TextDrawsFromItsAlphabetOnly) {
    SystemRandom random;
    auto text = random.text(1000, "abc");
    EXPECT_EQ(text.size(), 1000u);
    EXPECT_EQ(text.find_first_not_of("abc"), std::string::npos);
}

}  // namespace
}  // namespace base
