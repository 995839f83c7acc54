// Expressions and numbers are text from outside: whatever they hold, they parse or are refused.
#include "tables/document.h"
#include "tables/parser.h"
#include "tables/record.h"

using namespace tables;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    auto placeholders = Placeholders::create({{"#n", "n"}}, {{":n", Value::of(1)},
                                                             {":s", Value::of("s")},
                                                             {":l", Value(List{Value::of(1)})},
                                                             {":ss", Value(StringSet{"a"})}})
                            .value();
    const Item item = {{"a", Value(List{Value::of(1), Value(Map{{"b", Value::of("x")}})})},
                       {"b", Value::of(7)}};
    if (auto condition = parse_condition(text, "ConditionExpression", placeholders); condition.ok())
        (void)holds(*condition, item);
    if (auto update = parse_update(text, placeholders); update.ok()) (void)apply(*update, item, true);
    if (auto projection = parse_projection(text, placeholders); projection.ok())
        (void)project(item, *projection);
    if (auto number = Number::parse(text); number.ok())
        INVARIANT(Number::parse(number->text()).value() == *number &&
                  Number::from_sortable(number->sortable()) == *number);
    if (auto decoded = decode(text); decoded.ok()) INVARIANT(decode(encode(*decoded)).value() == *decoded);
    return 0;
}

std::vector<std::string> seeds() {
    return {"a = :n AND (b < :s OR NOT size(a[1].b) >= :n)",
            "attribute_exists(#n) AND begins_with(a, :s) OR contains(a, :s)",
            "a BETWEEN :n AND :s",
            "a IN (:n, :s, b)",
            "SET a[1].b = if_not_exists(b, :n) + :n, c = list_append(:l, a) REMOVE d ADD b :n DELETE e :ss",
            "a, b.c[2].#n, d",
            "-12.50e-3",
            "9.99E+125",
            encode({{"a", Value(List{Value::of(1), Value(Map{{"b", Value(NumberSet{Number(-3)})}})})}})};
}
