#include "neural/pack.h"

#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/file.h"
#include "neural/install.h"
#include "neural/test_graph.h"

namespace neural {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

namespace fs = std::filesystem;

std::string tiny_model() {
    TestGraph graph({1, 3, 8, 8});
    graph.node("GlobalAveragePool", {"x"}, "y");
    return graph.output().bytes();
}

std::string tiny_pack(const std::string& more = "") {
    const std::string model = tiny_model();
    return fmt::format(R"(format = 1
name = "tiny"
engine_version = "tiny-7"
summary = "for tests"
{2}
[roles.embedder]
title = "Mean colour"
file = "mean.onnx"
bytes = {0}
sha256 = "{1}"
source = "https://example.org/mean.onnx"
licence = "MIT"
provenance = "made here"
dimensions = 3
thresholds = {{ mirrored = 1, score = 0.5 }}
[roles.embedder.input]
channels = "BGR"
width = 8
height = 8
mean = [1, 2, 3.5]
deviation = [2, 4, 8]
[[documents]]
file = "LICENSE"
bytes = 5
sha256 = "{3}"
source = "https://example.org/LICENSE"
[calibration]
points = [[-1, 0], [0.5, 80], [1, 100]]
impostor = {{ mean = 0.01, deviation = 0.1 }}
genuine = {{ mode = 0.7, below = 0.15, above = 0.09, outliers = 0.005 }}
genuine_by_reliability = {{ mode = 0.8, below = [0.09, 0.13], above = [0.3, 0.04] }}
)",
                       model.size(), base::sha256_hex(model), more, base::sha256_hex("terms"));
}

base::Bytes bytes_of(const std::string& text) {
    return {text.begin(), text.end()};
}

TEST(PackDescription, IsReadWhole) {
    auto pack = PackDescription::parse(tiny_pack());
    ASSERT_TRUE(pack.ok()) << pack.error().message();
    EXPECT_EQ(pack->name, "tiny");
    EXPECT_EQ(pack->engine_version, "tiny-7");
    auto role = pack->role("embedder");
    ASSERT_TRUE(role.ok());
    EXPECT_EQ((*role)->dimensions, 3);
    EXPECT_EQ((*role)->channels, ChannelOrder::bgr);
    EXPECT_TRUE((*role)->normalisation.reverse_channels);
    EXPECT_THAT((*role)->normalisation.mean, ElementsAre(1, 2, 3.5f));
    EXPECT_THAT((*role)->normalisation.scale, ElementsAre(0.5f, 0.25f, 0.125f));
    EXPECT_EQ((*role)->thresholds.at("score"), 0.5);
    ASSERT_TRUE(pack->calibration && pack->calibration->spread);
    ASSERT_EQ(pack->calibration->curve.size(), 3u);
    EXPECT_EQ(pack->calibration->curve[1].similarity, 80);
    EXPECT_EQ(pack->calibration->spread->impostor_deviation, 0.1);
    EXPECT_EQ(pack->calibration->spread->genuine_above, 0.09);
    ASSERT_TRUE(pack->calibration->spread->by_reliability);
    EXPECT_EQ(pack->calibration->spread->by_reliability->mode, 0.8);
    EXPECT_THAT(pack->calibration->spread->by_reliability->above, ElementsAre(0.3, 0.04));
    EXPECT_TRUE(pack->role("detector").error().is(PackRefusal::role_missing));
}

TEST(PackDescription, RefusesWhatItDoesNotKnowAndWhatIsWrongByKey) {
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"format = 1", "format = 2"},
        {"channels = \"BGR\"", "channels = \"YUV\""},
        {"deviation = [2, 4, 8]", "deviation = [2, 0, 8]"},
        {"file = \"mean.onnx\"", "file = \"../mean.onnx\""},
        {"source = \"https://example.org/mean.onnx\"", "source = \"http://example.org/mean.onnx\""},
        {"[0.5, 80]", "[0.5, 0]"},
        {"licence = \"MIT\"", "licenze = \"MIT\""},
        {"title = \"Mean colour\"", "title = \"Mean colour\"\ncolour = 3"},
        {"dimensions = 3", "dimensions = -3"},
        {"[calibration]", "[calibration"},
        {"deviation = 0.1", "deviance = 0.1"},
        {"mode = 0.7, ", ""},
        {"below = [0.09, 0.13]", "below = [0.09]"},
        {"below = [0.09, 0.13]", "below = [0.09, true]"},
        {"above = [0.3, 0.04] }", "above = [0.3, 0.04], more = 1 }"},
    };
    for (const auto& [good, bad] : wrong) {
        std::string text = tiny_pack();
        text.replace(text.find(good), good.size(), bad);
        auto pack = PackDescription::parse(text);
        ASSERT_FALSE(pack.ok()) << bad;
        EXPECT_TRUE(pack.error().is(PackRefusal::bad_description)) << bad;
    }
    EXPECT_THAT(PackDescription::parse(tiny_pack("colour = 3")).error().message(), HasSubstr("colour"));
}

TEST(MeasuredCalibration, IsReadWithTheModelItBelongsTo) {
    const std::string text =
        "model = \"open/open-1\"\n[calibration]\npoints = [[0, 0], [0.5, 80], [1, 100]]\n"
        "impostor = { mean = 0.25, deviation = 0.1 }\n"
        "genuine = { mode = 0.7, below = 0.2, above = 0.1, outliers = 0.01 }\n";
    const auto measured = MeasuredCalibration::parse(text);
    ASSERT_TRUE(measured.ok()) << measured.error().message();
    EXPECT_EQ(measured->model, "open/open-1");
    EXPECT_EQ(measured->calibration.spread->impostor_mean, 0.25);
    EXPECT_FALSE(measured->calibration.spread->by_reliability);
    EXPECT_TRUE(MeasuredCalibration::parse(text + "more = 1\n").error().is(PackRefusal::bad_description));
    EXPECT_FALSE(MeasuredCalibration::parse("model = 3").ok());
}

TEST(Pack, GivesModelsFromBytesThatWereChecked) {
    auto pack = Pack::from_bytes(tiny_pack(), {{"mean.onnx", bytes_of(tiny_model())}});
    ASSERT_TRUE(pack.ok()) << pack.error().message();
    auto model = (*pack)->model("embedder");
    ASSERT_TRUE(model.ok());
    EXPECT_EQ((*model)->input().name, "x");
    EXPECT_TRUE((*pack)->model("detector").error().is(PackRefusal::role_missing));
}

TEST(Pack, RefusesAFileThatIsNotThePinnedOneByName) {
    base::Bytes changed = bytes_of(tiny_model());
    changed.back() ^= 1;
    auto pack = Pack::from_bytes(tiny_pack(), {{"mean.onnx", changed}});
    ASSERT_FALSE(pack.ok());
    EXPECT_TRUE(pack.error().is(PackRefusal::digest_mismatch));
    EXPECT_THAT(pack.error().message(), HasSubstr("mean.onnx"));
    EXPECT_TRUE(Pack::from_bytes(tiny_pack(), {}).error().is(PackRefusal::file_missing));
}

// A role whose file holds weights alone.
std::string with_topology(const std::string& topology, const std::string& manifest) {
    std::string text = tiny_pack();
    const std::string role = "[roles.embedder.input]";
    text.insert(text.find(role),
                fmt::format("topology = \"{}\"\n[roles.embedder.manifest]\nfile = \"m.json\"\n"
                            "bytes = {}\nsha256 = \"{}\"\nsource = \"https://example.org/m\"\n",
                            topology, manifest.size(), base::sha256_hex(manifest)));
    return text;
}

TEST(Pack, ReadsWeightsWithTheManifestThatDescribesThem) {
    const std::string manifest = "[]";
    auto description = PackDescription::parse(with_topology("face-api/expression", manifest));
    ASSERT_TRUE(description.ok()) << description.error().message();
    const auto files = (*description->role("embedder"))->files();
    ASSERT_EQ(files.size(), 2u);
    EXPECT_EQ(files[1].name, "m.json");
    EXPECT_TRUE(Pack::from_bytes(description->text, {{"mean.onnx", bytes_of(tiny_model())}})
                    .error()
                    .is(PackRefusal::file_missing));
    EXPECT_TRUE(Pack::from_bytes(description->text,
                                 {{"mean.onnx", bytes_of(tiny_model())}, {"m.json", bytes_of("{}")}})
                    .error()
                    .is(PackRefusal::digest_mismatch));
    // Both files are the pinned ones, and are no weights of this network.
    EXPECT_TRUE(Pack::from_bytes(description->text,
                                 {{"mean.onnx", bytes_of(tiny_model())}, {"m.json", bytes_of(manifest)}})
                    .error()
                    .is(Refusal::not_a_model));
    EXPECT_TRUE(PackDescription::parse(with_topology("face-api/hands", manifest))
                    .error()
                    .is(PackRefusal::bad_description));
}

TEST(Pack, RefusesAFolderThatHoldsNone) {
    base::TemporaryFolder folder;
    EXPECT_TRUE(Pack::open(folder.path()).error().is(PackRefusal::unknown_pack));
}

TEST(KnownPacks, AreThoseOfTheSourceTree) {
    auto open = known_pack("open");
    ASSERT_TRUE(open.ok());
    EXPECT_TRUE((*open)->role("detector").ok());
    EXPECT_EQ((*(*open)->role("embedder"))->dimensions, 128);
    EXPECT_THAT(notice(**open), HasSubstr("non-commercial"));
    EXPECT_TRUE(known_pack("nobody").error().is(PackRefusal::unknown_pack));
}

// Without it IdentifyFaces refuses: training/README.md says how it is measured anew.
TEST(KnownPacks, SayHowTheirScoresAreSpread) {
    for (const auto& pack : known_packs()) {
        ASSERT_TRUE(pack.calibration) << pack.name;
        EXPECT_TRUE(pack.calibration->spread) << pack.name;
    }
}

TEST(KnownPacks, BuiltinIsPartOfTheProgram) {
    auto builtin = known_pack("builtin");
    ASSERT_TRUE(builtin.ok());
    EXPECT_TRUE(is_builtin(**builtin));
    EXPECT_FALSE(is_builtin(**known_pack("open")));

    std::map<std::string, std::uint64_t> sizes;  // by file: roles may share one
    for (const auto& [name, role] : (*builtin)->roles)
        sizes[role.file.name] = role.file.bytes;
    std::uint64_t bytes = 0;
    for (const auto& [name, size] : sizes)
        bytes += size;
    EXPECT_LE(bytes, 6'000'000u);

    base::TemporaryFolder data;  // with nothing installed
    auto pack = open_pack(data.path(), "builtin");
    ASSERT_TRUE(pack.ok()) << pack.error().message();
    EXPECT_TRUE((*pack)->model("detector").ok());
    EXPECT_TRUE((*pack)->model("embedder").ok());
    EXPECT_TRUE(open_pack(data.path(), "open").error().is(PackRefusal::unknown_pack));
}

TEST(KnownPacks, WhereNoneIsNamedTheInstalledOneIsUsedElseBuiltin) {
    base::TemporaryFolder data;
    EXPECT_EQ(default_pack(data.path()), "builtin");

    // A damaged pack counts too: whoever installed it must hear of it, not be recognised otherwise.
    auto folder = pack_folder(data.path(), "open");
    fs::create_directories(folder);
    std::ofstream(folder / "pack.toml") << "format = 1\n";
    EXPECT_EQ(default_pack(data.path()), "open");
}

class Install : public testing::Test {
protected:
    void put(const std::string& name, const std::string& text) {
        fs::create_directories((from() / name).parent_path());
        std::ofstream(from() / name, std::ios::binary) << text;
    }
    fs::path from() const { return folder_.path() / "from"; }
    fs::path data() const { return folder_.path() / "data"; }
    fs::path installed(const std::string& name) const { return pack_folder(data(), "tiny") / name; }

    base::TemporaryFolder folder_;
    const PackDescription pack_ = *PackDescription::parse(tiny_pack());
};

TEST_F(Install, FindsFilesByDigestWhateverTheirNames) {
    put("deep/below/weights.bin", tiny_model());
    put("terms.txt", "terms");
    put("decoy", std::string(tiny_model().size(), 'x'));
    auto done = install_from_folder(pack_, data(), from());
    ASSERT_TRUE(done.ok()) << done.error().message();
    EXPECT_THAT(done->files, ElementsAre("mean.onnx", "LICENSE"));
    EXPECT_TRUE(done->missing_documents.empty());
    EXPECT_TRUE(Pack::open(done->folder).ok());
    EXPECT_TRUE(fs::exists(installed("NOTICE.txt")));
}

TEST_F(Install, WithoutALicenceTextSaysSo) {
    put("mean.onnx", tiny_model());
    auto done = install_from_folder(pack_, data(), from());
    ASSERT_TRUE(done.ok());
    EXPECT_THAT(done->missing_documents, ElementsAre("LICENSE"));
}

TEST_F(Install, NamesAddressAndDigestOfWhatIsMissingAndLeavesNoPack) {
    put("mean.onnx", "something else");
    auto done = install_from_folder(pack_, data(), from());
    ASSERT_FALSE(done.ok());
    EXPECT_TRUE(done.error().is(InstallRefusal::not_found));
    EXPECT_THAT(done.error().message(), HasSubstr("https://example.org/mean.onnx"));
    EXPECT_FALSE(fs::exists(installed("pack.toml")));
    EXPECT_TRUE(install_from_folder(pack_, data(), from() / "nowhere").error().is(InstallRefusal::not_found));
}

TEST_F(Install, DownloadsFromThePinnedAddressesOnce) {
    std::vector<std::string> asked;
    const Fetch fetch = [&](const std::string& address, std::size_t) -> Result<base::Bytes> {
        asked.push_back(address);
        return bytes_of(address.ends_with("LICENSE") ? "terms" : tiny_model());
    };
    ASSERT_TRUE(install_from_source(pack_, data(), fetch).ok());
    EXPECT_THAT(asked, ElementsAre("https://example.org/mean.onnx", "https://example.org/LICENSE"));
    ASSERT_TRUE(install_from_source(pack_, data(), fetch).ok());
    EXPECT_EQ(asked.size(), 2u);
    EXPECT_TRUE(Pack::open(pack_folder(data(), "tiny")).ok());
}

TEST_F(Install, NeverLeavesAFileThatIsNotThePinnedOne) {
    const Fetch wrong = [&](const std::string&, std::size_t) -> Result<base::Bytes> {
        return bytes_of("evil");
    };
    auto done = install_from_source(pack_, data(), wrong);
    ASSERT_FALSE(done.ok());
    EXPECT_TRUE(done.error().is(InstallRefusal::digest_mismatch));
    EXPECT_FALSE(fs::exists(installed("mean.onnx")));
    const Fetch broken = [&](const std::string&, std::size_t) -> Result<base::Bytes> {
        return Error::failure("no route");
    };
    EXPECT_TRUE(install_from_source(pack_, data(), broken).error().is(InstallRefusal::download_failed));
}

TEST_F(Install, RepairsAFileThatWasChanged) {
    put("mean.onnx", tiny_model());
    ASSERT_TRUE(install_from_folder(pack_, data(), from()).ok());
    std::ofstream(installed("mean.onnx"), std::ios::binary | std::ios::app) << "x";
    EXPECT_TRUE(Pack::open(pack_folder(data(), "tiny")).error().is(PackRefusal::digest_mismatch));
    ASSERT_TRUE(install_from_folder(pack_, data(), from()).ok());
    EXPECT_TRUE(Pack::open(pack_folder(data(), "tiny")).ok());
}

}  // namespace
}  // namespace neural
