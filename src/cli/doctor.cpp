#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <thread>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/credentials.h"
#include "neural/install.h"

namespace cli {
namespace {

bool ok(bool good, const std::string& what, const std::string& otherwise) {
    fmt::print("  {}  {}\n", good ? "ok  " : "LACK", what);
    if (!good) fmt::print("        {}\n", otherwise);
    return good;
}

bool has_program(const char* path) {
    return ::access(path, X_OK) == 0;
}

double memory_gib() {
    return static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGE_SIZE)) /
           (1 << 30);
}

}  // namespace

int run(const Doctor& doctor) {
    const auto& data = doctor.common.data;
    bool all = true;
    fmt::print("machine\n");
    fmt::print("  {} processors, {:.1f} GiB of memory\n", std::thread::hardware_concurrency(), memory_gib());
    __builtin_cpu_init();
    ok(__builtin_cpu_supports("avx2"), "AVX2", "search and networks run on plain code: correct, and slow");
    ok(__builtin_cpu_supports("avx512vnni"), "AVX-512 VNNI: the fastest search kernel",
       "AVX2 is used instead");
    ok(__builtin_cpu_supports("avx512bf16"), "bfloat16: networks at twice the speed",
       "32-bit floats are used");

    fmt::print("functions\n");
    all &= ok(has_program("/usr/bin/bwrap"), "bubblewrap",
              "functions are refused: install the package bubblewrap");
    all &= ok(has_program("/usr/bin/python3"), "python3",
              "Python functions are refused: install the package python3");
    all &= ok(std::filesystem::exists("/usr/lib/python3/dist-packages/boto3"), "boto3 for functions",
              "functions that import boto3 fail: install the package python3-boto3");

    fmt::print("faces\n");
    auto pack = neural::open_pack(data, doctor.common.models);
    all &= ok(pack.ok(), fmt::format("model pack {}", doctor.common.models),
              fmt::format("likeness models install {} --data {}", doctor.common.models, data.string()));

    fmt::print("data\n");
    std::error_code error;
    auto space = std::filesystem::space(std::filesystem::exists(data) ? data : data.parent_path(), error);
    all &= ok(!error, fmt::format("{}", data.string()), "cannot be looked at: " + error.message());
    if (!error) fmt::print("        {:.1f} GiB free\n", static_cast<double>(space.available) / (1 << 30));
    if (std::filesystem::exists(data / "credentials")) {
        auto mode = std::filesystem::status(data / "credentials").permissions();
        all &= ok((mode & std::filesystem::perms(077)) == std::filesystem::perms::none,
                  "credentials are readable by their owner only",
                  "chmod 600 " + (data / "credentials").string());
    }
    return all ? 0 : 1;
}

}  // namespace cli
