#include "store/blobs.h"

#include <fstream>
#include <gtest/gtest.h>

#include "base/file.h"
#include "store/embedded/embedded.h"

namespace store::embedded {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class BlobsTest : public testing::Test {
protected:
    base::TemporaryFolder folder;
    base::SeededRandom random{1};
    std::unique_ptr<Blobs> blobs = std::move(open_blobs(folder.path(), random)).value();

    BlobId write(std::string_view content) {
        auto writer = *blobs->create();
        EXPECT_TRUE(writer->write(base::view(content)).ok());
        return *writer->commit();
    }
    static std::string read(const BlobReader& reader, std::uint64_t offset, std::size_t count) {
        base::Bytes bytes(count);
        bytes.resize(*reader.read(offset, bytes));
        return std::string(base::text(bytes));
    }
    std::size_t files() const {
        std::size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
            count += entry.is_regular_file() && base::is_uuid(entry.path().filename().string());
        return count;
    }
    void make_old(const BlobId& id) const {
        auto path = folder.path() / id.str().substr(0, 2) / id.str().substr(2, 2) / id.str();
        fs::last_write_time(path, fs::file_time_type::clock::now() - 2h);
    }
};

TEST_F(BlobsTest, what_was_written_in_pieces_is_read_by_range) {
    auto writer = *blobs->create();
    for (auto piece : {"likely", " ", "alike"})
        ASSERT_TRUE(writer->write(base::view(piece)).ok());
    auto reader = *blobs->open(*writer->commit());
    EXPECT_EQ(reader->size(), 12u);
    EXPECT_EQ(read(*reader, 7, 3), "ali");
    EXPECT_EQ(read(*reader, 7, 100), "alike");
    EXPECT_EQ(read(*reader, 12, 1), "");
}

TEST_F(BlobsTest, an_unfinished_write_leaves_nothing) {
    {
        auto writer = *blobs->create();
        ASSERT_TRUE(writer->write(base::view("half")).ok());
        EXPECT_EQ(files(), 1u);
    }
    EXPECT_EQ(files(), 0u);
}

TEST_F(BlobsTest, a_reader_outlives_the_removal) {
    auto id = write("still here");
    auto reader = *blobs->open(id);
    ASSERT_TRUE(blobs->remove(id).ok());
    EXPECT_EQ(read(*reader, 0, 100), "still here");
    EXPECT_FALSE(blobs->open(id).ok());
    EXPECT_TRUE(blobs->remove(id).ok());
}

TEST_F(BlobsTest, sweeping_removes_old_blobs_that_nobody_knows) {
    auto live = write("live"), orphan = write("orphan"), young = write("young");
    make_old(live);
    make_old(orphan);
    auto removed = blobs->sweep([&](const BlobId& id) -> Result<bool> { return id == live; });
    EXPECT_EQ(*removed, 1u);
    EXPECT_TRUE(blobs->open(live).ok());
    EXPECT_TRUE(blobs->open(young).ok());
    EXPECT_FALSE(blobs->open(orphan).ok());
}

TEST_F(BlobsTest, a_restart_removes_what_a_crash_left_unfinished) {
    auto id = write("whole");
    blobs.reset();
    std::ofstream(folder.path() / "tmp" / base::uuid_random(random)) << "half";
    blobs = *open_blobs(folder.path(), random);
    EXPECT_EQ(files(), 1u);
    EXPECT_TRUE(blobs->open(id).ok());
}

TEST_F(BlobsTest, a_folder_has_one_owner) {
    EXPECT_TRUE(open_blobs(folder.path(), random).error().is(Refusal::folder_in_use));
}

}  // namespace
}  // namespace store::embedded
