// Lists of objects, versions and uploads, page by page.
#include <algorithm>

#include "objects/record.h"
#include "objects/store.h"

namespace objects {
namespace {

constexpr std::size_t kFirstPage = 16;

// Reads a range in pages that grow while it is read straight on, and start small again after a jump: a list
// of common prefixes jumps after every one.
class Walk {
public:
    Walk(const store::Snapshot& view, store::Range range) : view_(view), range_(std::move(range)) {}

    // The next row; null at the end.
    Result<const store::Row*> next() {
        if (position_ == rows_.size()) {
            if (ended_) return static_cast<const store::Row*>(nullptr);
            range_.limit = page_;
            rows_ = TRY(view_.scan(range_));
            position_ = 0;
            ended_ = rows_.size() < page_;
            page_ = std::min(page_ * 4, kPageMax);
            if (rows_.empty()) return static_cast<const store::Row*>(nullptr);
            range_.from = rows_.back().key + '\0';
        }
        return static_cast<const store::Row*>(&rows_[position_++]);
    }
    void jump(std::string from) {
        while (position_ < rows_.size() && rows_[position_].key < from)
            ++position_;
        if (position_ < rows_.size() || ended_) return;
        range_.from = std::max(range_.from, std::move(from));
        page_ = kFirstPage;
    }

private:
    const store::Snapshot& view_;
    store::Range range_;
    std::vector<store::Row> rows_;
    std::size_t position_ = 0;
    std::size_t page_ = kFirstPage;
    bool ended_ = false;
};

// The part of the key up to the first delimiter behind the prefix; nothing if there is none.
std::optional<std::string> common_prefix(const std::string& key, const std::string& prefix,
                                         const std::string& delimiter) {
    if (delimiter.empty()) return std::nullopt;
    auto at = key.find(delimiter, prefix.size());
    if (at == std::string::npos) return std::nullopt;
    return key.substr(0, at + delimiter.size());
}

// Where a table's keys of a bucket begin that come after `after`: a key, or a common prefix as a whole.
std::string start_after(store::KeyBuilder table, const std::string& bucket, const std::string& after,
                        const std::string& prefix, const std::string& delimiter) {
    table.text(bucket);
    bool whole = after.starts_with(prefix) && common_prefix(after, prefix, delimiter) == after;
    if (whole) return table.text_beginning(after).range().to;
    return table.text(after).range().to;
}

}  // namespace

Result<Listing> Store::list(const ListRequest& request) const {
    TRY(bucket(request.bucket));
    Listing out;
    if (request.limit == 0) return out;
    auto range = record::current().text(request.bucket).text_beginning(request.prefix).range();
    if (!request.after.empty())
        range.from = std::max(range.from, start_after(record::current(), request.bucket, request.after,
                                                      request.prefix, request.delimiter));
    auto view = records_.snapshot();
    Walk walk(*view, range);
    while (const auto* row = TRY(walk.next())) {
        auto key = record::name_in(row->key);
        auto object = record::object(row->value, key);
        if (object.delete_marker) continue;
        if (out.objects.size() + out.common_prefixes.size() == request.limit) {
            out.truncated = true;
            return out;
        }
        if (auto common = common_prefix(key, request.prefix, request.delimiter)) {
            walk.jump(record::current().text(request.bucket).text_beginning(*common).range().to);
            out.next = *common;
            out.common_prefixes.push_back(std::move(*common));
        } else {
            out.next = key;
            out.objects.push_back(std::move(object));
        }
    }
    out.next.clear();
    return out;
}

Result<VersionListing> Store::list_versions(const ListVersionsRequest& request) const {
    TRY(bucket(request.bucket));
    VersionListing out;
    if (request.limit == 0) return out;
    auto range = record::current().text(request.bucket).text_beginning(request.prefix).range();
    std::uint64_t below = 0;  // of the marker's key: versions of a lower sequence only
    if (!request.version_marker.empty()) {
        auto seen = find(request.bucket, request.key_marker, request.version_marker);
        if (seen.ok()) below = seen->sequence;
    }
    if (below != 0)
        range.from = std::max(range.from, record::current_key(request.bucket, request.key_marker));
    else if (!request.key_marker.empty())
        range.from = std::max(range.from, start_after(record::current(), request.bucket, request.key_marker,
                                                      request.prefix, request.delimiter));
    auto view = records_.snapshot();
    Walk walk(*view, range);
    // False once the page is full.
    auto add = [&](Object object, bool latest) {
        if (object.key == request.key_marker && below != 0 && object.sequence >= below) return true;
        if (out.versions.size() + out.common_prefixes.size() == request.limit) {
            out.truncated = true;
            return false;
        }
        out.next_key = object.key;
        out.next_version = object.version;
        out.versions.push_back({std::move(object), latest});
        return true;
    };
    while (const auto* row = TRY(walk.next())) {
        auto key = record::name_in(row->key);
        if (auto common = common_prefix(key, request.prefix, request.delimiter)) {
            if (out.versions.size() + out.common_prefixes.size() == request.limit) {
                out.truncated = true;
                return out;
            }
            walk.jump(record::current().text(request.bucket).text_beginning(*common).range().to);
            out.next_key = *common;
            out.next_version.clear();
            out.common_prefixes.push_back(std::move(*common));
            continue;
        }
        if (!add(record::object(row->value, key), true)) return out;
        Walk older(*view, record::older().text(request.bucket).text(key).range());
        while (const auto* version = TRY(older.next()))
            if (!add(record::object(version->value, key), false)) return out;
    }
    out.next_key.clear();
    out.next_version.clear();
    return out;
}

Result<UploadListing> Store::list_uploads(const ListUploadsRequest& request) const {
    TRY(bucket(request.bucket));
    UploadListing out;
    if (request.limit == 0) return out;
    auto range = record::uploads().text(request.bucket).text_beginning(request.prefix).range();
    if (!request.key_marker.empty()) {
        auto from = request.id_marker.empty()
                        ? start_after(record::uploads(), request.bucket, request.key_marker, request.prefix,
                                      request.delimiter)
                        : record::upload_key(request.bucket, request.key_marker, request.id_marker) + '\0';
        range.from = std::max(range.from, from);
    }
    auto view = records_.snapshot();
    Walk walk(*view, range);
    while (const auto* row = TRY(walk.next())) {
        if (out.uploads.size() + out.common_prefixes.size() == request.limit) {
            out.truncated = true;
            return out;
        }
        store::KeyReader reader(row->key);
        reader.text();
        reader.text();
        auto key = reader.text();
        auto id = reader.text();
        if (auto common = common_prefix(key, request.prefix, request.delimiter)) {
            walk.jump(record::uploads().text(request.bucket).text_beginning(*common).range().to);
            out.next_key = *common;
            out.next_id.clear();
            out.common_prefixes.push_back(std::move(*common));
            continue;
        }
        out.next_key = key;
        out.next_id = id;
        out.uploads.push_back(record::upload(row->value, key, id));
    }
    out.next_key.clear();
    out.next_id.clear();
    return out;
}

}  // namespace objects
