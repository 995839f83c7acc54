#include "faces/record.h"

#include <bit>
#include <cstring>
#include <fmt/format.h>

namespace faces {
namespace {

static_assert(std::endian::native == std::endian::little, "records are little-endian");

constexpr std::uint8_t kCollectionVersion = 1;
constexpr std::uint8_t kFaceVersion = 1;

class Writer {
public:
    template <class Number>
    requires std::is_arithmetic_v<Number> Writer& number(Number value) {
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
        return *this;
    }
    Writer& text(std::string_view value) {
        INVARIANT(value.size() <= 0xffff);
        number(static_cast<std::uint16_t>(value.size()));
        bytes_ += value;
        return *this;
    }
    Writer& optional_text(const std::optional<std::string>& value) {
        number(static_cast<std::uint8_t>(value.has_value()));
        return value ? text(*value) : *this;
    }
    Writer& floats(const std::vector<float>& values) {
        number(static_cast<std::uint16_t>(values.size()));
        bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
        return *this;
    }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

// After the first read past the end everything reads as zero or empty, and whole() is false.
class Reader {
public:
    explicit Reader(std::string_view bytes) : left_(bytes) {}

    template <class Number>
    requires std::is_arithmetic_v<Number> Number number() {
        Number value{};
        const auto bytes = take(sizeof value);
        if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }
    std::string text() { return std::string(take(number<std::uint16_t>())); }
    std::optional<std::string> optional_text() {
        if (number<std::uint8_t>() == 0) return std::nullopt;
        return text();
    }
    std::vector<float> floats() {
        const auto bytes = take(number<std::uint16_t>() * sizeof(float));
        std::vector<float> values(bytes.size() / sizeof(float));
        if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
        return values;
    }
    bool whole() const { return !short_ && left_.empty(); }

private:
    std::string_view take(std::size_t count) {
        short_ = short_ || count > left_.size();
        if (short_) return {};
        const auto taken = left_.substr(0, count);
        left_.remove_prefix(count);
        return taken;
    }

    std::string_view left_;
    bool short_ = false;
};

base::Time time_of(std::int64_t milliseconds) {
    return base::Time{base::Duration{milliseconds}};
}

}  // namespace

std::string encode(const CollectionRecord& record) {
    Writer writer;
    writer.number(kCollectionVersion)
        .number(record.incarnation)
        .text(record.model.str())
        .number(record.dimensions)
        .number(std::int64_t{record.created.time_since_epoch().count()})
        .number(static_cast<std::uint16_t>(record.tags.size()));
    for (const auto& [name, value] : record.tags)
        writer.text(name).text(value);
    return writer.take();
}

Result<CollectionRecord> decode_collection(std::string_view bytes) {
    Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    if (version != kCollectionVersion)
        return Error::failure(fmt::format("a collection's record has the unknown version {}", version));
    CollectionRecord record;
    record.incarnation = reader.number<Incarnation>();
    record.model = vision::ModelId(reader.text());
    record.dimensions = reader.number<std::uint32_t>();
    record.created = time_of(reader.number<std::int64_t>());
    for (auto tags = reader.number<std::uint16_t>(); tags > 0; --tags) {
        auto name = reader.text();
        record.tags[std::move(name)] = reader.text();
    }
    if (!reader.whole()) return Error::failure("a collection's record is malformed");
    return record;
}

std::string encode(const FaceRecord& record) {
    Writer writer;
    writer.number(kFaceVersion).text(record.image.str());
    writer.number(record.box.left).number(record.box.top).number(record.box.width).number(record.box.height);
    writer.number(record.confidence).number(record.quality.brightness).number(record.quality.sharpness);
    writer.number(std::int64_t{record.indexed.time_since_epoch().count()});
    writer.optional_text(record.external_image_id).optional_text(record.user);
    writer.text(record.embedding.model.str()).floats(record.embedding.values);
    return writer.take();
}

Result<FaceRecord> decode_face(std::string_view bytes) {
    Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    if (version != kFaceVersion)
        return Error::failure(fmt::format("a face's record has the unknown version {}", version));
    FaceRecord record;
    record.image = ImageId(reader.text());
    for (float* ratio : {&record.box.left, &record.box.top, &record.box.width, &record.box.height})
        *ratio = reader.number<float>();
    record.confidence = reader.number<float>();
    record.quality.brightness = reader.number<float>();
    record.quality.sharpness = reader.number<float>();
    record.indexed = time_of(reader.number<std::int64_t>());
    record.external_image_id = reader.optional_text();
    record.user = reader.optional_text();
    record.embedding.model = vision::ModelId(reader.text());
    record.embedding.values = reader.floats();
    if (!reader.whole()) return Error::failure("a face's record is malformed");
    return record;
}

}  // namespace faces
