#include "tables/document.h"

#include <map>

namespace tables {

namespace {

const Value* step_into(const Value& value, const Path::Step& step) {
    if (const auto* name = std::get_if<std::string>(&step)) {
        const auto* map = value.get_if<Map>();
        if (!map) return nullptr;
        auto found = map->find(*name);
        return found == map->end() ? nullptr : &found->second;
    }
    const auto* list = value.get_if<List>();
    auto index = std::get<std::size_t>(step);
    return list && index < list->size() ? &(*list)[index] : nullptr;
}

// What is asked for below one place: everything, or some steps.
struct Wanted {
    bool all = false;
    std::map<Path::Step, Wanted> steps;
};

std::optional<Value> pick(const Value& value, const Wanted& wanted) {
    if (wanted.all) return value;
    Map map;
    List list;
    bool found = false;
    for (const auto& [step, below] : wanted.steps) {
        const auto* inner = step_into(value, step);
        if (!inner) continue;
        auto picked = pick(*inner, below);
        if (!picked) continue;
        found = true;
        if (const auto* name = std::get_if<std::string>(&step))
            map.emplace(*name, std::move(*picked));
        else
            list.push_back(std::move(*picked));
    }
    if (!found) return std::nullopt;
    if (value.type() == Type::map) return Value(std::move(map));
    return Value(std::move(list));
}

}  // namespace

const Value* find(const Item& item, const Path& path) {
    auto found = item.find(path.attribute);
    if (found == item.end()) return nullptr;
    const auto* value = &found->second;
    for (const auto& step : path.steps) {
        value = step_into(*value, step);
        if (!value) return nullptr;
    }
    return value;
}

Item project(const Item& item, const Projection& paths) {
    std::map<std::string, Wanted> wanted;
    for (const auto& path : paths) {
        auto* place = &wanted[path.attribute];
        for (const auto& step : path.steps)
            place = &place->steps[step];
        place->all = true;
    }
    Item out;
    for (const auto& [name, below] : wanted) {
        auto found = item.find(name);
        if (found == item.end()) continue;
        if (auto picked = pick(found->second, below)) out.emplace(name, std::move(*picked));
    }
    return out;
}

}  // namespace tables
