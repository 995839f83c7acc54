#include <fmt/format.h>
#include <thread>
#include <unistd.h>

#include "cli/commands.h"
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

Result<std::string> identify(const vision::Pipeline& pipeline, const Bench& bench,
                             const vision::Progress& progress) {
    auto threads = std::thread::hardware_concurrency();
    return TRY(vision::measure_identification(pipeline, bench.images, {.seed = bench.seed}, threads,
                                              progress))
        .json();
}

Result<std::string> calibrate(const vision::Pipeline& pipeline, const Bench& bench,
                              const vision::Progress& progress) {
    auto threads = std::thread::hardware_concurrency();
    return TRY(vision::measure_calibration(pipeline, bench.images, threads, progress)).json();
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
    if (bench.subject == "calibrate") return calibrate(pipeline, bench, progress);
    return identify(pipeline, bench, progress);
}

}  // namespace

int run(const Bench& bench) {
    auto figures = measure(bench);
    if (!figures.ok()) {
        const auto& error = figures.error();
        fmt::print(stderr, "likeness bench: {}\n", error.is_failure() ? error.detail() : error.message());
        return 1;
    }
    fmt::print("{}\n", *figures);
    return 0;
}

}  // namespace cli
