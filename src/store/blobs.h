// Blobs: large byte strings, written once, read by range, never changed. Records hold their ids.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"

namespace store {

// A UUID; never used twice.
using BlobId = base::Name<struct BlobTag>;

// Confined to one owner. Destroyed without commit(), it leaves nothing behind.
class BlobWriter {
public:
    virtual ~BlobWriter() = default;
    virtual Result<void> write(base::ByteView bytes) = 0;
    // When it returns, the bytes are on disk (data and folder synced) and can be opened under the id.
    virtual Result<BlobId> commit() = 0;
};

// Callable from any thread.
class BlobReader {
public:
    virtual ~BlobReader() = default;
    virtual std::uint64_t size() const = 0;
    // Reads up to out.size() bytes from `offset`; 0 at the end.
    virtual Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) const = 0;
};

// Callable from any thread.
class Blobs {
public:
    virtual ~Blobs() = default;
    virtual Result<std::unique_ptr<BlobWriter>> create() = 0;
    // A reader keeps the bytes readable even when the blob is removed meanwhile. A missing blob is a failure.
    virtual Result<std::shared_ptr<BlobReader>> open(const BlobId& id) const = 0;
    virtual Result<void> remove(const BlobId& id) = 0;  // a missing blob is not an error
    // Removes what a crash left: unfinished writes, and blobs older than an hour that `is_live` does not
    // know.
    virtual Result<std::size_t> sweep(const std::function<Result<bool>(const BlobId&)>& is_live) = 0;
};

}  // namespace store
