#include "base/random.h"

#include <openssl/rand.h>

#include "base/digest.h"
#include "base/id.h"
#include "base/result.h"

namespace base {

Bytes Random::bytes(std::size_t count) {
    Bytes out(count);
    fill(out);
    return out;
}

std::string Random::text(std::size_t count, std::string_view alphabet) {
    INVARIANT(!alphabet.empty() && alphabet.size() <= 256);
    // Values past the last whole multiple of the alphabet are drawn again; otherwise its head would be
    // likelier.
    std::size_t bound = 256 / alphabet.size() * alphabet.size();
    std::string out;
    while (out.size() < count)
        for (auto byte : bytes(count - out.size()))
            if (byte < bound) out.push_back(alphabet[byte % alphabet.size()]);
    return out;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
    INVARIANT(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    for (auto& byte : out)
        byte = static_cast<std::uint8_t>(engine_());
}

namespace {

std::string uuid_text(Bytes bytes, int version) {
    bytes.resize(16);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | version << 4);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    std::string digits = hex(bytes);
    return digits.substr(0, 8) + '-' + digits.substr(8, 4) + '-' + digits.substr(12, 4) + '-' +
           digits.substr(16, 4) + '-' + digits.substr(20);
}

}  // namespace

std::string uuid_random(Random& random) {
    return uuid_text(random.bytes(16), 4);
}

std::string uuid_of_name(std::string_view name_space, std::string_view name) {
    std::string digits;
    for (char c : name_space)
        if (c != '-') digits.push_back(c);
    auto prefix = from_hex(digits);
    INVARIANT(prefix && prefix->size() == 16);
    Digest sha1(DigestKind::sha1);
    sha1.update(*prefix);
    sha1.update(view(name));
    return uuid_text(sha1.finish(), 5);
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        bool digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (hyphen ? text[i] != '-' : !digit) return false;
    }
    return true;
}

}  // namespace base
