// The operator's access key and where the server listens: small files in the data directory, readable by its
// owner only.
#pragma once

#include <filesystem>
#include <string>

#include "base/random.h"
#include "base/result.h"

namespace cli {

struct Credentials {
    std::string access_key;
    std::string secret_key;
};

// Those of DATA/credentials; generated and kept there (mode 0600) if there are none.
Result<Credentials> credentials_of(const std::filesystem::path& data, base::Random& random);
Result<Credentials> read_credentials(const std::filesystem::path& data);
// What the server was started with replaces what is kept, so that `likeness env` tells the truth.
Result<void> keep_credentials(const std::filesystem::path& data, const Credentials& credentials);

// DATA/endpoint: written when the server listens, for `likeness env`.
struct Endpoint {
    std::string url;
    std::string region;
};
Result<void> keep_endpoint(const std::filesystem::path& data, const Endpoint& endpoint);
Result<Endpoint> read_endpoint(const std::filesystem::path& data);

}  // namespace cli
