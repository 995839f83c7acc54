// Code packages: zip archives from anyone, unpacked so that nothing outside their folder can be touched.
//
// Refused as Refusal::invalid_parameter: what is no zip, more than `bytes_max` bytes in all, more than
// kPackageFilesMax entries, absolute names, "..", links and devices, encrypted entries. Sizes are counted
// while unpacking, whatever the archive says of itself.
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"
#include "functions/function.h"

namespace functions {

constexpr std::size_t kPackageFilesMax = 20'000;
constexpr std::size_t kPackageNameMax = 1024;

// Whether unpack() would take it; writes nothing.
Result<void> check_package(base::ByteView zip, std::size_t bytes_max = kUnpackedBytesMax);

// Into `folder`, which exists and is empty. Files are readable by all; those that were executable stay so.
Result<void> unpack(base::ByteView zip, const std::filesystem::path& folder,
                    std::size_t bytes_max = kUnpackedBytesMax);

}  // namespace functions
