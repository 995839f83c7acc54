// A schema as a record: an item, in the format of items, so that there is one format to read and to keep.
#include "tables/record.h"
#include "tables/schema.h"

namespace tables {

namespace {

Value text(std::string_view value) {
    return Value::of(value);
}
Value number(std::int64_t value) {
    return Value::of(value);
}

Value parts_value(const std::vector<KeyPart>& parts) {
    List list;
    for (const auto& part : parts)
        list.emplace_back(Map{{"attribute", text(part.attribute)}, {"type", text(type_name(part.type))}});
    return Value(std::move(list));
}

Value key_value(const KeySchema& key) {
    return Value(Map{{"partition", parts_value(key.partition)}, {"sort", parts_value(key.sort)}});
}

Value throughput_value(const Throughput& throughput) {
    return Value(Map{{"read", number(throughput.read)}, {"write", number(throughput.write)}});
}

Value index_value(const Index& index) {
    List included;
    for (const auto& name : index.included)
        included.push_back(text(name));
    return Value(Map{{"id", text(index.id)},
                     {"name", text(index.name)},
                     {"local", Value(index.local)},
                     {"key", key_value(index.key)},
                     {"projected", number(static_cast<int>(index.projected))},
                     {"included", Value(std::move(included))},
                     {"throughput", throughput_value(index.throughput)},
                     {"status", number(static_cast<int>(index.status))}});
}

Value time_value(base::Time time) {
    return number(time.time_since_epoch().count());
}

// Reads members of a map. What is missing or of another type is remembered, and told once at the end.
class Members {
public:
    Members(const Map& map, bool& whole) : map_(map), whole_(whole) {}

    std::string text(std::string_view name) const { return get<std::string>(name); }
    bool boolean(std::string_view name) const { return get<bool>(name); }
    std::int64_t number(std::string_view name) const {
        auto digits = get<Number>(name).text();
        return std::strtoll(digits.c_str(), nullptr, 10);
    }
    base::Time time(std::string_view name) const { return base::Time{base::Duration{number(name)}}; }
    Map map(std::string_view name) const { return get<Map>(name); }
    List list(std::string_view name) const { return get<List>(name); }
    Members in(const Map& map) const { return Members(map, whole_); }

    std::vector<KeyPart> parts(std::string_view name) const {
        std::vector<KeyPart> out;
        for (const auto& value : list(name)) {
            const auto* part = value.get_if<Map>();
            auto type = part ? type_from_name(in(*part).text("type")) : std::nullopt;
            if (!type) {
                whole_ = false;
                continue;
            }
            out.push_back({in(*part).text("attribute"), *type});
        }
        return out;
    }
    KeySchema key(std::string_view name) const {
        auto map = this->map(name);
        return {in(map).parts("partition"), in(map).parts("sort")};
    }
    Throughput throughput(std::string_view name) const {
        auto map = this->map(name);
        return {in(map).number("read"), in(map).number("write")};
    }

private:
    template <class Kind>
    Kind get(std::string_view name) const {
        auto found = map_.find(name);
        const auto* kind = found == map_.end() ? nullptr : found->second.get_if<Kind>();
        if (kind) return *kind;
        whole_ = false;
        return Kind{};
    }

    const Map& map_;
    bool& whole_;
};

Index read_index(const Members& members) {
    Index index;
    index.id = members.text("id");
    index.name = members.text("name");
    index.local = members.boolean("local");
    index.key = members.key("key");
    index.projected = static_cast<Projected>(members.number("projected"));
    for (const auto& name : members.list("included"))
        if (const auto* text = name.get_if<std::string>()) index.included.push_back(*text);
    index.throughput = members.throughput("throughput");
    index.status = static_cast<Index::Status>(members.number("status"));
    return index;
}

}  // namespace

std::string encode(const Schema& schema) {
    Map tags;
    for (const auto& [key, value] : schema.tags)
        tags.emplace(key, text(value));
    List indexes;
    for (const auto& index : schema.indexes)
        indexes.push_back(index_value(index));
    return encode(Item{{"account", text(schema.name.account)},
                       {"region", text(schema.name.region)},
                       {"name", text(schema.name.name)},
                       {"id", text(schema.id)},
                       {"created", time_value(schema.created)},
                       {"attributes", parts_value(schema.attributes)},
                       {"key", key_value(schema.key)},
                       {"indexes", Value(std::move(indexes))},
                       {"per_request", Value(schema.billing == Billing::per_request)},
                       {"per_request_since", time_value(schema.per_request_since)},
                       {"throughput", throughput_value(schema.throughput)},
                       {"deletion_protection", Value(schema.deletion_protection)},
                       {"table_class", text(schema.table_class)},
                       {"tags", Value(std::move(tags))},
                       {"expiry_attribute", text(schema.expiry_attribute)},
                       {"expiry_changed", time_value(schema.expiry_changed)}});
}

Result<Schema> decode_schema(std::string_view record) {
    auto item = TRY(decode(record));
    bool whole = true;
    Members members(item, whole);
    Schema schema;
    schema.name = {members.text("account"), members.text("region"), members.text("name")};
    schema.id = members.text("id");
    schema.created = members.time("created");
    schema.attributes = members.parts("attributes");
    schema.key = members.key("key");
    for (const auto& value : members.list("indexes"))
        if (const auto* index = value.get_if<Map>()) schema.indexes.push_back(read_index(members.in(*index)));
    schema.billing = members.boolean("per_request") ? Billing::per_request : Billing::provisioned;
    schema.per_request_since = members.time("per_request_since");
    schema.throughput = members.throughput("throughput");
    schema.deletion_protection = members.boolean("deletion_protection");
    schema.table_class = members.text("table_class");
    for (const auto& [key, value] : members.map("tags"))
        if (const auto* text = value.get_if<std::string>()) schema.tags.emplace(key, *text);
    schema.expiry_attribute = members.text("expiry_attribute");
    schema.expiry_changed = members.time("expiry_changed");
    if (!whole) return Error::failure("tables: a schema's record is malformed");
    return schema;
}

}  // namespace tables
