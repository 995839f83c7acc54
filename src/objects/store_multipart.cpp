// Multipart uploads: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
#include <fmt/format.h>

#include "objects/record.h"
#include "objects/store.h"

namespace objects {
namespace {

constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

store::Range all_parts(const std::string& upload) {
    auto range = record::parts().text(upload).range();
    range.limit = kPartNumberMax;
    return range;
}

// The digest of the parts' digests, and how many there are.
std::string joined_etag(const std::vector<Part>& parts) {
    base::Digest md5(base::DigestKind::md5);
    for (const auto& part : parts)
        md5.update(*base::from_hex(part.etag));
    return fmt::format("{}-{}", base::hex(md5.finish()), parts.size());
}

std::optional<Checksum> joined_checksum(const MultipartUpload& upload, const std::vector<Part>& parts) {
    auto algorithm = upload.algorithm.value_or(Algorithm::crc64nvme);
    bool composite = upload.algorithm && upload.composite;
    Hasher of_checksums(algorithm);
    base::Bytes whole;
    for (const auto& part : parts) {
        if (!part.checksum || part.checksum->algorithm != algorithm) return std::nullopt;
        auto one = *base::from_base64(part.checksum->value);
        if (composite)
            of_checksums.update(one);
        else
            whole = whole.empty() ? one : combine_crc(algorithm, whole, one, part.size);
    }
    if (composite) whole = of_checksums.finish();
    auto value = base::base64(whole);
    if (composite) value += fmt::format("-{}", parts.size());
    return Checksum{.algorithm = algorithm, .value = std::move(value), .composite = composite};
}

Result<void> check_whole(const CompleteRequest& request, const Object& object) {
    if (request.size && *request.size != object.size)
        return Error::refusal(
            Refusal::request_invalid,
            fmt::format("The provided 'x-amz-mp-object-size' header value {} does not match what "
                        "was computed: {}",
                        *request.size, object.size));
    if (!request.checksum || !object.checksum) return {};
    const auto& expected = *request.checksum;
    auto found = object.checksum->value;
    if (found.substr(0, found.find('-')) == expected.value.substr(0, expected.value.find('-'))) return {};
    return Error::refusal(Refusal::digest_mismatch,
                          fmt::format("The {} you specified did not match the calculated checksum.",
                                      name_of(expected.algorithm)));
}

}  // namespace

Result<MultipartUpload> Store::begin_multipart(const std::string& bucket, MultipartUpload upload) {
    if (upload.key.empty() || upload.key.size() > kKeyBytesMax) return Error::refusal(Refusal::key_too_long);
    TRY(check_attributes(upload.attributes));
    if (upload.algorithm && !upload.composite && !is_crc(*upload.algorithm))
        return Error::refusal(Refusal::request_invalid,
                              fmt::format("The FULL_OBJECT checksum type cannot be used with the {} checksum "
                                          "algorithm.",
                                          name_of(*upload.algorithm)));
    if (upload.algorithm == Algorithm::crc64nvme) upload.composite = false;
    upload.initiated = clock_.now();
    // Begins with the time, so that uploads of one key are listed in the order in which they began.
    upload.id =
        fmt::format("{:012x}{}", upload.initiated.time_since_epoch().count(), random_.text(52, kIdAlphabet));
    TRY(records_.commit([&](store::Transaction& transaction) -> Result<void> {
        upload.owner = TRY(bucket_for_change(transaction, bucket)).account;
        return transaction.put(record::upload_key(bucket, upload.key, upload.id), record::encode(upload));
    }));
    return upload;
}

Result<MultipartUpload> Store::multipart(const std::string& bucket_name, const std::string& key,
                                         const std::string& id) const {
    auto found = TRY(records_.get(record::upload_key(bucket_name, key, id)));
    if (!found) {
        TRY(bucket(bucket_name));
        return Error::refusal(Refusal::upload_missing);
    }
    return record::upload(*found, key, id);
}

// The part shares its upload's record: parts come side by side, and none after the upload has ended.
Result<Part> Store::put_part(const std::string& bucket, const std::string& key, const std::string& id,
                             std::uint32_t number, Finished bytes) {
    if (number < 1 || number > kPartNumberMax) return Error::refusal(Refusal::part_number_invalid);
    Part part{.number = number,
              .size = bytes.size,
              .etag = bytes.md5_hex,
              .checksum = bytes.kept,
              .blob = bytes.blob,
              .modified = clock_.now()};
    std::vector<store::BlobId> unreferenced;
    TRY(records_.commit([&](store::Transaction& transaction) -> Result<void> {
        unreferenced.clear();
        if (!TRY(transaction.get_for_share(record::upload_key(bucket, key, id))))
            return Error::refusal(Refusal::upload_missing);
        auto at = record::part_key(id, number);
        if (auto previous = TRY(transaction.get_for_update(at))) {
            auto replaced = record::part(*previous, number);
            TRY(transaction.erase(record::blob_key(replaced.blob)));
            unreferenced.push_back(replaced.blob);
        }
        TRY(transaction.put(record::blob_key(part.blob), ""));
        return transaction.put(at, record::encode(part));
    }));
    *bytes.taken = true;
    discard(unreferenced);
    return part;
}

Result<std::vector<Part>> Store::chosen_parts(store::Transaction& transaction, const CompleteRequest& request,
                                              const MultipartUpload& upload, Aftermath& after) const {
    std::map<std::uint32_t, Part> uploaded;
    for (const auto& row : TRY(transaction.scan(all_parts(upload.id)))) {
        store::KeyReader reader(row.key);
        reader.text();
        reader.text();
        auto number = static_cast<std::uint32_t>(reader.number());
        uploaded.emplace(number, record::part(row.value, number));
        TRY(transaction.erase(row.key));
    }
    std::vector<Part> chosen;
    for (const auto& wanted : request.parts) {
        if (!chosen.empty() && wanted.number <= chosen.back().number)
            return Error::refusal(Refusal::part_order_invalid);
        auto found = uploaded.find(wanted.number);
        if (found == uploaded.end() || found->second.etag != wanted.etag)
            return Error::refusal(Refusal::part_invalid);
        for (const auto& [algorithm, value] : wanted.checksums) {
            const auto& known = found->second.checksum;
            if (known && known->algorithm == algorithm && known->value != value)
                return Error::refusal(Refusal::part_invalid);
        }
        if (!chosen.empty() && chosen.back().size < kPartBytesMin)
            return Error::refusal(Refusal::part_too_small);
        chosen.push_back(std::move(found->second));
        uploaded.erase(found);
    }
    for (const auto& [number, part] : uploaded) {
        TRY(transaction.erase(record::blob_key(part.blob)));
        after.unreferenced.push_back(part.blob);
    }
    return chosen;
}

// A client that lost the answer asks again: what it wants has already happened.
Result<std::optional<Object>> Store::completed_before(store::Transaction& transaction,
                                                      const CompleteRequest& request) const {
    auto found = TRY(transaction.get(record::current_key(request.bucket, request.key)));
    if (!found) return std::optional<Object>();
    auto object = record::object(*found, request.key);
    if (object.upload_id != request.upload) return std::optional<Object>();
    return std::optional(std::move(object));
}

Result<Object> Store::complete(const CompleteRequest& request) {
    Aftermath after;
    auto object = TRY(records_.transact([&](store::Transaction& transaction) -> Result<Object> {
        after = {};
        auto bucket = TRY(bucket_for_change(transaction, request.bucket));
        auto at = record::upload_key(request.bucket, request.key, request.upload);
        auto found = TRY(transaction.get_for_update(at));
        if (!found) {
            if (auto before = TRY(completed_before(transaction, request))) return std::move(*before);
            return Error::refusal(Refusal::upload_missing);
        }
        auto upload = record::upload(*found, request.key, request.upload);
        auto parts = TRY(chosen_parts(transaction, request, upload, after));
        auto previous = TRY(current_for_change(transaction, request.bucket, request.key));
        TRY(check_write(request.conditions, previous));
        Object made{.key = request.key,
                    .etag = joined_etag(parts),
                    .owner = bucket.account,
                    .attributes = upload.attributes,
                    .checksum = joined_checksum(upload, parts),
                    .parts = std::move(parts),
                    .upload_id = upload.id};
        for (const auto& part : made.parts)
            made.size += part.size;
        TRY(check_whole(request, made));
        made = stamped(std::move(made), previous, bucket);
        TRY(make_current(transaction, bucket, previous, made, after));
        TRY(transaction.erase(at));
        TRY(tell(transaction, "ObjectCreated:CompleteMultipartUpload", bucket, made, request.actor));
        return made;
    }));
    discard(after.unreferenced);
    return object;
}

Result<void> Store::abort(const std::string& bucket_name, const std::string& key, const std::string& id) {
    std::vector<store::BlobId> unreferenced;
    TRY(records_.commit([&](store::Transaction& transaction) -> Result<void> {
        unreferenced.clear();
        TRY(bucket_for_change(transaction, bucket_name));
        auto at = record::upload_key(bucket_name, key, id);
        if (!TRY(transaction.get_for_update(at))) return Error::refusal(Refusal::upload_missing);
        for (const auto& row : TRY(transaction.scan(all_parts(id)))) {
            auto part = record::part(row.value, 0);
            TRY(transaction.erase(record::blob_key(part.blob)));
            TRY(transaction.erase(row.key));
            unreferenced.push_back(part.blob);
        }
        return transaction.erase(at);
    }));
    discard(unreferenced);
    return {};
}

Result<PartListing> Store::list_parts(const std::string& bucket, const std::string& key,
                                      const std::string& id, std::uint32_t after, std::size_t limit) const {
    auto found = TRY(multipart(bucket, key, id));
    PartListing out{.upload = std::move(found), .parts = {}};
    auto range = record::parts().text(id).range();
    range.from = record::part_key(id, after + 1);
    range.limit = limit + 1;
    for (const auto& row : TRY(records_.scan(range))) {
        if (out.parts.size() == limit) {
            out.truncated = true;
            break;
        }
        store::KeyReader reader(row.key);
        reader.text();
        reader.text();
        auto number = static_cast<std::uint32_t>(reader.number());
        out.parts.push_back(record::part(row.value, number));
    }
    return out;
}

}  // namespace objects
