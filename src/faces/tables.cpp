#include "faces/tables.h"

#include <algorithm>

namespace faces {
namespace {

std::uint64_t half(const search::Key& key, std::size_t from) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i)
        number = number << 8 | key.bytes[from + i];
    return number;
}

}  // namespace

store::KeyBuilder tenant_key(const Tenant& tenant) {
    return store::KeyBuilder(kCollectionTable).text(tenant.account).text(tenant.region);
}

std::string collection_key(const CollectionKey& key) {
    return tenant_key(key.tenant).text(key.name.str()).str();
}

CollectionName name_in(std::string_view collection_key) {
    store::KeyReader reader(collection_key);
    for (int part = 0; part < 3; ++part)
        reader.text();
    return CollectionName(reader.text());
}

std::string record_key(std::string_view table, Incarnation incarnation, const search::Key& name) {
    auto key = store::KeyBuilder(table).number(incarnation);
    return add_name(key, name).str();
}

search::Key name_of_record_key(std::string_view record_key) {
    search::Key name;
    INVARIANT(record_key.size() > name.bytes.size());
    record_key.remove_prefix(record_key.size() - name.bytes.size());
    std::copy(record_key.begin(), record_key.end(), name.bytes.begin());
    return name;
}

search::Key name_in_value(std::string_view value) {
    search::Key name;
    INVARIANT(value.size() == name.bytes.size());
    std::copy(value.begin(), value.end(), name.bytes.begin());
    return name;
}

std::string reembedding_key(Incarnation incarnation) {
    return store::KeyBuilder(kReembeddingTable).number(incarnation).str();
}

std::string user_name_key(Incarnation incarnation, const UserId& user) {
    return store::KeyBuilder(kUserNameTable).number(incarnation).text(user.str()).str();
}

store::KeyBuilder correction_about_key(Incarnation incarnation, const PersonId& person) {
    const bool user = person.kind == PersonId::Kind::user;
    return store::KeyBuilder(kCorrectionAboutTable)
        .number(incarnation)
        .text(user ? "user" : "external_image_id")
        .text(person.name);
}

store::KeyBuilder correction_about_key(Incarnation incarnation, const FaceId& face) {
    return store::KeyBuilder(kCorrectionAboutTable).number(incarnation).text("face").text(face.str());
}

store::KeyBuilder& add_name(store::KeyBuilder& key, const search::Key& name) {
    return key.number(half(name, 0)).number(half(name, 8));
}

search::Key next_name(const std::vector<store::Row>& last, base::ByteView chance) {
    INVARIANT(chance.size() == kChanceBytes);
    std::uint64_t number = (last.empty() ? 0 : half(name_of_record_key(last.front().key), 0)) + 1;
    search::Key out;
    for (std::size_t i = 8; i-- > 0; number >>= 8)
        out.bytes[i] = static_cast<std::uint8_t>(number);
    std::copy(chance.begin(), chance.end(), out.bytes.begin() + 8);
    return out;
}

store::Range last_of(std::string_view table, Incarnation incarnation) {
    auto range = records_of(table, incarnation);
    range.reverse = true;
    range.limit = 1;
    return range;
}

store::Range records_of(std::string_view table, Incarnation incarnation) {
    return store::KeyBuilder(table).number(incarnation).range();
}

store::Range records_of_all(std::string_view table) {
    return store::KeyBuilder(table).range();
}

Incarnation incarnation_of_record_key(std::string_view record_key) {
    store::KeyReader reader(record_key);
    reader.text();
    return reader.number();
}

std::string after(std::string key) {
    return std::move(key) + '\0';
}

}  // namespace faces
