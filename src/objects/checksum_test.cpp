#include "objects/checksum.h"

#include <gtest/gtest.h>

namespace objects {
namespace {

base::Bytes of(Algorithm algorithm, std::string_view text) {
    Hasher hasher(algorithm);
    hasher.update(base::view(text));
    return hasher.finish();
}

TEST(Checksum, has_the_values_of_the_published_check_string) {
    EXPECT_EQ(base::hex(of(Algorithm::crc32, "123456789")), "cbf43926");
    EXPECT_EQ(base::hex(of(Algorithm::crc32c, "123456789")), "e3069283");
    EXPECT_EQ(base::hex(of(Algorithm::crc64nvme, "123456789")), "ae8b14860a799888");
}

TEST(Checksum, of_two_stretches_is_combined_from_the_checksums_of_each) {
    std::string long_text(100'003, 'x');
    for (auto algorithm : {Algorithm::crc32, Algorithm::crc32c, Algorithm::crc64nvme})
        for (std::string_view second :
             {std::string_view("56789"), std::string_view(""), std::string_view(long_text)})
            EXPECT_EQ(combine_crc(algorithm, of(algorithm, "1234"), of(algorithm, second), second.size()),
                      of(algorithm, "1234" + std::string(second)))
                << name_of(algorithm) << ' ' << second.size();
}

TEST(Checksum, names_are_known_in_any_case) {
    EXPECT_EQ(algorithm_named("crc32c"), Algorithm::crc32c);
    EXPECT_EQ(algorithm_named("SHA256"), Algorithm::sha256);
    EXPECT_EQ(algorithm_named("XXHASH64"), std::nullopt);
}

}  // namespace
}  // namespace objects
