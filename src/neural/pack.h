// Model packs: which networks play which part, where each file comes from, how it is fed, and what its scores
// mean. A pack is a folder with pack.toml and the files it names; docs/formats/pack.md describes the form.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "neural/network.h"

namespace neural {

enum class PackRefusal : std::uint8_t {
    bad_description,  // pack.toml is not as docs/formats/pack.md says; the message names the key
    file_missing,     // a file that the pack names is not there
    digest_mismatch,  // a file is there but is not the one that was pinned
    role_missing,     // the pack has no network for this role
    unknown_pack,     // no pack of this name is known or installed
};

inline constexpr std::size_t kDescriptionBytesMax = std::size_t{1} << 20;

// A file that is fixed for good by its digest.
struct PinnedFile {
    std::string name;  // inside the pack's folder: letters, digits, - _ . only
    std::uint64_t bytes = 0;
    std::string sha256;   // lower-case hexadecimal
    std::string source;   // the https address of exactly these bytes; empty: they are part of the program
    std::string licence;  // as its publisher states it
};

// Where a point of an aligned picture lies, in pixels.
struct TemplatePoint {
    float x = 0;
    float y = 0;
};

// What a picture is turned into before an embedder sees it: the five points (the eyes as they lie from left
// to right in the picture, the nose, the corners of the mouth likewise) that its landmarks are moved to.
struct AlignmentTemplate {
    std::string name;
    int size_px = 0;  // square
    std::array<TemplatePoint, 5> points{};
};

enum class ChannelOrder : std::uint8_t { rgb, bgr };

// A network of a pack and how to use it.
struct Role {
    PinnedFile file;
    // Where `file` holds weights alone (Model::read_weights): the graph they belong to, and the manifest that
    // describes them. Otherwise `file` is an ONNX file.
    std::string topology;
    std::optional<PinnedFile> manifest;
    std::string title;       // what the operator knows it as
    std::string provenance;  // who made it from what, for the operator to read
    std::string caution;     // what the operator should know before using it; may be empty
    ChannelOrder channels = ChannelOrder::rgb;
    Normalisation normalisation;  // for pictures that hold RGB: reverse_channels follows from `channels`
    int width = 0;                // of the input; 0 where any multiple of size_step is good
    int height = 0;
    int size_step = 1;
    int dimensions = 0;                          // of the embedding; 0 for other roles
    std::optional<AlignmentTemplate> alignment;  // of an embedder
    std::map<std::string, double> thresholds;    // decision thresholds by name, such as `score` and `overlap`

    std::vector<PinnedFile> files() const;  // one or two
};

// A point of the calibration curve: what cosine counts as what similarity.
struct CalibrationPoint {
    double cosine = 0;
    double similarity = 0;  // 0 to 100
};

// How the cosines of one person depend on how far both embeddings can be relied on (vision/score_model.h).
struct SpreadByReliability {
    double mode = 0;
    std::array<double, 2> below{}, above{};
};

// How the cosines of pairs are spread: of strangers normally, of one person in two halves of normal
// distributions with a share of outliers.
struct ScoreSpread {
    double impostor_mean = 0;
    double impostor_deviation = 0;
    double genuine_mode = 0;
    double genuine_below = 0;
    double genuine_above = 0;
    double genuine_outliers = 0;
    std::optional<SpreadByReliability> by_reliability = std::nullopt;
};

// The [calibration] of a pack.toml, or of a file that an operator measured.
struct CalibrationDescription {
    std::vector<CalibrationPoint> curve;  // both coordinates rise; at least two points
    std::optional<ScoreSpread> spread;
};

// What an operator measured on their own photographs for a pack (docs/formats/pack.md).
struct MeasuredCalibration {
    std::string model;  // the pack and its engine's version: "open/open-1"
    CalibrationDescription calibration;

    static Result<MeasuredCalibration> parse(std::string_view toml);
    static Result<MeasuredCalibration> read(const std::filesystem::path& file);
};

// A pack.toml, parsed and checked.
struct PackDescription {
    std::string name;
    std::string
        engine_version;  // changes whenever embeddings or similarities change; part of the face model's name
    std::string summary;
    std::map<std::string, Role> roles;  // "detector", "embedder", ...
    std::vector<PinnedFile> documents;  // licence texts
    std::optional<CalibrationDescription> calibration;
    std::string text;  // the toml itself

    static Result<PackDescription> parse(std::string toml);
    Result<const Role*> role(std::string_view name) const;
    bool has_role(std::string_view wanted) const { return roles.contains(std::string(wanted)); }
};

// A pack whose files have been read and found to be the pinned ones. Immutable; any thread may use it.
class Pack {
public:
    static Result<std::shared_ptr<const Pack>> open(const std::filesystem::path& folder);
    // From bytes that are in memory, by file name; they are checked in the same way.
    static Result<std::shared_ptr<const Pack>> from_bytes(std::string toml,
                                                          std::map<std::string, base::Bytes> files);

    // A pack that is part of the program with all its files; else PackRefusal::file_missing.
    static Result<std::shared_ptr<const Pack>> builtin(const PackDescription& pack);

    const PackDescription& description() const { return description_; }
    Result<const Role*> role(std::string_view name) const { return description_.role(name); }
    Result<std::shared_ptr<const Model>> model(std::string_view role) const;

private:
    Pack() = default;
    PackDescription description_;
    std::map<std::string, std::shared_ptr<const Model>, std::less<>> models_;  // by role
};

// The packs that this program was built with the descriptions of (models/*/pack.toml), by name.
const std::vector<PackDescription>& known_packs();
bool is_builtin(const PackDescription& pack);  // all its files are part of the program
Result<const PackDescription*> known_pack(std::string_view name);

}  // namespace neural
