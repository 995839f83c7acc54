#include "tables/record.h"

namespace tables {

namespace {

constexpr char kVersion = 1;

class Writer {
public:
    std::string take() { return std::move(out_); }
    void byte(char value) { out_ += value; }
    void count(std::size_t value) {
        for (; value >= 0x80; value >>= 7)
            out_ += static_cast<char>(value | 0x80);
        out_ += static_cast<char>(value);
    }
    void text(std::string_view value) {
        count(value.size());
        out_ += value;
    }
    void map(const Map& value) {
        count(value.size());
        for (const auto& [name, member] : value) {
            text(name);
            any(member);
        }
    }
    void any(const Value& value) {
        byte(static_cast<char>(value.type()));
        std::visit(*this, value.content());
    }

    void operator()(const std::string& value) { text(value); }
    void operator()(const Number& value) { text(value.sortable()); }
    void operator()(const Binary& value) { text(value.bytes); }
    void operator()(bool value) { byte(value ? 1 : 0); }
    void operator()(const Null&) {}
    void operator()(const Map& value) { map(value); }
    void operator()(const List& value) {
        count(value.size());
        for (const auto& member : value)
            any(member);
    }
    template <class Member>
    void operator()(const std::set<Member>& value) {
        count(value.size());
        for (const auto& member : value)
            (*this)(member);
    }

private:
    std::string out_;
};

class Reader {
public:
    explicit Reader(std::string_view record) : left_(record) {}
    bool done() const { return left_.empty(); }

    Result<char> byte() {
        if (left_.empty()) return malformed();
        char value = left_.front();
        left_.remove_prefix(1);
        return value;
    }
    Result<std::size_t> count() {
        std::size_t value = 0;
        for (unsigned shift = 0; shift < 63; shift += 7) {
            auto part = static_cast<unsigned char>(TRY(byte()));
            value |= static_cast<std::size_t>(part & 0x7f) << shift;
            if (part < 0x80) return value;
        }
        return malformed();
    }
    Result<std::string> text() {
        auto size = TRY(count());
        if (size > left_.size()) return malformed();
        std::string value(left_.substr(0, size));
        left_.remove_prefix(size);
        return value;
    }
    Result<Number> number() {
        auto parsed = Number::from_sortable(TRY(text()));
        if (!parsed) return malformed();
        return *parsed;
    }
    Result<Map> map(int depth) {
        Map out;
        for (auto left = TRY(count()); left > 0; --left) {
            auto name = TRY(text());
            out.insert_or_assign(std::move(name), TRY(any(depth)));
        }
        return out;
    }
    Result<Value> any(int depth) {
        if (depth > kNestingMax + 1) return malformed();
        switch (static_cast<Type>(TRY(byte()))) {
            case Type::string:
                return Value(TRY(text()));
            case Type::number:
                return Value(TRY(number()));
            case Type::binary:
                return Value(Binary{TRY(text())});
            case Type::boolean:
                return Value(TRY(byte()) != 0);
            case Type::null:
                return Value(Null{});
            case Type::map:
                return Value(TRY(map(depth + 1)));
            case Type::list: {
                List out;
                for (auto left = TRY(count()); left > 0; --left)
                    out.push_back(TRY(any(depth + 1)));
                return Value(std::move(out));
            }
            case Type::string_set: {
                StringSet out;
                for (auto left = TRY(count()); left > 0; --left)
                    out.insert(TRY(text()));
                return Value(std::move(out));
            }
            case Type::number_set: {
                NumberSet out;
                for (auto left = TRY(count()); left > 0; --left)
                    out.insert(TRY(number()));
                return Value(std::move(out));
            }
            case Type::binary_set: {
                BinarySet out;
                for (auto left = TRY(count()); left > 0; --left)
                    out.insert(Binary{TRY(text())});
                return Value(std::move(out));
            }
        }
        return malformed();
    }
    static Error malformed() { return Error::failure("tables: an item's record is malformed"); }

private:
    std::string_view left_;
};

}  // namespace

std::string encode(const Item& item) {
    Writer writer;
    writer.byte(kVersion);
    writer.map(item);
    return writer.take();
}

Result<Item> decode(std::string_view record) {
    Reader reader(record);
    if (TRY(reader.byte()) != kVersion) return Reader::malformed();
    auto item = TRY(reader.map(0));
    if (!reader.done()) return Reader::malformed();
    return item;
}

std::string key_bytes(const Value& value) {
    if (const auto* text = value.get_if<std::string>()) return *text;
    if (const auto* number = value.get_if<Number>()) return number->sortable();
    const auto* binary = value.get_if<Binary>();
    INVARIANT(binary != nullptr);
    return binary->bytes;
}

}  // namespace tables
