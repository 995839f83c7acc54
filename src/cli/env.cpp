#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/credentials.h"

namespace cli {

int run(const Env& env) {
    auto credentials = read_credentials(env.common.data);
    auto endpoint = read_endpoint(env.common.data);
    if (!credentials.ok() || !endpoint.ok()) {
        fmt::print(stderr, "likeness env: no server has been started with --data {}\n",
                   env.common.data.string());
        return 1;
    }
    fmt::print("export AWS_ENDPOINT_URL={}\n", endpoint->url);
    fmt::print("export AWS_ACCESS_KEY_ID={}\n", credentials->access_key);
    fmt::print("export AWS_SECRET_ACCESS_KEY={}\n", credentials->secret_key);
    fmt::print("export AWS_DEFAULT_REGION={0}\nexport AWS_REGION={0}\n", endpoint->region);
    // A token or profile of another account would be sent along with these keys.
    fmt::print("unset AWS_SESSION_TOKEN AWS_PROFILE\n");
    return 0;
}

}  // namespace cli
