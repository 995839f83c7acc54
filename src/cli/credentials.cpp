#include "cli/credentials.h"

#include <fmt/format.h>
#include <map>
#include <sstream>

#include "base/file.h"

namespace cli {
namespace {

constexpr std::size_t kFileBytesMax = 4096;

// "name=value" lines.
Result<std::map<std::string, std::string>> read_lines(const std::filesystem::path& path) {
    auto bytes = TRY(base::read_file(path, kFileBytesMax));
    std::istringstream lines{std::string(base::text(bytes))};
    std::map<std::string, std::string> out;
    for (std::string line; std::getline(lines, line);)
        if (auto equals = line.find('='); equals != std::string::npos)
            out[line.substr(0, equals)] = line.substr(equals + 1);
    return out;
}

}  // namespace

Result<Credentials> read_credentials(const std::filesystem::path& data) {
    auto lines = TRY(read_lines(data / "credentials"));
    if (lines["access_key"].empty() || lines["secret_key"].empty())
        return Error::failure(fmt::format("{} holds no key", (data / "credentials").string()));
    return Credentials{lines["access_key"], lines["secret_key"]};
}

Result<void> keep_credentials(const std::filesystem::path& data, const Credentials& credentials) {
    std::string text =
        fmt::format("access_key={}\nsecret_key={}\n", credentials.access_key, credentials.secret_key);
    return base::write_file(data / "credentials", base::view(text), 0600);
}

Result<Credentials> credentials_of(const std::filesystem::path& data, base::Random& random) {
    if (std::filesystem::exists(data / "credentials")) return read_credentials(data);
    constexpr std::string_view kKeyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    constexpr std::string_view kSecretAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    Credentials made{"AKIA" + random.text(16, kKeyAlphabet), random.text(40, kSecretAlphabet)};
    TRY(keep_credentials(data, made));
    return made;
}

Result<void> keep_endpoint(const std::filesystem::path& data, const Endpoint& endpoint) {
    std::string text = fmt::format("url={}\nregion={}\n", endpoint.url, endpoint.region);
    return base::write_file(data / "endpoint", base::view(text), 0644);
}

Result<Endpoint> read_endpoint(const std::filesystem::path& data) {
    auto lines = TRY(read_lines(data / "endpoint"));
    return Endpoint{lines["url"], lines["region"]};
}

}  // namespace cli
