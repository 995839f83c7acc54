// Functions and what belongs to them, kept in store::Records and store::Blobs (docs/formats/functions.md):
// code, versions, aliases, policy, tags, reserved concurrency.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "functions/function.h"
#include "functions/policy.h"
#include "store/blobs.h"
#include "store/records.h"

namespace functions {

struct Alias {
    std::string name;
    std::string version;
    std::string description;
    std::string revision_id;
};

struct Policy {
    std::string document;
    std::string revision_id;
};

template <class Item>
struct Page {
    std::vector<Item> items;
    std::string next;  // where to go on; empty at the end
};

using Tags = std::map<std::string, std::string>;
// Changes a configuration in place; may be called several times.
using ConfigChange = std::function<Result<void>(Config&)>;

// Callable from any thread.
class Store {
public:
    Store(store::Records& records, store::Blobs& blobs, const base::Clock& clock, base::Random& random)
        : records_(records), blobs_(blobs), clock_(clock), random_(random) {}

    Result<Function> create(const FunctionId& id, const Config& config, base::ByteView zip, const Tags& tags);
    // `qualifier`: empty or "$LATEST", a version, or an alias.
    Result<Function> get(const FunctionId& id, const std::string& qualifier = {}) const;
    Result<Page<Function>> list(const std::string& account, const std::string& region,
                                const std::string& from, std::size_t limit) const;
    // `revision`: refused with Refusal::revision_changed unless it is the current one; empty: any.
    Result<Function> update_code(const FunctionId& id, base::ByteView zip, const std::string& revision = {});
    Result<Function> update_config(const FunctionId& id, const ConfigChange& change,
                                   const std::string& revision = {});
    Result<void> remove(const FunctionId& id);
    Result<void> remove_version(const FunctionId& id, const std::string& version);
    Result<std::string> code(const Function& function) const;  // the zip

    // The same version again if neither code nor configuration has changed since the last. `sha256_base64`:
    // of the code that the caller expects; empty: any.
    Result<Function> publish(const FunctionId& id, const std::string& description,
                             const std::string& sha256_base64 = {}, const std::string& revision = {});
    // $LATEST first, then as they were published.
    Result<Page<Function>> versions(const FunctionId& id, const std::string& from, std::size_t limit) const;

    Result<Alias> create_alias(const FunctionId& id, const Alias& alias);
    Result<Alias> alias(const FunctionId& id, const std::string& name) const;
    Result<Page<Alias>> aliases(const FunctionId& id, const std::string& from, std::size_t limit) const;
    Result<Alias> update_alias(const FunctionId& id, const std::string& name,
                               std::optional<std::string> version, std::optional<std::string> description,
                               const std::string& revision = {});
    Result<void> remove_alias(const FunctionId& id, const std::string& name);

    // Each version and alias has a policy of its own; without a qualifier it is the function's. Gives the
    // statement.
    Result<std::string> add_permission(const FunctionId& id, const std::string& qualifier, const Grant& grant,
                                       const std::string& revision = {});
    Result<void> remove_permission(const FunctionId& id, const std::string& qualifier, const std::string& sid,
                                   const std::string& revision = {});
    // Refusal::policy_missing if there is no statement.
    Result<Policy> policy(const FunctionId& id, const std::string& qualifier = {}) const;

    Result<Tags> tags(const FunctionId& id) const;
    Result<void> change_tags(const FunctionId& id, const Tags& set, const std::vector<std::string>& remove);

    Result<std::optional<int>> reserved_concurrency(const FunctionId& id) const;
    Result<void> set_reserved_concurrency(const FunctionId& id, std::optional<int> reserved);

    // For store::Blobs::sweep.
    Result<bool> uses_blob(const store::BlobId& blob) const;

private:
    struct Record;
    using RecordChange = std::function<Result<void>(store::Transaction&, Record&)>;

    Result<Code> keep_code(base::ByteView zip);
    Result<Record> read(const FunctionId& id) const;
    Result<void> change(const FunctionId& id, const RecordChange& change);
    Result<Function> version(const FunctionId& id, const std::string& version) const;
    Result<void> check_qualifier(store::Transaction& transaction, const FunctionId& id,
                                 const std::string& qualifier) const;
    void drop_unused(const FunctionId& id, const store::BlobId& blob);
    Function revised(Function function) const;

    store::Records& records_;
    store::Blobs& blobs_;
    const base::Clock& clock_;
    base::Random& random_;
};

}  // namespace functions
