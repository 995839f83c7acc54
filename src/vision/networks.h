// A model compiled for the input sizes that pictures bring, and idle sessions of each.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "neural/network.h"

namespace vision {

// Callable from any thread. The least recently used sizes are forgotten when there are too many.
class Networks {
public:
    // Of a model that takes pictures: {1, 3, height, width}. Only the outputs `wanted` are computed, all
    // where that is empty.
    Networks(std::shared_ptr<const neural::Model> model, std::size_t sizes_max,
             std::vector<std::string> wanted = {});

    // A session that is the holder's own until it goes out of scope; it then waits for the next holder.
    class Lease {
    public:
        Lease(Networks& owner, std::unique_ptr<neural::Session> session)
            : owner_(&owner), session_(std::move(session)) {}
        ~Lease();
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        neural::Session* operator->() const { return session_.get(); }

    private:
        Networks* owner_;
        std::unique_ptr<neural::Session> session_;
    };
    Result<Lease> lease(int width, int height);

private:
    using Size = std::pair<int, int>;
    struct Entry {
        std::shared_ptr<const neural::Network> network;
        std::vector<std::unique_ptr<neural::Session>> idle;
        std::uint64_t last_use = 0;
    };
    struct Shelf {
        std::map<Size, Entry> entries;
        std::uint64_t uses = 0;
    };

    void remember(Size size, std::shared_ptr<const neural::Network> network);
    void give_back(std::unique_ptr<neural::Session> session);

    const std::shared_ptr<const neural::Model> model_;
    const std::size_t sizes_max_;
    const std::vector<std::string> wanted_;
    base::Guarded<Shelf> shelf_;
};

}  // namespace vision
