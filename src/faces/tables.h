// Where this room's records are kept. Those of one collection stand under its incarnation, so that they can
// be removed together (docs/formats/faces.md).
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "faces/names.h"
#include "faces/record.h"
#include "search/segment.h"
#include "store/records.h"

namespace faces {

inline constexpr std::string_view kCollectionTable = "faces.collection";
inline constexpr std::string_view kFaceTable = "faces.face";           // by FaceId
inline constexpr std::string_view kUserTable = "faces.user";           // by number, in order of creation
inline constexpr std::string_view kUserNameTable = "faces.user_name";  // UserId to number
inline constexpr std::string_view kRequestTokenTable = "faces.request_token";  // by day: request_tokens.h
inline constexpr std::string_view kCorrectionTable = "faces.correction";  // by number, in order of making
inline constexpr std::string_view kCorrectionAboutTable = "faces.correction_about";  // by person, and by face
inline constexpr std::string_view kCropTable = "faces.crop";                         // by FaceId: crop.h
inline constexpr std::string_view kAliasTable = "faces.alias";              // FaceRecord::alias to FaceId
inline constexpr std::string_view kUnmovedTable = "faces.unmoved";          // by FaceId: reembedding.h
inline constexpr std::string_view kReembeddingTable = "faces.reembedding";  // one of a collection

// What a collection leaves behind when its own record is gone. Request tokens go by themselves.
inline constexpr std::array kTablesOfACollection = {
    kFaceTable, kUserTable,  kUserNameTable, kCorrectionTable, kCorrectionAboutTable,
    kCropTable, kAliasTable, kUnmovedTable,  kReembeddingTable};

store::KeyBuilder tenant_key(const Tenant& tenant);
std::string collection_key(const CollectionKey& key);
CollectionName name_in(std::string_view collection_key);

// In the tables whose records have 16 bytes as their name, in ascending order of these.
std::string record_key(std::string_view table, Incarnation incarnation, const search::Key& name);
search::Key name_of_record_key(std::string_view record_key);
// A name that is a record's value.
search::Key name_in_value(std::string_view value);

std::string reembedding_key(Incarnation incarnation);
std::string user_name_key(Incarnation incarnation, const UserId& user);

// Of what corrections are about, followed by their 16 bytes; without these it names all of them.
store::KeyBuilder correction_about_key(Incarnation incarnation, const PersonId& person);
store::KeyBuilder correction_about_key(Incarnation incarnation, const FaceId& face);
store::KeyBuilder& add_name(store::KeyBuilder& key, const search::Key& name);

// The name of what is made after the last row of a table, whose names then stand in the order of their
// making: the next number and 8 bytes of chance, which tell apart what is made at the same time.
search::Key next_name(const std::vector<store::Row>& last, base::ByteView chance);
store::Range last_of(std::string_view table, Incarnation incarnation);
inline constexpr std::size_t kChanceBytes = 8;

// All records of a collection in one table, and of all collections.
store::Range records_of(std::string_view table, Incarnation incarnation);
store::Range records_of_all(std::string_view table);
Incarnation incarnation_of_record_key(std::string_view record_key);

// The smallest key after `key`.
std::string after(std::string key);

}  // namespace faces
