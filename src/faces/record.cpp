#include "faces/record.h"

#include <fmt/format.h>

#include "faces/codec.h"

namespace faces {
namespace {

constexpr std::uint8_t kCollectionVersion = 2;
constexpr std::uint8_t kFaceVersion = 3;
constexpr std::uint8_t kUserVersion = 3;
constexpr std::uint8_t kCorrectionVersion = 3;

// Older versions are still read: version 1 holds one embedding, version 2 does not say how far embeddings can
// be relied on, and what came later is absent.
bool is_known(std::uint8_t version, std::uint8_t newest) {
    return version >= 1 && version <= newest;
}

void write_embedding(Writer& writer, const vision::Embedding& embedding) {
    writer.text(embedding.model.str()).floats(embedding.values);
    writer.number(static_cast<std::uint8_t>(embedding.reliability.has_value()));
    if (embedding.reliability) writer.number(*embedding.reliability);
}

vision::Embedding read_embedding(Reader& reader, std::uint8_t version) {
    vision::Embedding embedding;
    embedding.model = vision::ModelId(reader.text());
    embedding.values = reader.floats();
    if (version > 2 && reader.number<std::uint8_t>() != 0) embedding.reliability = reader.number<float>();
    return embedding;
}

template <class Record>
void write_embeddings(Writer& writer, const Record& record) {
    const bool own = !record.embedding.values.empty();
    writer.number(static_cast<std::uint8_t>(record.others.size() + own));
    if (own) write_embedding(writer, record.embedding);
    for (const auto& other : record.others)
        write_embedding(writer, other);
}

template <class Record>
void read_embeddings(Reader& reader, std::uint8_t version, const vision::ModelId& model, Record& record) {
    for (auto left = version == 1 ? std::uint8_t{1} : reader.number<std::uint8_t>(); left > 0; --left) {
        auto embedding = read_embedding(reader, version);
        if (embedding.values.empty()) continue;
        if (embedding.model == model)
            record.embedding = std::move(embedding);
        else
            record.others.push_back(std::move(embedding));
    }
}

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
    writer.number(static_cast<std::uint8_t>(record.next.has_value()));
    if (record.next) writer.text(record.next->model.str()).number(record.next->dimensions);
    return writer.take();
}

Result<CollectionRecord> decode_collection(std::string_view bytes) {
    Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    if (!is_known(version, kCollectionVersion))
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
    if (version > 1 && reader.number<std::uint8_t>() != 0) {
        NextModel next;
        next.model = vision::ModelId(reader.text());
        next.dimensions = reader.number<std::uint32_t>();
        record.next = std::move(next);
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
    writer.text(record.picture_digest).optional_text(record.original);
    writer.number(static_cast<std::uint8_t>(record.alias.has_value()));
    if (record.alias) writer.key(*record.alias);
    write_embeddings(writer, record);
    return writer.take();
}

Result<FaceRecord> decode_face(std::string_view bytes, const vision::ModelId& model) {
    Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    if (!is_known(version, kFaceVersion))
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
    if (version > 1) {
        record.picture_digest = reader.text();
        record.original = reader.optional_text();
        if (reader.number<std::uint8_t>() != 0) record.alias = reader.key();
    }
    read_embeddings(reader, version, model, record);
    if (!reader.whole()) return Error::failure("a face's record is malformed");
    return record;
}

std::string encode(const UserRecord& record) {
    Writer writer;
    writer.number(kUserVersion).text(record.id.str()).time(record.created);
    writer.number(static_cast<std::uint16_t>(record.faces.size()));
    for (const auto& face : record.faces)
        writer.key(face);
    write_embeddings(writer, record);
    return writer.take();
}

Result<UserRecord> decode_user(std::string_view bytes, const vision::ModelId& model) {
    Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    if (!is_known(version, kUserVersion))
        return Error::failure(fmt::format("a user's record has the unknown version {}", version));
    UserRecord record;
    record.id = UserId(reader.text());
    record.created = reader.time();
    for (auto faces = reader.number<std::uint16_t>(); faces > 0; --faces)
        record.faces.push_back(reader.key());
    read_embeddings(reader, version, model, record);
    if (!reader.whole()) return Error::failure("a user's record is malformed");
    return record;
}

std::string encode(const Correction& correction) {
    Writer writer;
    writer.number(kCorrectionVersion).text(correction.id.str());
    writer.number(static_cast<std::uint8_t>(correction.verdict));
    writer.number(static_cast<std::uint8_t>(correction.person.kind)).text(correction.person.name);
    writer.text(correction.face.str()).time(correction.made);
    write_embeddings(writer, correction);
    return writer.take();
}

Result<Correction> decode_correction(std::string_view bytes, const vision::ModelId& model) {
    Reader reader(bytes);
    const auto version = reader.number<std::uint8_t>();
    if (!is_known(version, kCorrectionVersion))
        return Error::failure(fmt::format("a correction's record has the unknown version {}", version));
    Correction correction;
    correction.id = CorrectionId(reader.text());
    const auto verdict = reader.number<std::uint8_t>(), kind = reader.number<std::uint8_t>();
    correction.verdict = static_cast<Verdict>(verdict);
    correction.person.kind = static_cast<PersonId::Kind>(kind);
    correction.person.name = reader.text();
    correction.face = FaceId(reader.text());
    correction.made = reader.time();
    read_embeddings(reader, version, model, correction);
    if (!reader.whole() || verdict > 1 || kind > 1)
        return Error::failure("a correction's record is malformed");
    return correction;
}

}  // namespace faces
