#include "neural/pack.h"

#include <cmath>
#include <fmt/format.h>
#include <set>
#include <toml++/toml.h>

#include "base/digest.h"
#include "base/file.h"
#include "neural/known.h"

namespace neural {
namespace {

constexpr std::int64_t kFormat = 1;

Error bad(std::string why) {
    return Error::refusal(PackRefusal::bad_description, std::move(why));
}

// A table whose keys are all read: one that nobody asked for is a slip of the pen and is refused.
class Section {
public:
    static Result<Section> open(const toml::table* table, std::string name) {
        if (!table) return bad(name + " is missing or is no table");
        return Section(*table, std::move(name));
    }

    bool has(std::string_view key) const { return table_->contains(key); }

    Result<std::string> text(std::string_view key) {
        const auto* node = find(key);
        if (!node || !node->is_string()) return bad(fmt::format("{} is missing or is no text", full(key)));
        return node->as_string()->get();
    }
    Result<std::string> text_or(std::string_view key, std::string otherwise) {
        if (!has(key)) return otherwise;
        return text(key);
    }

    Result<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most) {
        const auto* node = find(key);
        if (!node || !node->is_integer())
            return bad(fmt::format("{} is missing or is no whole number", full(key)));
        const std::int64_t number = node->as_integer()->get();
        if (number < least || number > most)
            return bad(fmt::format("{} is not from {} to {}", full(key), least, most));
        return number;
    }
    Result<int> integer_or(std::string_view key, int otherwise, int least, int most) {
        if (!has(key)) return otherwise;
        return static_cast<int>(TRY(integer(key, least, most)));
    }

    // `rows` lists of `columns` numbers.
    Result<std::vector<std::vector<double>>> points(std::string_view key, std::size_t columns) {
        const auto* node = find(key);
        if (!node || !node->is_array()) return bad(fmt::format("{} is missing or is no list", full(key)));
        std::vector<std::vector<double>> rows;
        for (const auto& row : *node->as_array()) {
            if (!row.is_array() || row.as_array()->size() != columns)
                return bad(fmt::format("{} holds something other than {} numbers", full(key), columns));
            rows.push_back(TRY(numbers(*row.as_array(), key)));
        }
        return rows;
    }
    Result<std::array<float, 3>> three(std::string_view key) {
        const auto three = TRY(list<3>(key));
        return std::array{static_cast<float>(three[0]), static_cast<float>(three[1]),
                          static_cast<float>(three[2])};
    }
    template <std::size_t count>
    Result<std::array<double, count>> list(std::string_view key) {
        const auto* node = find(key);
        if (!node || !node->is_array() || node->as_array()->size() != count)
            return bad(fmt::format("{} is not {} numbers", full(key), count));
        const auto values = TRY(numbers(*node->as_array(), key));
        std::array<double, count> out;
        std::copy(values.begin(), values.end(), out.begin());
        return out;
    }
    Result<double> number(std::string_view key) {
        const auto* node = find(key);
        const auto value = node ? node->value<double>() : std::nullopt;
        if (!value || !std::isfinite(*value))
            return bad(fmt::format("{} is missing or is no number", full(key)));
        return *value;
    }

    Result<Section> section(std::string_view key) {
        const auto* node = find(key);
        return open(node ? node->as_table() : nullptr, full(key));
    }
    std::vector<std::string> keys() const {
        std::vector<std::string> names;
        for (const auto& [key, value] : *table_)
            names.emplace_back(key.str());
        return names;
    }
    const toml::node* find(std::string_view key) {
        asked_.emplace(key);
        return table_->get(key);
    }
    std::string full(std::string_view key) const {
        return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
    }

    Result<void> finish() const {
        for (const std::string& key : keys())
            if (!asked_.contains(key)) return bad(fmt::format("{} is not known", full(key)));
        return {};
    }

private:
    Section(const toml::table& table, std::string name) : table_(&table), name_(std::move(name)) {}

    Result<std::vector<double>> numbers(const toml::array& array, std::string_view key) const {
        std::vector<double> list;
        for (const auto& element : array) {
            const auto value = element.value<double>();
            if (!value || !std::isfinite(*value)) return bad(fmt::format("{} holds no number", full(key)));
            list.push_back(*value);
        }
        return list;
    }

    const toml::table* table_;
    std::string name_;
    std::set<std::string, std::less<>> asked_;
};

bool is_plain_name(std::string_view name) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    };
    return !name.empty() && name.size() <= 128 && name[0] != '.' &&
           std::all_of(name.begin(), name.end(), plain);
}

Result<PinnedFile> read_file_of(Section& section, bool is_network) {
    PinnedFile file;
    file.name = TRY(section.text("file"));
    file.bytes = static_cast<std::uint64_t>(
        TRY(section.integer("bytes", 1, static_cast<std::int64_t>(kModelBytesMax))));
    file.sha256 = TRY(section.text("sha256"));
    file.source = TRY(section.text_or("source", ""));
    if (is_network) file.licence = TRY(section.text("licence"));
    const auto digest = base::from_hex(file.sha256);
    if (!is_plain_name(file.name) || file.name == "pack.toml" || file.name == "NOTICE.txt")
        return bad(fmt::format("{} is no name for a file", section.full("file")));
    if (!digest || digest->size() != 32 || base::hex(*digest) != file.sha256)
        return bad(fmt::format("{} is not 64 lower-case hexadecimal digits", section.full("sha256")));
    if (!file.source.empty() && !file.source.starts_with("https://"))
        return bad(fmt::format("{} is no https address", section.full("source")));
    return file;
}

Result<void> read_input(Section section, Role& role) {
    const std::string channels = TRY(section.text("channels"));
    if (channels != "RGB" && channels != "BGR")
        return bad(section.full("channels") + " is neither RGB nor BGR");
    role.channels = channels == "RGB" ? ChannelOrder::rgb : ChannelOrder::bgr;
    role.normalisation.reverse_channels = role.channels == ChannelOrder::bgr;
    role.normalisation.mean = TRY(section.three("mean"));
    const auto deviation = TRY(section.three("deviation"));
    for (std::size_t i = 0; i < 3; ++i) {
        if (deviation[i] == 0) return bad(section.full("deviation") + " is 0");
        role.normalisation.scale[i] = 1 / deviation[i];
    }
    role.width = TRY(section.integer_or("width", 0, 1, 8192));
    role.height = TRY(section.integer_or("height", 0, 1, 8192));
    role.size_step = TRY(section.integer_or("size_step", 1, 1, 1024));
    return section.finish();
}

Result<AlignmentTemplate> read_alignment(Section section) {
    AlignmentTemplate alignment;
    alignment.name = TRY(section.text("name"));
    alignment.size_px = TRY(section.integer_or("size_px", 0, 1, 8192));
    const auto points = TRY(section.points("points", 2));
    if (points.size() != alignment.points.size() || alignment.size_px == 0)
        return bad(section.full("points") + " are not five, or size_px is missing");
    for (std::size_t i = 0; i < points.size(); ++i)
        alignment.points[i] = {static_cast<float>(points[i][0]), static_cast<float>(points[i][1])};
    TRY(section.finish());
    return alignment;
}

Result<void> read_topology(Section& section, Role& role) {
    role.topology = TRY(section.text("topology"));
    if (!Model::knows_topology(role.topology)) return bad(section.full("topology") + " is not known");
    Section manifest = TRY(section.section("manifest"));
    role.manifest = TRY(read_file_of(manifest, false));
    return manifest.finish();
}

Result<Role> read_role(Section section) {
    Role role;
    role.file = TRY(read_file_of(section, true));
    if (section.has("topology")) TRY(read_topology(section, role));
    role.title = TRY(section.text("title"));
    role.provenance = TRY(section.text("provenance"));
    role.caution = TRY(section.text_or("caution", ""));
    role.dimensions = TRY(section.integer_or("dimensions", 0, 1, 65'536));
    TRY(read_input(TRY(section.section("input")), role));
    if (section.has("alignment")) role.alignment = TRY(read_alignment(TRY(section.section("alignment"))));
    if (section.has("thresholds")) {
        Section thresholds = TRY(section.section("thresholds"));
        for (const std::string& name : thresholds.keys())
            role.thresholds[name] = TRY(thresholds.number(name));
    }
    TRY(section.finish());
    return role;
}

Result<ScoreSpread> read_spread(Section impostor, Section genuine) {
    ScoreSpread spread;
    spread.impostor_mean = TRY(impostor.number("mean"));
    spread.impostor_deviation = TRY(impostor.number("deviation"));
    spread.genuine_mode = TRY(genuine.number("mode"));
    spread.genuine_below = TRY(genuine.number("below"));
    spread.genuine_above = TRY(genuine.number("above"));
    spread.genuine_outliers = TRY(genuine.number("outliers"));
    TRY(impostor.finish());
    TRY(genuine.finish());
    return spread;
}

Result<SpreadByReliability> read_spread_by_reliability(Section section) {
    SpreadByReliability spread;
    spread.mode = TRY(section.number("mode"));
    spread.below = TRY(section.list<2>("below"));
    spread.above = TRY(section.list<2>("above"));
    TRY(section.finish());
    return spread;
}

Result<CalibrationDescription> read_calibration(Section section) {
    CalibrationDescription calibration;
    auto& curve = calibration.curve;
    for (const auto& point : TRY(section.points("points", 2))) {
        if (!curve.empty() && !(point[0] > curve.back().cosine && point[1] > curve.back().similarity))
            return bad(section.full("points") + " do not rise");
        if (point[1] < 0 || point[1] > 100)
            return bad(section.full("points") + " leave the range from 0 to 100");
        curve.push_back({point[0], point[1]});
    }
    if (curve.size() < 2) return bad(section.full("points") + " are fewer than two");
    if (section.has("impostor") || section.has("genuine"))
        calibration.spread =
            TRY(read_spread(TRY(section.section("impostor")), TRY(section.section("genuine"))));
    if (calibration.spread && section.has("genuine_by_reliability"))
        calibration.spread->by_reliability =
            TRY(read_spread_by_reliability(TRY(section.section("genuine_by_reliability"))));
    TRY(section.finish());
    return calibration;
}

Result<PackDescription> read_pack(const toml::table& table) {
    PackDescription pack;
    Section root = TRY(Section::open(&table, ""));
    TRY(root.integer("format", kFormat, kFormat));
    pack.name = TRY(root.text("name"));
    if (!is_plain_name(pack.name)) return bad("name is no name for a folder");
    pack.engine_version = TRY(root.text("engine_version"));
    pack.summary = TRY(root.text("summary"));
    Section roles = TRY(root.section("roles"));
    for (const std::string& name : roles.keys())
        pack.roles[name] = TRY(read_role(TRY(roles.section(name))));
    if (const auto* documents = root.find("documents")) {
        if (!documents->is_array_of_tables()) return bad("documents are no tables");
        for (const auto& element : *documents->as_array()) {
            Section section = TRY(Section::open(element.as_table(), "documents"));
            pack.documents.push_back(TRY(read_file_of(section, false)));
            TRY(section.finish());
        }
    }
    if (root.has("calibration")) pack.calibration = TRY(read_calibration(TRY(root.section("calibration"))));
    TRY(root.finish());
    std::map<std::string, std::string> files;
    auto same_or_new = [&](const PinnedFile& file) {
        return files.emplace(file.name, file.sha256).first->second == file.sha256;
    };
    for (const auto& [name, role] : pack.roles)
        for (const auto& file : role.files())
            if (!same_or_new(file)) return bad(fmt::format("{} is two different files", file.name));
    for (const auto& document : pack.documents)
        if (!same_or_new(document)) return bad(fmt::format("{} is two different files", document.name));
    return pack;
}

Result<const base::Bytes*> checked(const PinnedFile& file, const std::map<std::string, base::Bytes>& files) {
    auto found = files.find(file.name);
    if (found == files.end())
        return Error::refusal(PackRefusal::file_missing, fmt::format("{} is missing", file.name));
    const auto& bytes = found->second;
    const std::string digest = base::hex(base::digest(base::DigestKind::sha256, bytes));
    if (bytes.size() == file.bytes && digest == file.sha256) return &bytes;
    return Error::refusal(PackRefusal::digest_mismatch,
                          fmt::format("{}: {} bytes with sha256 {} instead of {} bytes with {}", file.name,
                                      bytes.size(), digest, file.bytes, file.sha256));
}

Result<std::shared_ptr<const Model>> model_of(const Role& role,
                                              const std::map<std::string, base::Bytes>& files) {
    const auto* bytes = TRY(checked(role.file, files));
    if (!role.manifest) return Model::read(*bytes);
    const auto* manifest = TRY(checked(*role.manifest, files));
    return Model::read_weights(role.topology, base::text(*manifest), *bytes);
}

// What is wrong in a description, with the file's name before it.
template <class Parsed>
Result<Parsed> in_file(const std::filesystem::path& file, Result<Parsed> parsed) {
    if (parsed.ok() || !parsed.error().is(PackRefusal::bad_description)) return parsed;
    return bad(fmt::format("{}: {}", file.string(), parsed.error().message()));
}

}  // namespace

std::vector<PinnedFile> Role::files() const {
    std::vector<PinnedFile> all = {file};
    if (manifest) all.push_back(*manifest);
    return all;
}

Result<MeasuredCalibration> MeasuredCalibration::parse(std::string_view text) {
    if (text.size() > kDescriptionBytesMax) return bad("it is too large");
    try {
        const toml::table table = toml::parse(text);
        Section root = TRY(Section::open(&table, ""));
        MeasuredCalibration measured;
        measured.model = TRY(root.text("model"));
        measured.calibration = TRY(read_calibration(TRY(root.section("calibration"))));
        TRY(root.finish());
        return measured;
    } catch (const toml::parse_error& problem) {
        return bad(fmt::format("line {}: {}", problem.source().begin.line, problem.description()));
    } catch (const std::exception& problem) {
        return Error::failure(fmt::format("reading a calibration: {}", problem.what()));
    }
}

Result<MeasuredCalibration> MeasuredCalibration::read(const std::filesystem::path& file) {
    const base::Bytes toml = TRY(base::read_file(file, kDescriptionBytesMax));
    return in_file(file, parse(base::text(toml)));
}

Result<PackDescription> PackDescription::parse(std::string text) {
    if (text.size() > kDescriptionBytesMax) return bad("it is too large");
    try {
        const toml::table table = toml::parse(text);
        PackDescription pack = TRY(read_pack(table));
        pack.text = std::move(text);
        return pack;
    } catch (const toml::parse_error& problem) {
        return bad(fmt::format("line {}: {}", problem.source().begin.line, problem.description()));
    } catch (const std::exception& problem) {
        return Error::failure(fmt::format("reading pack.toml: {}", problem.what()));
    }
}

Result<const Role*> PackDescription::role(std::string_view wanted) const {
    auto found = roles.find(std::string(wanted));
    if (found == roles.end())
        return Error::refusal(PackRefusal::role_missing, fmt::format("pack {} has no {}", name, wanted));
    return &found->second;
}

Result<std::shared_ptr<const Pack>> Pack::open(const std::filesystem::path& folder) {
    std::error_code problem;
    auto there = [&](const std::string& name) { return std::filesystem::exists(folder / name, problem); };
    if (!there("pack.toml"))
        return Error::refusal(PackRefusal::unknown_pack, fmt::format("no pack is in {}", folder.string()));
    const base::Bytes toml = TRY(base::read_file(folder / "pack.toml", kDescriptionBytesMax));
    const PackDescription description =
        TRY(in_file(folder / "pack.toml", PackDescription::parse(std::string(base::text(toml)))));
    std::map<std::string, base::Bytes> files;
    for (const auto& [name, role] : description.roles) {
        for (const auto& file : role.files()) {
            if (!there(file.name))
                return Error::refusal(PackRefusal::file_missing,
                                      fmt::format("{} is missing in {}", file.name, folder.string()));
            files[file.name] = TRY(base::read_file(folder / file.name, kModelBytesMax));
        }
    }
    return from_bytes(description.text, std::move(files));
}

Result<std::shared_ptr<const Pack>> Pack::from_bytes(std::string toml,
                                                     std::map<std::string, base::Bytes> files) {
    std::shared_ptr<Pack> pack(new Pack());
    pack->description_ = TRY(PackDescription::parse(std::move(toml)));
    for (const auto& [name, role] : pack->description_.roles)
        pack->models_[name] = TRY(model_of(role, files));
    return std::shared_ptr<const Pack>(std::move(pack));
}

Result<std::shared_ptr<const Pack>> Pack::builtin(const PackDescription& pack) {
    std::map<std::string, base::Bytes> files;
    for (const auto& known : detail::known_files())
        if (known.pack == pack.name) files[known.name].assign(known.bytes.begin(), known.bytes.end());
    return from_bytes(pack.text, std::move(files));
}

Result<std::shared_ptr<const Model>> Pack::model(std::string_view role) const {
    TRY(description_.role(role));
    return models_.find(role)->second;
}

const std::vector<PackDescription>& known_packs() {
    static const std::vector<PackDescription> packs = [] {
        std::vector<PackDescription> read;
        for (std::string& text : detail::known_descriptions()) {
            auto pack = PackDescription::parse(std::move(text));
            INVARIANT(pack.ok());
            read.push_back(std::move(*pack));
        }
        return read;
    }();
    return packs;
}

bool is_builtin(const PackDescription& pack) {
    const auto files = detail::known_files();
    return std::all_of(pack.roles.begin(), pack.roles.end(), [&](const auto& role) {
        return std::any_of(files.begin(), files.end(), [&](const detail::KnownFile& known) {
            return known.pack == pack.name && known.name == role.second.file.name;
        });
    });
}

Result<const PackDescription*> known_pack(std::string_view name) {
    for (const PackDescription& pack : known_packs())
        if (pack.name == name) return &pack;
    return Error::refusal(PackRefusal::unknown_pack, fmt::format("no pack is called {}", name));
}

}  // namespace neural
