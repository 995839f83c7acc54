#include "tables/document.h"

namespace tables {

namespace {

// The value of an operand: the item's own, or computed; or nothing.
class Found {
public:
    Found() = default;
    explicit Found(const Value* value) : value_(value) {}
    explicit Found(Value value) : made_(std::move(value)) {}
    const Value* get() const { return made_ ? &*made_ : value_; }

private:
    const Value* value_ = nullptr;
    std::optional<Value> made_;
};

std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

struct Extent {
    std::optional<std::size_t> operator()(const std::string& text) const { return characters(text); }
    std::optional<std::size_t> operator()(const Binary& binary) const { return binary.bytes.size(); }
    std::optional<std::size_t> operator()(const Map& map) const { return map.size(); }
    std::optional<std::size_t> operator()(const List& list) const { return list.size(); }
    template <class Member>
    std::optional<std::size_t> operator()(const std::set<Member>& set) const {
        return set.size();
    }
    std::optional<std::size_t> operator()(const Number&) const { return std::nullopt; }
    std::optional<std::size_t> operator()(bool) const { return std::nullopt; }
    std::optional<std::size_t> operator()(const Null&) const { return std::nullopt; }
};

bool begins_with(const Value& value, const Value& beginning) {
    if (const auto* text = value.get_if<std::string>()) {
        const auto* prefix = beginning.get_if<std::string>();
        return prefix && text->starts_with(*prefix);
    }
    if (const auto* binary = value.get_if<Binary>()) {
        const auto* prefix = beginning.get_if<Binary>();
        return prefix && binary->bytes.starts_with(prefix->bytes);
    }
    return false;
}

// A substring of a string or binary, a member of a set, an element of a list.
bool contains(const Value& value, const Value& sought) {
    const auto* text = sought.get_if<std::string>();
    const auto* number = sought.get_if<Number>();
    const auto* binary = sought.get_if<Binary>();
    if (const auto* whole = value.get_if<std::string>())
        return text && whole->find(*text) != std::string::npos;
    if (const auto* whole = value.get_if<Binary>())
        return binary && whole->bytes.find(binary->bytes) != std::string::npos;
    if (const auto* list = value.get_if<List>())
        return std::find(list->begin(), list->end(), sought) != list->end();
    if (const auto* set = value.get_if<StringSet>()) return text && set->contains(*text);
    if (const auto* set = value.get_if<NumberSet>()) return number && set->contains(*number);
    if (const auto* set = value.get_if<BinarySet>()) return binary && set->contains(*binary);
    return false;
}

bool compares(Comparator comparator, const Value* left, const Value* right) {
    if (comparator == Comparator::equal) return left && right && *left == *right;
    if (comparator == Comparator::not_equal) return !left || !right || !(*left == *right);
    if (!left || !right) return false;
    auto order = compare(*left, *right);
    if (!order) return false;
    switch (comparator) {
        case Comparator::less:
            return *order < 0;
        case Comparator::less_or_equal:
            return *order <= 0;
        case Comparator::greater:
            return *order > 0;
        case Comparator::greater_or_equal:
            return *order >= 0;
        case Comparator::equal:
        case Comparator::not_equal:
            break;
    }
    base::unreachable();
}

class Judge {
public:
    explicit Judge(const Item& item) : item_(item) {}

    bool operator()(const Condition& condition) const { return std::visit(*this, condition.content); }
    bool operator()(const And& all) const { return std::all_of(all.parts.begin(), all.parts.end(), *this); }
    bool operator()(const Or& any) const { return std::any_of(any.parts.begin(), any.parts.end(), *this); }
    bool operator()(const Not& none) const { return !(*this)(none.parts.front()); }
    bool operator()(const Comparison& comparison) const {
        return compares(comparison.comparator, value(comparison.left).get(), value(comparison.right).get());
    }
    bool operator()(const Between& between) const {
        auto middle = value(between.value);
        return compares(Comparator::greater_or_equal, middle.get(), value(between.low).get()) &&
               compares(Comparator::less_or_equal, middle.get(), value(between.high).get());
    }
    bool operator()(const In& in) const {
        auto sought = value(in.value);
        return std::any_of(in.choices.begin(), in.choices.end(), [&](const Operand& choice) {
            return compares(Comparator::equal, sought.get(), value(choice).get());
        });
    }
    bool operator()(const Call& call) const {
        auto first = value(call.arguments.front());
        if (call.function == Function::attribute_exists) return first.get() != nullptr;
        if (call.function == Function::attribute_not_exists) return first.get() == nullptr;
        auto second = value(call.arguments.back());
        if (!first.get() || !second.get()) return false;
        switch (call.function) {
            case Function::begins_with:
                return begins_with(*first.get(), *second.get());
            case Function::contains:
                return contains(*first.get(), *second.get());
            case Function::attribute_type: {
                const auto* name = second.get()->get_if<std::string>();
                return name && type_name(first.get()->type()) == *name;
            }
            default:
                base::unreachable();  // the parser lets no other function stand here
        }
    }

private:
    Found value(const Operand& operand) const {
        if (const auto* path = std::get_if<Path>(&operand.content)) return Found(find(item_, *path));
        if (const auto* constant = std::get_if<Value>(&operand.content)) return Found(constant);
        const auto& call = std::get<Call>(operand.content);
        INVARIANT(call.function == Function::size);
        auto measured = value(call.arguments.front());
        if (!measured.get()) return Found();
        auto extent = std::visit(Extent{}, measured.get()->content());
        return extent ? Found(Value::of(static_cast<std::int64_t>(*extent))) : Found();
    }

    const Item& item_;
};

}  // namespace

bool holds(const Condition& condition, const Item& item) {
    return Judge(item)(condition);
}

}  // namespace tables
