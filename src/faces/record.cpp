#include "faces/record.h"

#include <fmt/format.h>

#include "faces/codec.h"

namespace faces {
namespace {

constexpr std::uint8_t kCollectionVersion = 1;
constexpr std::uint8_t kFaceVersion = 1;
constexpr std::uint8_t kUserVersion = 1;
constexpr std::uint8_t kCorrectionVersion = 1;

}  // namespace

std::string encode(const CollectionRecord& record) {
    Writer writer;
    writer.number(kCollectionVersion)
        .number(record.incarnation)
        .text(record.model.str())
        .number(record.dimensions)
        .time(record.created)
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
    record.created = reader.time();
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
    writer.time(record.indexed);
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
    record.indexed = reader.time();
    record.external_image_id = reader.optional_text();
    record.user = reader.optional_text();
    record.embedding.model = vision::ModelId(reader.text());
    record.embedding.values = reader.floats();
    if (!reader.whole()) return Error::failure("a face's record is malformed");
    return record;
}

std::string encode(const UserRecord& record) {
    Writer writer;
    writer.number(kUserVersion).text(record.id.str()).time(record.created);
    writer.number(static_cast<std::uint16_t>(record.faces.size()));
    for (const auto& face : record.faces)
        writer.key(face);
    writer.text(record.embedding.model.str()).floats(record.embedding.values);
    return writer.take();
}

Result<UserRecord> decode_user(std::string_view bytes) {
    Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    if (version != kUserVersion)
        return Error::failure(fmt::format("a user's record has the unknown version {}", version));
    UserRecord record;
    record.id = UserId(reader.text());
    record.created = reader.time();
    for (auto faces = reader.number<std::uint16_t>(); faces > 0; --faces)
        record.faces.push_back(reader.key());
    record.embedding.model = vision::ModelId(reader.text());
    record.embedding.values = reader.floats();
    if (!reader.whole()) return Error::failure("a user's record is malformed");
    return record;
}

std::string encode(const Correction& correction) {
    Writer writer;
    writer.number(kCorrectionVersion).text(correction.id.str());
    writer.number(static_cast<std::uint8_t>(correction.verdict));
    writer.number(static_cast<std::uint8_t>(correction.person.kind)).text(correction.person.name);
    writer.text(correction.face.str()).time(correction.made);
    writer.text(correction.embedding.model.str()).floats(correction.embedding.values);
    return writer.take();
}

Result<Correction> decode_correction(std::string_view bytes) {
    Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    if (version != kCorrectionVersion)
        return Error::failure(fmt::format("a correction's record has the unknown version {}", version));
    Correction correction;
    correction.id = CorrectionId(reader.text());
    const auto verdict = reader.number<std::uint8_t>(), kind = reader.number<std::uint8_t>();
    correction.verdict = static_cast<Verdict>(verdict);
    correction.person.kind = static_cast<PersonId::Kind>(kind);
    correction.person.name = reader.text();
    correction.face = FaceId(reader.text());
    correction.made = reader.time();
    correction.embedding.model = vision::ModelId(reader.text());
    correction.embedding.values = reader.floats();
    if (!reader.whole() || verdict > 1 || kind > 1)
        return Error::failure("a correction's record is malformed");
    return correction;
}

}  // namespace faces
