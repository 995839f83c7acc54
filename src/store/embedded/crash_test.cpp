// A process that is killed in the middle of its work loses nothing that it has acknowledged.
#include <csignal>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/file.h"
#include "store/embedded/embedded.h"

namespace store::embedded {
namespace {

struct Acknowledged {
    std::uint32_t thread;
    std::uint32_t number;
    char blob[36];
};

constexpr int kWriters = 4;

std::string key_of(std::uint32_t thread, std::uint32_t number) {
    return KeyBuilder("crash").number(thread).number(number).str();
}

// Writes a blob, then a record that names it and another of the same transaction, then says so.
void write_for_ever(const std::filesystem::path& folder, std::uint32_t round, int acknowledgements) {
    base::SystemRandom random;
    auto records = std::move(open_records(folder / "records", {.write_buffer_bytes = 64 << 10})).value();
    auto blobs = std::move(open_blobs(folder / "blobs", random)).value();
    std::vector<std::jthread> writers;
    for (std::uint32_t i = 0; i < kWriters; ++i)
        writers.emplace_back([&, thread = round * kWriters + i] {
            for (std::uint32_t number = 0;; ++number) {
                auto writer = std::move(blobs->create()).value();
                if (!writer->write(base::view(key_of(thread, number))).ok()) std::_Exit(3);
                auto blob = *writer->commit();
                auto done = records->commit([&](Transaction& t) -> Result<void> {
                    TRY(t.put(key_of(thread, number), blob.str()));
                    return t.put(key_of(~thread, number), std::string(500, 'x'));
                });
                if (!done.ok()) std::_Exit(4);
                Acknowledged said{.thread = thread, .number = number, .blob = {}};
                blob.str().copy(said.blob, sizeof said.blob);
                if (::write(acknowledgements, &said, sizeof said) != sizeof said) std::_Exit(5);
            }
        });
}

TEST(Crash, kill_9_loses_nothing_that_was_acknowledged) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "ThreadSanitizer follows no threads that begin after a fork";
#endif
    base::TemporaryFolder folder;
    base::SystemRandom random;
    std::vector<Acknowledged> all;
    for (std::uint32_t round = 0; round < 4; ++round) {
        int channel[2];
        ASSERT_EQ(::pipe(channel), 0);
        auto child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            ::close(channel[0]);
            write_for_ever(folder.path(), round, channel[1]);
        }
        ::close(channel[1]);
        auto enough = all.size() + 40 + random.bytes(1)[0] % 40;
        Acknowledged said{};
        while (all.size() < enough && ::read(channel[0], &said, sizeof said) == sizeof said)
            all.push_back(said);
        ::kill(child, SIGKILL);
        while (::read(channel[0], &said, sizeof said) == sizeof said)
            all.push_back(said);
        ::close(channel[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself, status " << status;

        auto records = *open_records(folder.path() / "records");
        auto blobs = *open_blobs(folder.path() / "blobs", random);
        for (const auto& one : all) {
            auto key = key_of(one.thread, one.number);
            auto blob = *records->get(key);
            ASSERT_TRUE(blob.has_value())
                << fmt::format("round {}: lost {}/{}", round, one.thread, one.number);
            EXPECT_EQ(*blob, std::string(one.blob, sizeof one.blob));
            EXPECT_EQ((*records->get(key_of(~one.thread, one.number)))->size(), 500u);
            base::Bytes content(key.size());
            ASSERT_EQ(*(*blobs->open(BlobId(*blob)))->read(0, content), key.size());
            EXPECT_EQ(base::text(content), key);
        }
    }
    EXPECT_GE(all.size(), 160u);
}

}  // namespace
}  // namespace store::embedded
