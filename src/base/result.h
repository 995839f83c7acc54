// Result, Error and TRY: how every room says that something did not work.
//
// Three kinds of trouble, three words:
//   refusal           a fact the caller can act on; each room lists its own in a small enum (`enum class
//   Refusal`) failure           ours (disk, peer, bug in data); carries detail for the log and is never shown
//   to a caller broken invariant  stops the process (base::invariant)
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace base {

// A value: why an operation did not give its result.
class Error {
public:
    // `detail` is for the log; no secrets, pictures, vectors or names of people in it.
    static Error failure(std::string detail) { return Error(nullptr, 0, {}, std::move(detail)); }

    // `message` may be shown to the caller and can be empty where the enumerator says it all.
    template <class Enum>
    requires std::is_enum_v<Enum>
    static Error refusal(Enum code, std::string message = {}) {
        return Error(domain_of<Enum>(), static_cast<int>(code), std::move(message), {});
    }

    // The refusal as `Enum`, if it is one of that room's.
    template <class Enum>
    requires std::is_enum_v<Enum> std::optional<Enum> as()
    const {
        if (domain_ != domain_of<Enum>()) return std::nullopt;
        return static_cast<Enum>(code_);
    }
    template <class Enum>
    requires std::is_enum_v<Enum>
    bool is(Enum code) const { return as<Enum>() == code; }

    bool is_failure() const { return domain_ == nullptr; }
    const std::string& message() const { return message_; }  // a refusal's; for the caller
    const std::string& detail() const { return detail_; }    // a failure's; for the log

    // Every enum that is used as a refusal has one address: cheap to compare and nothing to register.
    template <class Enum>
    static const void* domain_of() {
        static const char domain = 0;
        return &domain;
    }

private:
    Error(const void* domain, int code, std::string message, std::string detail)
        : domain_(domain), code_(code), message_(std::move(message)), detail_(std::move(detail)) {}

    const void* domain_;
    int code_;
    std::string message_;
    std::string detail_;
};

// A value of T or an Error. T may be void.
template <class T>
class [[nodiscard]] Result {
public:
    using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

    Result() requires std::is_void_v<T> : state_(std::in_place_index<0>) {}
    template <class U = Value>
    requires(!std::is_void_v<T> && std::is_convertible_v<U&&, Value> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result>) Result(U&& value)
        : state_(std::in_place_index<0>, std::forward<U>(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    Value& value() & { return std::get<0>(state_); }
    const Value& value() const& { return std::get<0>(state_); }
    Value&& value() && { return std::get<0>(std::move(state_)); }
    const Error& error() const& { return std::get<1>(state_); }
    Error&& error() && { return std::get<1>(std::move(state_)); }

    Value* operator->() { return &value(); }
    const Value* operator->() const { return &value(); }
    Value& operator*() & { return value(); }
    const Value& operator*() const& { return value(); }
    Value&& operator*() && { return std::move(*this).value(); }

private:
    std::variant<Value, Error> state_;
};

// Stops the process: `what` must hold, and going on could harm data.
[[noreturn]] void broken_invariant(const char* what, const char* file, int line);
[[noreturn]] inline void unreachable() {
    std::abort();
}

}  // namespace base

using base::Error;
using base::Result;

// The value of a Result, or leave the function with its error. May be nested, and stand in a call; not for
// coroutines. In a braced initialiser only as its first element: g++ 12 does not destroy those before it when
// the function is left. base_test shows what is safe, tests/structure looks for what is not.
#define TRY(expression) TRY_NAMED_(expression, __COUNTER__)
#define TRY_NAMED_(expression, number) TRY_PASTED_(expression, number)
#define TRY_PASTED_(expression, number) TRY_BODY_(expression, try_result_##number)
#define TRY_BODY_(expression, name)                                    \
    __extension__({                                                    \
        auto&& name = (expression);                                    \
        if (!name.ok()) return ::base::Error(std::move(name).error()); \
        std::move(name).value();                                       \
    })

// Checked in every build, before writing and after reading.
#define INVARIANT(condition) \
    ((condition) ? static_cast<void>(0) : ::base::broken_invariant(#condition, __FILE__, __LINE__))
