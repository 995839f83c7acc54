#include "vision/networks.h"

#include <algorithm>

namespace vision {
namespace {

std::pair<int, int> size_of(const neural::Network& network) {
    const auto& shape = network.input().shape;
    return {static_cast<int>(shape[3]), static_cast<int>(shape[2])};
}

}  // namespace

Networks::Networks(std::shared_ptr<const neural::Model> model, std::size_t sizes_max,
                   std::vector<std::string> wanted)
    : model_(std::move(model)), sizes_max_(sizes_max), wanted_(std::move(wanted)) {}

Networks::Lease::~Lease() {
    if (session_) owner_->give_back(std::move(session_));
}

Result<Networks::Lease> Networks::lease(int width, int height) {
    std::unique_ptr<neural::Session> session;
    std::shared_ptr<const neural::Network> network;
    shelf_.with([&](Shelf& shelf) {
        auto found = shelf.entries.find({width, height});
        if (found == shelf.entries.end()) return;
        auto& entry = found->second;
        entry.last_use = ++shelf.uses;
        network = entry.network;
        if (entry.idle.empty()) return;
        session = std::move(entry.idle.back());
        entry.idle.pop_back();
    });
    if (session) return Lease(*this, std::move(session));
    if (!network) {
        // Compiled outside the lock: two threads may do the same work once, but nobody waits for another
        // size.
        network = TRY(
            neural::Network::compile(model_, {1, 3, height, width}, neural::Precision::automatic, wanted_));
        remember({width, height}, network);
    }
    return Lease(*this, std::make_unique<neural::Session>(network));
}

void Networks::remember(Size size, std::shared_ptr<const neural::Network> network) {
    std::vector<Entry> forgotten;  // destroyed after the lock is open again
    shelf_.with([&](Shelf& shelf) {
        shelf.entries.try_emplace(size, Entry{std::move(network), {}, ++shelf.uses});
        while (shelf.entries.size() > sizes_max_) {
            auto oldest = std::min_element(shelf.entries.begin(), shelf.entries.end(), [](auto& a, auto& b) {
                return a.second.last_use < b.second.last_use;
            });
            forgotten.push_back(std::move(oldest->second));
            shelf.entries.erase(oldest);
        }
    });
}

void Networks::give_back(std::unique_ptr<neural::Session> session) {
    shelf_.with([&](Shelf& shelf) {
        auto found = shelf.entries.find(size_of(session->network()));
        bool is_current = found != shelf.entries.end() && found->second.network.get() == &session->network();
        if (is_current) found->second.idle.push_back(std::move(session));
    });
}

}  // namespace vision
