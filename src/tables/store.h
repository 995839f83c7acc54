// Store: tables and their items.
//
// Every write is one transaction: it reads the item with a lock, asks the condition, and puts the item and
// all its index rows, or nothing. What a caller learns has been synced to disk. Reads see one moment for the
// length of a page.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/guarded.h"
#include "base/random.h"
#include "base/time.h"
#include "store/records.h"
#include "tables/expression.h"
#include "tables/schema.h"

namespace tables {

inline constexpr std::size_t kPageBytesMax =
    1024 * 1024;  // a query's or scan's page ends after this much is read
inline constexpr std::size_t kBatchReadBytesMax = 16 * 1024 * 1024;
inline constexpr std::size_t kTransactionBytesMax = 4 * 1024 * 1024;
inline constexpr std::size_t kTransactionWritesMax = 100;
inline constexpr base::Duration kTokenLife{10 * 60 * 1000};
inline constexpr std::uint32_t kSegmentsMax = 1'000'000;

// Capacity units, by AWS's rules: 4 KB a read unit (half if not consistent), 1 KB a write unit, twice in
// transactions.
struct Consumed {
    double table = 0;
    std::map<std::string, double> local = {};  // by index
    std::map<std::string, double> global = {};

    double total() const;
    void add(const Consumed& other);
};

// One write of one item. An empty condition always holds.
struct Put {
    TableName table;
    Item item;
    std::optional<Condition> condition = {};
};
struct UpdateItem {
    TableName table;
    Item key;
    Update update = {};
    std::optional<Condition> condition = {};
};
struct Delete {
    TableName table;
    Item key;
    std::optional<Condition> condition = {};
};
struct Check {  // in transactions only: writes nothing
    TableName table;
    Item key;
    Condition condition;
};
using Write = std::variant<Put, UpdateItem, Delete, Check>;

struct Written {
    bool condition_held = true;  // if not, nothing changed
    std::optional<Item> before = {};
    std::optional<Item> after = {};
    Consumed consumed = {};
};

// How one action of a transaction fared.
struct Outcome {
    enum class Code { none, condition_failed, conflict, invalid };

    Code code = Code::none;
    std::string message = {};
    std::optional<Item> item = {};  // as it was, where the condition failed
};
struct Transacted {
    std::vector<Outcome> reasons = {};              // empty: everything took effect
    std::map<std::string, Consumed> consumed = {};  // by table name
    bool repeated = false;                          // an earlier request with the same token did it
};

struct Get {
    TableName table;
    Item key;
    Projection projection = {};  // empty: the whole item
    bool consistent = false;
};
struct Found {
    std::optional<Item> item;
    Consumed consumed;
};

enum class Select { all, projected, specific, count };

struct Query {
    TableName table;
    std::optional<std::string> index = {};
    Condition keys;
    std::optional<Condition> filter = {};
    std::string_view filter_parameter = "Filter Expression";  // how messages call it
    Projection projection = {};
    Select select = Select::all;
    bool select_given = false;
    bool consistent = false;
    bool forward = true;
    std::optional<std::size_t> limit = {};
    std::optional<Item> start = {};  // the key of the last item that was read before
};
struct Scan {
    TableName table;
    std::optional<std::string> index = {};
    std::optional<Condition> filter = {};
    Projection projection = {};
    Select select = Select::all;
    bool select_given = false;
    bool consistent = false;
    std::optional<std::size_t> limit = {};
    std::optional<Item> start = {};
    std::uint32_t segment = 0, segments = 1;
};
struct Page {
    std::vector<Item> items;
    std::size_t count = 0;    // that passed the filter
    std::size_t scanned = 0;  // that were read
    std::optional<Item> last_key;
    Consumed consumed;
};

struct Size {
    std::int64_t items = 0;
    std::int64_t bytes = 0;
};
struct Description {
    Schema schema;
    Size table;
    std::map<std::string, Size> indexes;
};

// Callable from any thread. Refusals: validation, resource_missing, resource_in_use, limit_exceeded,
// transaction_conflict, idempotent_mismatch.
class Store {
public:
    Store(store::Records& records, const base::Clock& clock, base::Random& random)
        : records_(records), clock_(clock), random_(random) {}

    // Tables.
    Result<Schema> create(TableName name, TableDefinition definition);
    Result<Description> describe(const TableName& name) const;
    Result<Schema> update_table(const TableName& name, const TableChange& change);
    // The table as it was. Its rows go with the next upkeep.
    Result<Description> remove_table(const TableName& name);
    struct Names {
        std::vector<std::string> names;
        bool more = false;
    };
    Result<Names> list(const std::string& account, const std::string& region, const std::string& after,
                       std::size_t limit) const;
    Result<void> tag(const TableName& name, const std::map<std::string, std::string>& tags);
    Result<void> untag(const TableName& name, const std::vector<std::string>& keys);
    // An empty attribute: items do not expire.
    Result<void> set_expiry(const TableName& name, const std::string& attribute, bool enabled);

    // Items. A missing table is Refusal::resource_missing.
    Result<Written> write(const Write& write);
    // Each for itself: not a transaction to the caller. All of them are puts and deletes without conditions.
    Result<std::vector<Written>> write_batch(const std::vector<Write>& writes);
    // `token`: a request with the same name and digest within kTokenLife is answered, but not done again.
    struct Token {
        std::string name;
        std::string digest;  // of everything that the request asks for
    };
    Result<Transacted> transact(const std::vector<Write>& writes, const std::optional<Token>& token);
    Result<Found> get(const Get& get) const;
    // All seen at one moment. Those that no longer fit into `bytes_max` are left out: the answer is shorter.
    Result<std::vector<Found>> get_batch(const std::vector<Get>& gets, std::size_t bytes_max,
                                         bool transactional) const;
    Result<Page> query(const Query& query) const;
    Result<Page> scan(const Scan& scan) const;

    // What runs beside requests: fills new indexes, removes the rows of dropped tables and indexes and
    // expired items, and counts. One call does what is due; the owner calls it again and again from one
    // thread until `stopping`.
    Result<void> upkeep(const std::function<bool()>& stopping);
    // Waits until there is work for upkeep(), at most `longest`.
    void wait_for_work(base::Duration longest);
    void wake();

private:
    // Writes under way, so that a change of schema can wait for those that have not seen it.
    class InFlight {
    public:
        class Pass {
        public:
            explicit Pass(InFlight& owner) : owner_(owner), ticket_(owner.enter()) {}
            ~Pass() { owner_.leave(ticket_); }
            Pass(const Pass&) = delete;
            Pass& operator=(const Pass&) = delete;

        private:
            InFlight& owner_;
            std::uint64_t ticket_;
        };
        void wait_for_earlier();

    private:
        std::uint64_t enter();
        void leave(std::uint64_t ticket);

        std::mutex mutex_;
        std::condition_variable left_;
        std::uint64_t next_ = 0;
        std::set<std::uint64_t> inside_;
    };
    struct Counts {
        Size table;
        std::map<std::string, Size> indexes;  // by index id
        bool known = false;
    };
    struct Plan;
    struct Target;
    using Schemas = std::map<TableName, Schema>;

    Result<const Schema*> schema_in(store::Transaction& transaction, Schemas& schemas,
                                    const TableName& name) const;
    Result<Plan> plan(store::Transaction& transaction, const Schema& schema, const Write& write) const;
    static Result<void> perform(store::Transaction& transaction, const Plan& plan);
    void count(const Plan& plan);
    Result<bool> remember(store::Transaction& transaction, const TableName& where, const Token& token) const;
    Result<Page> read(const Target& target) const;
    Result<void> alter(const TableName& name, const std::function<Result<void>(Schema&)>& change);
    Description description(Schema schema) const;

    Result<void> fill_indexes(const Schema& schema, const std::function<bool()>& stopping);
    Result<void> sweep(const Schema& schema, const std::function<bool()>& stopping);
    Result<void> drop_rows();
    Result<void> forget_tokens();

    store::Records& records_;
    const base::Clock& clock_;
    base::Random& random_;
    InFlight in_flight_;
    base::Guarded<std::map<std::string, Counts>> counts_;     // by table id
    base::Guarded<std::map<std::string, base::Time>> swept_;  // by table id

    std::mutex work_mutex_;
    std::condition_variable work_;
    bool has_work_ = true;
};

}  // namespace tables
