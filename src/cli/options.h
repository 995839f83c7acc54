// The command line and its twins: flags, LIKENESS_* variables and likeness.toml mean the same, and win in
// that order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace cli {

// What every command may need to know about the installation.
struct Common {
    std::filesystem::path data;  // default: $XDG_DATA_HOME/likeness or ~/.local/share/likeness
    std::string models;          // name of a model pack; default: the installed one, else `builtin`
    std::string log_level = "info";
};

struct Serve {
    Common common;
    std::string address = "127.0.0.1";
    std::uint16_t port = 4566;  // 0 takes a free one; the first line on standard output names it
    std::string account_id = "000000000000";
    std::string region = "us-east-1";
    std::string access_key;  // both empty: generated at the first start and kept in DATA/credentials
    std::string secret_key;
    bool open_access = false;  // --auth open: whoever comes may do everything; for play on one's own machine
    std::filesystem::path tls_certificate;
    std::filesystem::path tls_key;
    std::vector<std::string> virtual_hosts = {"s3.localhost", "localhost"};
    bool sandbox = true;                // --sandbox off runs functions as plain processes
    std::size_t picture_threads = 0;    // 0: one per core
    bool keep_crops = false;            // of enrolled faces, to embed them anew without their pictures
    std::filesystem::path calibration;  // what `bench calibrate --write` wrote, instead of the pack's own
    std::uint32_t retry_seconds =
        60;  // before the first retry of an asynchronous call; twice that before the second
};

// Prints the export lines for `eval`.
struct Env {
    Common common;
};

struct Models {
    Common common;
    enum class Action { list, install, verify } action = Action::list;
    std::string pack;
    std::filesystem::path from;  // install from this folder instead of the pinned addresses
};

struct Bench {
    Common common;
    std::string subject;  // lfw, detect, identify, calibrate, quality, attributes, search
    std::filesystem::path images;
    std::filesystem::path pairs;
    std::filesystem::path labels;
    std::size_t photos = 0;          // at most so many; 0 is all
    std::string reference = "open";  // detect: the pack that says where the faces are
    std::filesystem::path svg;       // calibrate: where the curves are drawn
    std::filesystem::path write;     // calibrate: where the calibration is written
    std::uint64_t seed = 1;
    std::vector<std::size_t> counts = {100'000, 1'000'000};
    std::vector<std::size_t> dimensions = {128, 512};
    bool json = false;
};

// What this machine offers and what is missing.
struct Doctor {
    Common common;
};

// --help, --version: text for standard output and nothing to do.
struct Say {
    std::string text;
    int status = 0;
};

using Command = std::variant<Serve, Env, Models, Bench, Doctor, Say>;

// Never fails: wrong usage is a Say with what is wrong and status 2.
Command parse(int count, const char* const* arguments);

}  // namespace cli
