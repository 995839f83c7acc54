#include "faces/models.h"

#include <fmt/format.h>
#include <map>
#include <mutex>

#include "base/guarded.h"
#include "base/log.h"

namespace faces {

struct Models::State {
    using Kept = std::map<vision::ModelId, std::shared_ptr<const Model>>;

    State(std::shared_ptr<const Model> own, Load load_other)
        : current(std::move(own)), load(std::move(load_other)) {}

    const std::shared_ptr<const Model> current;
    const Load load;
    std::mutex loading;  // held while a model is loaded, so that each is loaded once
    base::Guarded<Kept> kept;

    std::shared_ptr<const Model> find(const vision::ModelId& id) {
        return kept.with([&](const Kept& models) {
            const auto found = models.find(id);
            return found == models.end() ? nullptr : found->second;
        });
    }
};

Models::Models(std::shared_ptr<const Model> current, Load load)
    : state_(std::make_shared<State>(std::move(current), std::move(load))) {
    if (const auto& first = state_->current)
        state_->kept.with([&](auto& models) { models.emplace(first->recognition.model, first); });
}

Models::Models(Recognition recognition)
    : Models(std::make_shared<const Model>(Model{std::move(recognition), {}}), {}) {}

Models::Models(std::optional<Recognition> recognition) : Models() {
    if (recognition) *this = Models(*std::move(recognition));
}

const std::shared_ptr<const Model>& Models::current() const {
    return state_->current;
}

Models::Loaded Models::own() const {
    if (state_->current) return state_->current;
    return Error::refusal(Refusal::model_absent,
                          "This server has no face model: see likeness models install");
}

Models::Loaded Models::of(const vision::ModelId& id) const {
    if (auto known = state_->find(id)) return known;
    if (state_->load) {
        std::lock_guard lock(state_->loading);
        if (auto known = state_->find(id)) return known;  // meanwhile
        auto loaded = state_->load(id);
        if (loaded.ok()) {
            INVARIANT((*loaded)->recognition.model == id);
            state_->kept.with([&](auto& models) { models.emplace(id, *loaded); });
            base::log().info("face model {} loaded", id.str());
            return loaded;
        }
        if (loaded.error().is_failure())
            base::log().warn("face model {}: {}", id.str(), loaded.error().detail());
    }
    const auto here = TRY(own());
    return Error::refusal(Refusal::model_missing,
                          fmt::format("This server does not have the face model {}; it runs {}", id.str(),
                                      here->recognition.model.str()));
}

std::size_t Models::loaded() const {
    return state_->kept.with([](const auto& models) { return models.size(); });
}

}  // namespace faces
