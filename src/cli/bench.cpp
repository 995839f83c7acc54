#include <boost/json.hpp>
#include <fmt/format.h>
#include <thread>
#include <unistd.h>

#include "base/file.h"
#include "cli/chart.h"
#include "cli/commands.h"
#include "faces/collection_measure.h"
#include "faces/identification_measure.h"
#include "faces/identification_time.h"
#include "faces/quality_measure.h"
#include "neural/install.h"
#include "search/measure.h"
#include "vision/calibration_fit.h"
#include "vision/description.h"
#include "vision/detection_measure.h"
#include "vision/identification.h"
#include "vision/verification.h"

namespace cli {
namespace {

Result<std::string> lfw(const vision::Pipeline& pipeline, const Bench& bench,
                        const vision::Progress& progress) {
    auto threads = std::thread::hardware_concurrency();
    return TRY(vision::measure_verification(pipeline, bench.images, bench.pairs, threads, progress)).json();
}

// {"a":1} and {"b":2} as one object.
std::string joined(std::string first, const std::string& second) {
    first.back() = ',';
    return first + second.substr(1);
}

// A small folder does not hold what every measurement needs.
template <class Report>
std::string json_or_null(const Result<Report>& report) {
    return report.ok() ? report->json() : "null";
}

Result<std::string> identify(const vision::Pipeline& pipeline, const Bench& bench,
                             const vision::Progress& progress) {
    const auto threads = std::thread::hardware_concurrency();
    const auto photos = TRY(vision::embed_people(pipeline, bench.images, threads, progress));
    const auto& calibration = pipeline.calibration();
    const auto one = TRY(vision::measure_identification(calibration, photos, {.seed = bench.seed}));
    if (!calibration.scores()) return one.json();
    const auto with_one =
        TRY(faces::measure_probabilities(calibration, photos, {.references = 1, .seed = bench.seed}));
    const auto with_three = TRY(faces::measure_probabilities(calibration, photos, {.seed = bench.seed}));
    auto error_of = [](const faces::ProbabilityReport& report) {
        return std::max(report.open.expected_error(), report.closed.expected_error());
    };
    const faces::Recognition recognition{pipeline.model(), pipeline.dimensions(), calibration};
    auto groups = [&](std::size_t references) {
        return json_or_null(
            faces::measure_groups(pipeline, photos, {.references = references, .seed = bench.seed}, threads));
    };
    const auto audit = faces::measure_audit(recognition, photos, {.seed = bench.seed});
    const auto corrections = faces::measure_corrections(recognition, photos, bench.seed);
    const auto time = faces::measure_identification_time(pipeline, photos, {.seed = bench.seed});
    return joined(
        one.json(),
        fmt::format(
            R"({{"rank1_one":{:.5f},"dir_at_1pct_one":{:.5f},"rank1_three":{:.5f},"dir_at_1pct_three":{:.5f},)"
            R"("ece":{:.5f},"ece_open":{:.5f},)"
            R"("ece_closed":{:.5f},"ece_one":{:.5f},"people_three":{},"searches_three":{},)"
            R"("groups_one":{},"groups_three":{},"audit":{},"corrections":{},"time":{}}})",
            with_one.rank1, with_one.dir_at_1pct, with_three.rank1, with_three.dir_at_1pct,
            error_of(with_three), with_three.open.expected_error(), with_three.closed.expected_error(),
            error_of(with_one), with_three.people, with_three.searches, groups(1), groups(3),
            json_or_null(audit), json_or_null(corrections), json_or_null(time)));
}

Result<std::string> calibrate(const vision::Pipeline& pipeline, const Bench& bench,
                              const vision::Progress& progress) {
    const auto photos =
        TRY(vision::embed_people(pipeline, bench.images, std::thread::hardware_concurrency(), progress));
    const auto report = TRY(vision::measure_calibration(pipeline, photos.photos.embeddings, photos.owners));
    const auto calibration = TRY(vision::Calibration::create(
        report.curve, TRY(vision::ScoreModel::create(report.tail, report.spread, report.by_reliability))));
    const auto reliability = TRY(faces::measure_reliability(calibration, photos));
    if (!bench.svg.empty()) {
        const auto chart = calibration_chart(report, reliability);
        TRY(base::write_file(bench.svg, base::view(chart)));
    }
    if (!bench.write.empty()) {
        if (!report.fitted)
            return Error::failure(fmt::format(
                "{} pairs of different people and {} of the same are too few for a curve of their own: {} "
                "and {} "
                "are needed",
                report.impostor_pairs, report.genuine_pairs, vision::kPairsMin, vision::kGenuinePairsMin));
        const auto file = vision::calibration_file(report, pipeline.model());
        TRY(base::write_file(bench.write, base::view(file)));
    }
    return joined(report.json(), fmt::format(R"({{"ece":{:.5f},"reliability":{}}})",
                                             reliability.expected_error(), reliability.json()));
}

Result<std::string> quality(const vision::Pipeline& pipeline, const Bench& bench,
                            const vision::Progress& progress) {
    const auto photos =
        TRY(vision::embed_people(pipeline, bench.images, std::thread::hardware_concurrency(), progress));
    return TRY(faces::measure_quality(photos, bench.seed)).json();
}

Result<std::string> attributes(const vision::Pipeline& pipeline, const Bench& bench,
                               const vision::Progress& progress) {
    auto threads = std::thread::hardware_concurrency();
    auto photos = TRY(vision::read_known_photos(bench.images, bench.labels));
    return TRY(vision::measure_description(pipeline, std::move(photos), bench.photos, bench.seed, threads,
                                           progress))
        .json();
}

Result<std::string> detect(const vision::Pipeline& pipeline, const Bench& bench,
                           const vision::Progress& progress) {
    auto threads = std::thread::hardware_concurrency();
    auto pack = TRY(neural::open_pack(bench.common.data, bench.reference));
    auto reference = TRY(vision::Pipeline::create(*pack));
    return TRY(vision::measure_detection(pipeline, reference, bench.images, {.seed = bench.seed}, threads,
                                         progress))
        .json();
}

Result<std::string> measure(const Bench& bench) {
    if (bench.subject == "search")
        return search::as_json(
            TRY(search::measure({.sizes = bench.counts, .dimensions = bench.dimensions, .peer_folder = {}})));
    auto pack = TRY(neural::open_pack(bench.common.data, bench.common.models));
    auto pipeline = TRY(vision::Pipeline::create(*pack));
    // Only a person at a terminal wants to see it move.
    vision::Progress progress = [](std::size_t done, std::size_t all) {
        if (::isatty(STDERR_FILENO) && (done % 20 == 0 || done == all))
            fmt::print(stderr, "\r{} of {} photos{}", done, all, done == all ? "\n" : "");
    };
    if (bench.subject == "lfw") return lfw(pipeline, bench, progress);
    if (bench.subject == "attributes") return attributes(pipeline, bench, progress);
    if (bench.subject == "detect") return detect(pipeline, bench, progress);
    if (bench.subject == "quality") return quality(pipeline, bench, progress);
    if (bench.subject == "calibrate") return calibrate(pipeline, bench, progress);
    return identify(pipeline, bench, progress);
}

// A line for each figure, by the way that leads to it; small lists on one.
void list_figures(const boost::json::value& value, const std::string& name, std::string& lines) {
    auto below = [&](std::string_view last) {
        return fmt::format("{}{}{}", name, name.empty() ? "" : ".", last);
    };
    if (const auto* object = value.if_object()) {
        for (const auto& [key, member] : *object)
            list_figures(member, below(key), lines);
    } else if (const auto* array = value.if_array(); array && !array->empty() && array->front().is_object()) {
        for (std::size_t i = 0; i < array->size(); ++i)
            list_figures((*array)[i], below(fmt::to_string(i)), lines);
    } else if (const auto* number = value.if_double()) {
        lines += fmt::format("{:<40} {:.6g}\n", name, *number);
    } else {
        lines += fmt::format("{:<40} {}\n", name, boost::json::serialize(value));
    }
}

}  // namespace

int run(const Bench& bench) {
    auto figures = measure(bench);
    if (!figures.ok()) {
        const auto& error = figures.error();
        fmt::print(stderr, "likeness bench: {}\n", error.is_failure() ? error.detail() : error.message());
        return 1;
    }
    boost::system::error_code problem;  // where a figure is no number there is no JSON to read
    const auto value = boost::json::parse(*figures, problem);
    std::string lines;
    if (!bench.json && !problem) list_figures(value, "", lines);
    fmt::print("{}", lines.empty() ? *figures + '\n' : lines);
    return 0;
}

}  // namespace cli
