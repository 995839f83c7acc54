// The face models that a server can run.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/result.h"
#include "faces/names.h"
#include "faces/recognition.h"
#include "vision/face.h"
#include "vision/sight.h"

namespace faces {

// A face model at work: what looks at pictures, and what its embeddings mean. Immutable.
struct Model {
    Recognition recognition;
    vision::Sight sight;  // empty where embeddings come from elsewhere
};

// The model that the server was started with, which new collections get, and whatever others its collections
// were made with or are moved to. Those are loaded when first needed and then kept: there are never more than
// there are packs. Copies share. Callable from any thread.
class Models {
public:
    using Loaded = Result<std::shared_ptr<const Model>>;
    using Load = std::function<Loaded(const vision::ModelId&)>;

    Models() : Models(nullptr, {}) {}
    // `load` fails or refuses for a model that is not on this machine; none: there is only `current`.
    Models(std::shared_ptr<const Model> current, Load load);
    // One that compares embeddings and sees no pictures.
    Models(Recognition recognition);
    Models(std::optional<Recognition> recognition);

    const std::shared_ptr<const Model>& current() const;
    // As `current`, or refuses model_absent.
    Loaded own() const;
    // Refuses model_missing; model_absent where the server has no model at all.
    Loaded of(const vision::ModelId& id) const;
    // How many are in memory.
    std::size_t loaded() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace faces
