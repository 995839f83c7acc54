#include "functions/store.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <fmt/format.h>

#include "base/digest.h"
#include "base/id.h"
#include "base/log.h"
#include "functions/package.h"
#include "functions/record.h"

namespace functions {

namespace json = boost::json;

namespace {

using store::KeyBuilder;

KeyBuilder key_of(std::string_view table, const FunctionId& id) {
    return std::move(KeyBuilder(table).text(id.account).text(id.region).text(id.name));
}
std::string function_key(const FunctionId& id) {
    return key_of("functions.function", id).str();
}
std::string version_key(const FunctionId& id, std::uint64_t version) {
    return key_of("functions.version", id).number(version).str();
}
std::string alias_key(const FunctionId& id, const std::string& name) {
    return key_of("functions.alias", id).text(name).str();
}
// Says that this room uses the blob.
std::string blob_key(const store::BlobId& blob) {
    return KeyBuilder("functions.blob").text(blob.str()).str();
}

Error missing(const FunctionId& id, const std::string& qualifier = {}) {
    auto arn = qualifier.empty() ? id.arn() : id.arn() + ":" + qualifier;
    return Error::refusal(Refusal::function_missing, "Function not found: " + arn);
}
Error revision_changed() {
    return Error::refusal(Refusal::revision_changed,
                          "The Revision Id provided does not match the latest Revision Id. Call the "
                          "GetFunction/GetAlias API to retrieve the latest Revision Id");
}

std::optional<std::uint64_t> version_number(std::string_view text) {
    std::uint64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || text.starts_with('0'))
        return std::nullopt;
    return number;
}

Result<void> check_environment(const Config& config) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : config.environment)
        bytes += name.size() + value.size();
    if (bytes <= kEnvironmentBytesMax) return {};
    return Error::refusal(Refusal::invalid_parameter,
                          "Lambda was unable to configure your environment variables because the environment "
                          "variables you have provided exceeded the 4KB limit.");
}

}  // namespace

// All that changes together with a function.
struct Store::Record {
    struct Statements {
        std::string revision_id;
        std::map<std::string, json::object> by_sid;
    };

    Function latest;
    Tags tags;
    std::optional<int> reserved_concurrency;
    std::uint64_t next_version = 1;
    std::map<std::string, Statements> policies;  // by qualifier

    std::string encode() const {
        json::object of_qualifier;
        for (const auto& [qualifier, policy] : policies) {
            json::object statements;
            for (const auto& [sid, statement] : policy.by_sid)
                statements[sid] = statement;
            of_qualifier[qualifier] = {{"revision", policy.revision_id},
                                       {"statements", std::move(statements)}};
        }
        json::object out = {{"latest", to_record(latest)},
                            {"tags", json::value_from(tags)},
                            {"next_version", static_cast<std::int64_t>(next_version)},
                            {"policies", std::move(of_qualifier)}};
        if (reserved_concurrency) out["reserved_concurrency"] = *reserved_concurrency;
        return write_record(std::move(out));
    }

    static Result<Record> decode(const FunctionId& id, std::string_view bytes) {
        auto record = TRY(read_record(bytes));
        const auto* latest = record.if_contains("latest");
        const auto* policies = record.if_contains("policies");
        if (!latest || !latest->is_object() || !policies || !policies->is_object())
            return Error::failure("functions: a record lacks a part");
        Record out;
        out.latest = TRY(to_function(id, latest->get_object()));
        out.tags = TRY(map_of(record, "tags"));
        out.next_version = static_cast<std::uint64_t>(TRY(number_of(record, "next_version")));
        if (record.contains("reserved_concurrency"))
            out.reserved_concurrency = static_cast<int>(TRY(number_of(record, "reserved_concurrency")));
        for (const auto& [qualifier, value] : policies->get_object()) {
            if (!value.is_object()) return Error::failure("functions: a policy is not an object");
            auto revision = TRY(text_of(value.get_object(), "revision"));
            Statements policy{.revision_id = std::move(revision), .by_sid = {}};
            const auto* statements = value.get_object().if_contains("statements");
            if (statements && statements->is_object())
                for (const auto& [sid, statement] : statements->get_object())
                    if (statement.is_object()) policy.by_sid.emplace(sid, statement.get_object());
            out.policies.emplace(qualifier, std::move(policy));
        }
        return out;
    }
};

Result<Code> Store::keep_code(base::ByteView zip) {
    if (zip.size() > kZipBytesMax)
        return Error::refusal(
            Refusal::payload_too_large,
            fmt::format("Request must be smaller than {} bytes for the CreateFunction operation",
                        kZipBytesMax));
    TRY(check_package(zip));
    auto writer = TRY(blobs_.create());
    TRY(writer->write(zip));
    auto blob = TRY(writer->commit());
    return Code{.blob = std::move(blob),
                .size = zip.size(),
                .sha256_base64 = base::base64(base::digest(base::DigestKind::sha256, zip))};
}

Function Store::revised(Function function) const {
    function.revision_id = base::uuid_random(random_);
    function.last_modified = clock_.now();
    return function;
}

Result<Function> Store::create(const FunctionId& id, const Config& config, base::ByteView zip,
                               const Tags& tags) {
    TRY(check_environment(config));
    auto exists = Error::refusal(Refusal::function_exists, "Function already exist: " + id.name);
    if (TRY(records_.get(function_key(id)))) return exists;
    Record record;
    auto code = TRY(keep_code(zip));
    record.latest = revised({.id = id, .config = config, .code = std::move(code)});
    record.tags = tags;
    auto done = records_.commit([&](store::Transaction& transaction) -> Result<void> {
        if (TRY(transaction.get_for_update(function_key(id)))) return exists;
        TRY(transaction.put(blob_key(record.latest.code.blob), ""));
        return transaction.put(function_key(id), record.encode());
    });
    if (!done.ok()) {
        blobs_.remove(record.latest.code.blob).ok();
        return std::move(done).error();
    }
    return record.latest;
}

Result<Store::Record> Store::read(const FunctionId& id) const {
    auto found = TRY(records_.get(function_key(id)));
    if (!found) return missing(id);
    return Record::decode(id, *found);
}

Result<void> Store::change(const FunctionId& id, const RecordChange& change) {
    return records_.commit([&](store::Transaction& transaction) -> Result<void> {
        auto found = TRY(transaction.get_for_update(function_key(id)));
        if (!found) return missing(id);
        auto record = TRY(Record::decode(id, *found));
        TRY(change(transaction, record));
        return transaction.put(function_key(id), record.encode());
    });
}

Result<Function> Store::version(const FunctionId& id, const std::string& version) const {
    auto number = version_number(version);
    if (!number) return missing(id, version);
    auto found = TRY(records_.get(version_key(id, *number)));
    if (!found) return missing(id, version);
    return to_function(id, TRY(read_record(*found)));
}

Result<Function> Store::get(const FunctionId& id, const std::string& qualifier) const {
    auto latest = TRY(read(id)).latest;
    if (qualifier.empty() || qualifier == kLatest) return latest;
    if (version_number(qualifier)) return version(id, qualifier);
    auto found = TRY(records_.get(alias_key(id, qualifier)));
    if (!found) return missing(id, qualifier);
    auto target = TRY(to_alias(TRY(read_record(*found)))).version;
    if (target == kLatest) return latest;
    return version(id, target);
}

Result<Page<Function>> Store::list(const std::string& account, const std::string& region,
                                   const std::string& from, std::size_t limit) const {
    auto range = KeyBuilder("functions.function").text(account).text(region).range();
    if (!from.empty()) range.from = std::max(range.from, function_key({account, region, from}));
    range.limit = limit + 1;
    Page<Function> page;
    for (const auto& row : TRY(records_.scan(range))) {
        store::KeyReader key(row.key);
        FunctionId id;
        key.text();
        id.account = key.text();
        id.region = key.text();
        id.name = key.text();
        if (page.items.size() == limit) {
            page.next = id.name;
            break;
        }
        page.items.push_back(TRY(Record::decode(id, row.value)).latest);
    }
    return page;
}

Result<Function> Store::update_code(const FunctionId& id, base::ByteView zip, const std::string& revision) {
    TRY(read(id));
    auto code = TRY(keep_code(zip));
    Function updated;
    store::BlobId old;
    auto done = change(id, [&](store::Transaction& transaction, Record& record) -> Result<void> {
        if (!revision.empty() && revision != record.latest.revision_id) return revision_changed();
        old = record.latest.code.blob;
        record.latest.code = code;
        record.latest = revised(record.latest);
        updated = record.latest;
        return transaction.put(blob_key(code.blob), "");
    });
    if (!done.ok()) {
        blobs_.remove(code.blob).ok();
        return std::move(done).error();
    }
    drop_unused(id, old);
    return updated;
}

Result<Function> Store::update_config(const FunctionId& id, const ConfigChange& change_config,
                                      const std::string& revision) {
    Function updated;
    TRY(change(id, [&](store::Transaction&, Record& record) -> Result<void> {
        if (!revision.empty() && revision != record.latest.revision_id) return revision_changed();
        TRY(change_config(record.latest.config));
        TRY(check_environment(record.latest.config));
        record.latest = revised(record.latest);
        updated = record.latest;
        return {};
    }));
    return updated;
}

Result<void> Store::remove(const FunctionId& id) {
    std::vector<store::BlobId> blobs;
    TRY(records_.commit([&](store::Transaction& transaction) -> Result<void> {
        blobs.clear();
        auto found = TRY(transaction.get_for_update(function_key(id)));
        if (!found) return missing(id);
        blobs.push_back(TRY(Record::decode(id, *found)).latest.code.blob);
        for (const auto& row : TRY(transaction.scan(key_of("functions.version", id).range()))) {
            blobs.push_back(TRY(to_function(id, TRY(read_record(row.value)))).code.blob);
            TRY(transaction.erase(row.key));
        }
        for (const auto& row : TRY(transaction.scan(key_of("functions.alias", id).range())))
            TRY(transaction.erase(row.key));
        return transaction.erase(function_key(id));
    }));
    for (const auto& blob : blobs)
        drop_unused(id, blob);
    return {};
}

Result<void> Store::remove_version(const FunctionId& id, const std::string& version) {
    auto number = version_number(version);
    if (!number)
        return Error::refusal(Refusal::invalid_parameter,
                              "$LATEST version cannot be deleted without deleting the function.");
    store::BlobId blob;
    TRY(change(id, [&](store::Transaction& transaction, Record& record) -> Result<void> {
        auto found = TRY(transaction.get_for_update(version_key(id, *number)));
        if (!found) return missing(id, version);
        for (const auto& row : TRY(transaction.scan(key_of("functions.alias", id).range())))
            if (TRY(to_alias(TRY(read_record(row.value)))).version == version)
                return Error::refusal(
                    Refusal::function_exists,
                    fmt::format("Unable to delete version because the following aliases reference "
                                "it: [{}]",
                                TRY(to_alias(TRY(read_record(row.value)))).name));
        blob = TRY(to_function(id, TRY(read_record(*found)))).code.blob;
        record.policies.erase(version);
        return transaction.erase(version_key(id, *number));
    }));
    drop_unused(id, blob);
    return {};
}

// A blob that stays behind is only space; it is found by the next sweep.
void Store::drop_unused(const FunctionId& id, const store::BlobId& blob) {
    auto unused = records_.transact([&](store::Transaction& transaction) -> Result<bool> {
        if (auto found = TRY(transaction.get_for_update(function_key(id)))) {
            if (TRY(Record::decode(id, *found)).latest.code.blob == blob) return false;
            for (const auto& row : TRY(transaction.scan(key_of("functions.version", id).range())))
                if (TRY(to_function(id, TRY(read_record(row.value)))).code.blob == blob) return false;
        }
        TRY(transaction.erase(blob_key(blob)));
        return true;
    });
    if (unused.ok() && *unused) unused = blobs_.remove(blob).ok();
    if (!unused.ok()) base::log().warn("functions: code not removed: {}", unused.error().detail());
}

Result<std::string> Store::code(const Function& function) const {
    auto reader = TRY(blobs_.open(function.code.blob));
    if (reader->size() > kZipBytesMax)
        return Error::failure("functions: a code package is larger than the limit");
    std::string out(reader->size(), '\0');
    for (std::size_t done = 0; done < out.size();) {
        auto* to = reinterpret_cast<std::uint8_t*>(out.data()) + done;
        auto count = TRY(reader->read(done, {to, out.size() - done}));
        if (count == 0) return Error::failure("functions: a code package is cut short");
        done += count;
    }
    return out;
}

Result<Function> Store::publish(const FunctionId& id, const std::string& description,
                                const std::string& sha256_base64, const std::string& revision) {
    Function published;
    TRY(change(id, [&](store::Transaction& transaction, Record& record) -> Result<void> {
        if (!revision.empty() && revision != record.latest.revision_id) return revision_changed();
        if (!sha256_base64.empty() && sha256_base64 != record.latest.code.sha256_base64)
            return Error::refusal(
                Refusal::invalid_parameter,
                fmt::format("CodeSHA256 ({}) is different from current CodeSHA256 in $LATEST ({}). "
                            "Please try again with the CodeSHA256 in $LATEST.",
                            sha256_base64, record.latest.code.sha256_base64));
        auto config = record.latest.config;
        if (!description.empty()) config.description = description;
        auto range = key_of("functions.version", id).range();
        range.reverse = true;
        range.limit = 1;
        auto last = TRY(transaction.scan(range));
        if (!last.empty()) {
            published = TRY(to_function(id, TRY(read_record(last[0].value))));
            if (published.code.sha256_base64 == record.latest.code.sha256_base64 &&
                published.config == config)
                return {};
        }
        range.limit = kVersionsMax;
        if (TRY(transaction.scan(range)).size() == kVersionsMax)
            return Error::refusal(Refusal::invalid_parameter, "A function can have at most 1000 versions.");
        published = revised(record.latest);
        published.config = config;
        published.version = std::to_string(record.next_version);
        return transaction.put(version_key(id, record.next_version++), write_record(to_record(published)));
    }));
    return published;
}

Result<Page<Function>> Store::versions(const FunctionId& id, const std::string& from,
                                       std::size_t limit) const {
    Page<Function> page;
    auto latest = TRY(read(id)).latest;
    if (from.empty()) page.items.push_back(latest);
    auto range = key_of("functions.version", id).range();
    if (!from.empty()) range.from = version_key(id, version_number(from).value_or(0));
    range.limit = limit + 1;
    for (const auto& row : TRY(records_.scan(range))) {
        auto version = TRY(to_function(id, TRY(read_record(row.value))));
        if (page.items.size() >= limit) {
            page.next = version.version;
            break;
        }
        page.items.push_back(std::move(version));
    }
    return page;
}

Result<Alias> Store::create_alias(const FunctionId& id, const Alias& alias) {
    Alias made = alias;
    made.revision_id = base::uuid_random(random_);
    TRY(change(id, [&](store::Transaction& transaction, Record&) -> Result<void> {
        TRY(check_qualifier(transaction, id, alias.version));
        auto key = alias_key(id, alias.name);
        if (TRY(transaction.get_for_update(key)))
            return Error::refusal(Refusal::function_exists,
                                  fmt::format("Alias already exists: {}:{}", id.arn(), alias.name));
        if (TRY(transaction.scan(key_of("functions.alias", id).range())).size() >= kAliasesMax)
            return Error::refusal(Refusal::invalid_parameter, "A function can have at most 500 aliases.");
        return transaction.put(key, write_record(to_record(made)));
    }));
    return made;
}

// Whether the version or alias is there.
Result<void> Store::check_qualifier(store::Transaction& transaction, const FunctionId& id,
                                    const std::string& qualifier) const {
    if (qualifier.empty() || qualifier == kLatest) return {};
    auto number = version_number(qualifier);
    if (TRY(transaction.get(number ? version_key(id, *number) : alias_key(id, qualifier)))) return {};
    return missing(id, qualifier);
}

Result<Alias> Store::alias(const FunctionId& id, const std::string& name) const {
    TRY(read(id));
    auto found = TRY(records_.get(alias_key(id, name)));
    if (!found)
        return Error::refusal(Refusal::function_missing,
                              fmt::format("Cannot find alias arn: {}:{}", id.arn(), name));
    return to_alias(TRY(read_record(*found)));
}

Result<Page<Alias>> Store::aliases(const FunctionId& id, const std::string& from, std::size_t limit) const {
    TRY(read(id));
    auto range = key_of("functions.alias", id).range();
    if (!from.empty()) range.from = alias_key(id, from);
    range.limit = limit + 1;
    Page<Alias> page;
    for (const auto& row : TRY(records_.scan(range))) {
        auto alias = TRY(to_alias(TRY(read_record(row.value))));
        if (page.items.size() == limit) {
            page.next = alias.name;
            break;
        }
        page.items.push_back(std::move(alias));
    }
    return page;
}

Result<Alias> Store::update_alias(const FunctionId& id, const std::string& name,
                                  std::optional<std::string> version, std::optional<std::string> description,
                                  const std::string& revision) {
    Alias alias;
    TRY(change(id, [&](store::Transaction& transaction, Record&) -> Result<void> {
        auto found = TRY(transaction.get_for_update(alias_key(id, name)));
        if (!found)
            return Error::refusal(Refusal::function_missing,
                                  fmt::format("Alias not found: {}:{}", id.arn(), name));
        alias = TRY(to_alias(TRY(read_record(*found))));
        if (!revision.empty() && revision != alias.revision_id) return revision_changed();
        if (version) {
            TRY(check_qualifier(transaction, id, *version));
            alias.version = *version;
        }
        if (description) alias.description = *description;
        alias.revision_id = base::uuid_random(random_);
        return transaction.put(alias_key(id, name), write_record(to_record(alias)));
    }));
    return alias;
}

Result<void> Store::remove_alias(const FunctionId& id, const std::string& name) {
    return change(id, [&](store::Transaction& transaction, Record& record) -> Result<void> {
        record.policies.erase(name);
        return transaction.erase(alias_key(id, name));
    });
}

Result<std::string> Store::add_permission(const FunctionId& id, const std::string& qualifier,
                                          const Grant& grant, const std::string& revision) {
    auto statement = statement_of(grant, qualifier.empty() ? id.arn() : id.arn() + ":" + qualifier);
    TRY(change(id, [&](store::Transaction& transaction, Record& record) -> Result<void> {
        TRY(check_qualifier(transaction, id, qualifier));
        auto& policy = record.policies[qualifier];
        if (!revision.empty() && revision != policy.revision_id) return revision_changed();
        if (policy.by_sid.contains(grant.sid))
            return Error::refusal(
                Refusal::statement_exists,
                fmt::format("The statement id ({}) provided already exists. Please provide a new "
                            "statement id, or remove the existing statement.",
                            grant.sid));
        policy.by_sid.emplace(grant.sid, statement);
        policy.revision_id = base::uuid_random(random_);
        auto size = policy_document(policy.by_sid).size();
        if (size > kPolicyBytesMax)
            return Error::refusal(Refusal::payload_too_large,
                                  fmt::format("The final policy size ({}) is bigger than the limit ({}).",
                                              size, kPolicyBytesMax));
        return {};
    }));
    return json::serialize(statement);
}

Result<void> Store::remove_permission(const FunctionId& id, const std::string& qualifier,
                                      const std::string& sid, const std::string& revision) {
    return change(id, [&](store::Transaction& transaction, Record& record) -> Result<void> {
        TRY(check_qualifier(transaction, id, qualifier));
        auto found = record.policies.find(qualifier);
        if (found == record.policies.end() || found->second.by_sid.empty())
            return Error::refusal(Refusal::policy_missing,
                                  "No policy is associated with the given resource.");
        auto& policy = found->second;
        if (!revision.empty() && revision != policy.revision_id) return revision_changed();
        if (policy.by_sid.erase(sid) == 0)
            return Error::refusal(Refusal::policy_missing,
                                  fmt::format("Statement {} is not found in resource policy.", sid));
        policy.revision_id = base::uuid_random(random_);
        return {};
    });
}

Result<Policy> Store::policy(const FunctionId& id, const std::string& qualifier) const {
    auto record = TRY(read(id));
    if (!qualifier.empty()) TRY(get(id, qualifier));
    auto found = record.policies.find(qualifier);
    if (found == record.policies.end() || found->second.by_sid.empty())
        return Error::refusal(Refusal::policy_missing, "The resource you requested does not exist.");
    return Policy{policy_document(found->second.by_sid), found->second.revision_id};
}

Result<Tags> Store::tags(const FunctionId& id) const {
    return TRY(read(id)).tags;
}

Result<void> Store::change_tags(const FunctionId& id, const Tags& set,
                                const std::vector<std::string>& remove) {
    return change(id, [&](store::Transaction&, Record& record) -> Result<void> {
        for (const auto& name : remove)
            record.tags.erase(name);
        for (const auto& [name, value] : set)
            record.tags[name] = value;
        if (record.tags.size() <= kTagsMax) return {};
        return Error::refusal(Refusal::invalid_parameter, "A function can have at most 50 tags.");
    });
}

Result<std::optional<int>> Store::reserved_concurrency(const FunctionId& id) const {
    return TRY(read(id)).reserved_concurrency;
}

Result<void> Store::set_reserved_concurrency(const FunctionId& id, std::optional<int> reserved) {
    return change(id, [&](store::Transaction&, Record& record) -> Result<void> {
        record.reserved_concurrency = reserved;
        return {};
    });
}

Result<bool> Store::uses_blob(const store::BlobId& blob) const {
    return TRY(records_.get(blob_key(blob))).has_value();
}

}  // namespace functions
