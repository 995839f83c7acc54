#include <algorithm>

#include "tables/document.h"

namespace tables {

namespace {

constexpr std::string_view kMissing =
    "The provided expression refers to an attribute that does not exist in the item";
constexpr std::string_view kWrongType = "An operand in the update expression has an incorrect data type";
constexpr std::string_view kLegacyMismatch = "Type mismatch for attribute to update";
constexpr std::string_view kBadPath =
    "The document path provided in the update expression is invalid for update";

Error refuse(std::string_view message) {
    return invalid(std::string(message));
}

// Computes operands from the item as it was before the update.
class Calculator {
public:
    explicit Calculator(const Item& item) : item_(item) {}

    Result<Value> value(const Update::Set& action) const {
        auto left = TRY(value(action.value));
        if (!action.term) return left;
        auto right = TRY(value(action.term->second));
        const auto* a = left.get_if<Number>();
        const auto* b = right.get_if<Number>();
        if (!a || !b) return refuse(kWrongType);
        auto sum = TRY(Number::add(*a, action.term->first == Update::Set::Sign::plus ? *b : b->negated()));
        return Value(std::move(sum));
    }

private:
    Result<Value> value(const Operand& operand) const {
        if (const auto* constant = std::get_if<Value>(&operand.content)) return *constant;
        if (const auto* path = std::get_if<Path>(&operand.content)) {
            const auto* found = find(item_, *path);
            if (!found) return refuse(kMissing);
            return *found;
        }
        const auto& call = std::get<Call>(operand.content);
        const auto& first = call.arguments.front();
        if (call.function == Function::if_not_exists) {
            const auto* found = find(item_, std::get<Path>(first.content));
            if (found) return *found;
            return value(call.arguments.back());
        }
        auto front = TRY(value(first));
        auto back = TRY(value(call.arguments.back()));
        auto* list = front.get_if<List>();
        auto* more = back.get_if<List>();
        if (!list || !more) return refuse(kWrongType);
        std::move(more->begin(), more->end(), std::back_inserter(*list));
        return front;
    }

    const Item& item_;
};

// The map or list that holds the path's last step, in an item that is being changed; null if there is none.
Value* parent_of(Item& item, const Path& path) {
    auto found = item.find(path.attribute);
    if (found == item.end()) return nullptr;
    auto* value = &found->second;
    for (std::size_t i = 0; i + 1 < path.steps.size(); ++i) {
        if (const auto* name = std::get_if<std::string>(&path.steps[i])) {
            auto* map = value->get_if<Map>();
            auto member = map ? map->find(*name) : Map::iterator();
            if (!map || member == map->end()) return nullptr;
            value = &member->second;
        } else {
            auto* list = value->get_if<List>();
            auto index = std::get<std::size_t>(path.steps[i]);
            if (!list || index >= list->size()) return nullptr;
            value = &(*list)[index];
        }
    }
    return value;
}

// Whether a value could stand where the path leads.
bool has_place(const Item& item, const Path& path) {
    if (path.steps.empty()) return true;
    auto above = path;
    above.steps.pop_back();
    const auto* parent = find(item, above);
    if (!parent) return false;
    return parent->type() ==
           (std::holds_alternative<std::string>(path.steps.back()) ? Type::map : Type::list);
}

// Puts the value where the path leads. Behind a list's end it is appended.
Result<void> put(Item& item, const Path& path, Value value) {
    if (path.steps.empty()) {
        item.insert_or_assign(path.attribute, std::move(value));
        return {};
    }
    auto* parent = parent_of(item, path);
    if (!parent) return refuse(kBadPath);
    if (const auto* name = std::get_if<std::string>(&path.steps.back())) {
        auto* map = parent->get_if<Map>();
        if (!map) return refuse(kBadPath);
        map->insert_or_assign(*name, std::move(value));
        return {};
    }
    auto* list = parent->get_if<List>();
    if (!list) return refuse(kBadPath);
    auto index = std::get<std::size_t>(path.steps.back());
    if (index < list->size())
        (*list)[index] = std::move(value);
    else
        list->push_back(std::move(value));
    return {};
}

Result<void> remove(Item& item, const Path& path) {
    if (path.steps.empty()) {
        item.erase(path.attribute);
        return {};
    }
    auto* parent = parent_of(item, path);
    if (!parent) return refuse(kBadPath);
    if (const auto* name = std::get_if<std::string>(&path.steps.back())) {
        auto* map = parent->get_if<Map>();
        if (!map) return refuse(kBadPath);
        map->erase(*name);
        return {};
    }
    auto* list = parent->get_if<List>();
    if (!list) return refuse(kBadPath);
    auto index = std::get<std::size_t>(path.steps.back());
    if (index < list->size()) list->erase(list->begin() + static_cast<List::difference_type>(index));
    return {};
}

Result<Value> sum(const Update::Add& action, const Value& old) {
    if (const auto* a = old.get_if<Number>()) {
        const auto* b = action.value.get_if<Number>();
        if (!b) return refuse(action.legacy ? kLegacyMismatch : kWrongType);
        return Value(TRY(Number::add(*a, *b)));
    }
    if (action.legacy && old.type() == Type::list && action.value.type() == Type::list) {
        auto list = *old.get_if<List>();
        const auto& more = *action.value.get_if<List>();
        list.insert(list.end(), more.begin(), more.end());
        return Value(std::move(list));
    }
    auto merge = [&]<class Set>(const Set* a, const Set* b) -> std::optional<Value> {
        if (!a || !b) return std::nullopt;
        auto both = *a;
        both.insert(b->begin(), b->end());
        return Value(std::move(both));
    };
    if (auto set = merge(old.get_if<StringSet>(), action.value.get_if<StringSet>())) return *set;
    if (auto set = merge(old.get_if<NumberSet>(), action.value.get_if<NumberSet>())) return *set;
    if (auto set = merge(old.get_if<BinarySet>(), action.value.get_if<BinarySet>())) return *set;
    return refuse(action.legacy ? kLegacyMismatch : kWrongType);
}

// What is left of the set; nothing if it would be empty, as DynamoDB has no empty sets.
Result<std::optional<Value>> difference(const Update::Delete& action, const Value& old) {
    const auto& removed = action.value;
    std::optional<Value> out;
    auto subtract = [&]<class Set>(const Set* a, const Set* b) {
        if (!a || !b) return false;
        auto left = *a;
        for (const auto& member : *b)
            left.erase(member);
        if (!left.empty()) out = Value(std::move(left));
        return true;
    };
    if (subtract(old.get_if<StringSet>(), removed.get_if<StringSet>()) ||
        subtract(old.get_if<NumberSet>(), removed.get_if<NumberSet>()) ||
        subtract(old.get_if<BinarySet>(), removed.get_if<BinarySet>()))
        return out;
    return refuse(action.legacy ? kLegacyMismatch : kWrongType);
}

}  // namespace

Result<Item> apply(const Update& update, const Item& item, bool exists) {
    Item out = item;
    std::vector<std::pair<const Path*, Value>> puts;
    std::vector<const Path*> removals;
    Calculator calculator(item);
    for (const auto& action : update.set)
        puts.emplace_back(&action.path, TRY(calculator.value(action)));
    for (const auto& action : update.add) {
        const auto* old = find(item, action.path);
        puts.emplace_back(&action.path, old ? TRY(sum(action, *old)) : action.value);
    }
    for (const auto& action : update.erase) {
        const auto* old = find(item, action.path);
        if (!old) continue;
        auto left = TRY(difference(action, *old));
        if (left)
            puts.emplace_back(&action.path, std::move(*left));
        else
            removals.push_back(&action.path);
    }
    for (const auto& path : update.remove) {
        if (find(item, path)) {
            removals.push_back(&path);
        } else if (exists && !has_place(item, path)) {
            return refuse(kBadPath);
        }
    }
    // Several elements put behind a list's end are appended in the order of their indexes.
    std::sort(puts.begin(), puts.end(), [](const auto& a, const auto& b) { return *a.first < *b.first; });
    for (auto& [path, value] : puts)
        TRY(put(out, *path, std::move(value)));
    // From the last element to the first, so that the indexes still to come keep their meaning.
    std::sort(removals.begin(), removals.end(), [](const auto* a, const auto* b) { return *b < *a; });
    for (const auto* path : removals)
        TRY(remove(out, *path));
    return out;
}

}  // namespace tables
