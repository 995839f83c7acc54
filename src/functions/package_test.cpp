#include "functions/package.h"

#include <fstream>
#include <gtest/gtest.h>

#include "functions/function.h"
#include "functions/test_zip.h"

namespace functions {
namespace {

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Package, files_and_folders_come_out_as_they_went_in) {
    base::TemporaryFolder folder;
    ASSERT_TRUE(unpack(zip_of({{"a.py", "one"}, {"lib/b/c.py", "two"}, {"bootstrap", "x", S_IFREG | 0755}}),
                       folder.path())
                    .ok());
    EXPECT_EQ(read(folder.path() / "a.py"), "one");
    EXPECT_EQ(read(folder.path() / "lib/b/c.py"), "two");
    struct stat status {};
    ::stat((folder.path() / "bootstrap").c_str(), &status);
    EXPECT_EQ(status.st_mode & 0777, 0755u);
    ::stat((folder.path() / "a.py").c_str(), &status);
    EXPECT_EQ(status.st_mode & 0777, 0644u);
}

TEST(Package, names_that_lead_outside_are_refused_and_nothing_is_written_there) {
    base::TemporaryFolder outside;
    auto folder = outside.path() / "in";
    std::filesystem::create_directory(folder);
    for (auto name : {"../x", "a/../../x", "/x", "a\\..\\x", ".."}) {
        auto done = unpack(zip_of({{name, "bad"}}), folder);
        EXPECT_TRUE(!done.ok() && done.error().is(Refusal::invalid_parameter)) << name;
    }
    EXPECT_FALSE(std::filesystem::exists(outside.path() / "x"));
}

TEST(Package, links_are_refused) {
    auto done = check_package(zip_of({{"link", "/etc/passwd", S_IFLNK | 0777}}));
    EXPECT_TRUE(!done.ok() && done.error().is(Refusal::invalid_parameter));
}

TEST(Package, what_is_no_zip_is_refused_in_the_words_of_aws) {
    auto done = check_package(base::view("this is no zip"));
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().message(),
              "Could not unzip uploaded file. Please check your file, then try to upload again.");
    EXPECT_FALSE(check_package({}).ok());
}

TEST(Package, a_damaged_file_is_refused) {
    auto zip = zip_of({{"a.py", std::string(1000, 'a') + "b"}});
    zip[40] ^= 0xff;
    EXPECT_FALSE(check_package(zip).ok());
}

TEST(Package, a_bomb_is_refused_when_it_passes_the_limit) {
    constexpr std::size_t kLimit = 4 << 20;
    auto zip = zip_of({{"zeros", std::string(kLimit / 2, '\0')}, {"more", std::string(kLimit / 2, '\0')}});
    EXPECT_LT(zip.size(), kLimit / 100);
    EXPECT_TRUE(check_package(zip, kLimit).ok());
    auto done = check_package(zip, kLimit - 1);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().message(), "Unzipped size must be smaller than 4194303 bytes");
    base::TemporaryFolder folder;
    EXPECT_FALSE(unpack(zip, folder.path(), kLimit - 1).ok());
}

TEST(Package, a_file_that_stands_where_a_folder_is_needed_is_refused) {
    base::TemporaryFolder folder;
    auto done = unpack(zip_of({{"a", "file"}, {"a/b", "file"}}), folder.path());
    EXPECT_TRUE(!done.ok() && done.error().is(Refusal::invalid_parameter));
}

}  // namespace
}  // namespace functions
