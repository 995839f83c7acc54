#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fmt/format.h>
#include <sstream>
#include <toml++/toml.h>

#include "neural/install.h"

namespace cli {
namespace {

std::filesystem::path default_data() {
    if (const char* home = std::getenv("XDG_DATA_HOME"); home && *home)
        return std::filesystem::path(home) / "likeness";
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home && *home ? home : "/var/lib") / ".local/share/likeness";
}

// The settings of likeness.toml: of --config or LIKENESS_CONFIG, else of the working directory if it is
// there.
Result<toml::table> read_settings(int count, const char* const* arguments) {
    std::string path;
    for (int i = 1; i < count; ++i) {
        std::string_view argument = arguments[i];
        if (argument == "--config" && i + 1 < count) path = arguments[i + 1];
        if (argument.starts_with("--config=")) path = argument.substr(9);
    }
    if (const char* named = std::getenv("LIKENESS_CONFIG"); path.empty() && named) path = named;
    bool asked_for = !path.empty();
    if (!asked_for) path = "likeness.toml";
    if (!asked_for && !std::filesystem::exists(path)) return toml::table();
    try {
        return toml::parse_file(path);
    } catch (const toml::parse_error& error) {
        return Error::failure(fmt::format("{}: {} (line {})", path, std::string_view(error.description()),
                                          error.source().begin.line));
    }
}

// "models" is the flag --models, the variable LIKENESS_MODELS and the key `models`; "access-key" is
// LIKENESS_ACCESS_KEY and `access_key`.
std::string variable_of(std::string name) {
    for (char& c : name)
        c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return "LIKENESS_" + name;
}

class Settings {
public:
    explicit Settings(toml::table table) : table_(std::move(table)) {}

    // Adds the option with its variable; a value from the file becomes its default.
    template <class Value>
    CLI::Option* add(CLI::App& command, const std::string& name, Value& value, const std::string& help) {
        std::string key = name;
        std::replace(key.begin(), key.end(), '-', '_');
        known_.insert(key);
        if (auto found = table_[key]) take(found, value, key);
        return command.add_option("--" + name, value, help)
            ->envname(variable_of(name))
            ->capture_default_str();
    }

    // Keys of the file that no option knows: a misspelt setting must not pass unseen.
    std::vector<std::string> problems() const {
        auto out = problems_;
        for (const auto& [key, value] : table_)
            if (!known_.contains(std::string(key.str())))
                out.push_back(fmt::format("unknown setting: {}", std::string_view(key.str())));
        return out;
    }

private:
    template <class Value>
    void take(toml::node_view<toml::node> found, Value& value, const std::string& key) {
        if constexpr (std::is_same_v<Value, std::filesystem::path>) {
            if (auto text = found.value<std::string>())
                value = *text;
            else
                problems_.push_back(fmt::format("{} must be a text", key));
        } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
            const auto* list = found.as_array();
            if (!found.is_string() && !(list && (list->empty() || list->is_homogeneous<std::string>())))
                return problems_.push_back(fmt::format("{} must be a list of texts", key));
            value.clear();
            if (auto one = found.value<std::string>()) value.push_back(*one);
            if (list)
                for (const auto& item : *list)
                    value.push_back(*item.value<std::string>());
        } else if constexpr (std::is_integral_v<Value>) {
            if (auto number = found.value<std::int64_t>())
                value = static_cast<Value>(*number);
            else
                problems_.push_back(fmt::format("{} must be a number", key));
        } else {
            if (auto exact = found.value<Value>())
                value = *exact;
            else
                problems_.push_back(fmt::format("{} must be a text", key));
        }
    }

    toml::table table_;
    std::set<std::string> known_;
    std::vector<std::string> problems_;
};

void add_common(Settings& settings, CLI::App& command, Common& common) {
    settings.add(command, "data", common.data, "the data directory");
    settings.add(command, "models", common.models,
                 "the model pack that recognises faces; default: the installed one, else builtin");
    settings.add(command, "log-level", common.log_level, "trace, debug, info, warn, error or off")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));
    command.add_option("--config", "a likeness.toml; default: the one in the working directory")
        ->envname("LIKENESS_CONFIG");
}

// "127.0.0.1:4566", "[::1]:4566" or a port alone.
bool split_listen(const std::string& text, std::string& address, std::uint16_t& port) {
    auto colon = text.rfind(':');
    std::string digits = colon == std::string::npos ? text : text.substr(colon + 1);
    if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string::npos)
        return false;
    unsigned long number = std::stoul(digits);
    if (number > 65535) return false;
    port = static_cast<std::uint16_t>(number);
    if (colon == std::string::npos) return true;
    address = text.substr(0, colon);
    if (address.size() > 2 && address.front() == '[' && address.back() == ']')
        address = address.substr(1, address.size() - 2);
    return !address.empty();
}

}  // namespace

Command parse(int count, const char* const* arguments) {
    auto table = read_settings(count, arguments);
    if (!table.ok()) return Say{table.error().detail() + "\n", 2};
    Settings settings(std::move(*table));

    CLI::App app("Likeness: face recognition on your own machine, in the protocols of AWS", "likeness");
    app.set_version_flag("--version", "likeness " LIKENESS_VERSION);
    app.require_subcommand(1);

    Common common{.data = default_data()};
    Serve serve;
    std::string listen = "127.0.0.1:4566", auth = "strict", sandbox = "on", keep_crops = "off";
    auto* serving = app.add_subcommand("serve", "run the server");
    add_common(settings, *serving, common);
    settings.add(*serving, "listen", listen, "address and port; port 0 takes a free one");
    settings.add(*serving, "account-id", serve.account_id,
                 "the account that the first access key belongs to");
    settings.add(*serving, "region", serve.region, "the region of requests that name none");
    settings.add(*serving, "access-key", serve.access_key,
                 "an administrator's key; default: generated at first start");
    settings.add(*serving, "secret-key", serve.secret_key, "and its secret");
    settings
        .add(*serving, "auth", auth,
             "strict checks signatures and policies; open lets everybody do everything")
        ->check(CLI::IsMember({"strict", "open"}));
    settings.add(*serving, "tls-cert", serve.tls_certificate,
                 "certificate chain (PEM); with --tls-key: https");
    settings.add(*serving, "tls-key", serve.tls_key, "the certificate's key (PEM)");
    settings.add(*serving, "virtual-hosts", serve.virtual_hosts, "hosts whose left part names a bucket");
    settings
        .add(*serving, "sandbox", sandbox, "off runs functions without bubblewrap: only code that you trust")
        ->check(CLI::IsMember({"on", "off"}));
    settings
        .add(*serving, "keep-crops", keep_crops,
             "on keeps a small picture of each enrolled face, so that it can move to another model")
        ->check(CLI::IsMember({"on", "off"}));
    settings
        .add(*serving, "calibration", serve.calibration,
             "a calibration of your own, as bench calibrate --write writes it")
        ->check(CLI::ExistingFile);
    settings.add(*serving, "picture-threads", serve.picture_threads,
                 "threads that look at pictures; 0: one per core");
    settings.add(*serving, "retry-seconds", serve.retry_seconds,
                 "before an asynchronous call is tried again");

    auto* env =
        app.add_subcommand("env", "print the lines that point AWS programs here: eval \"$(likeness env)\"");
    add_common(settings, *env, common);

    Models models;
    auto* managing = app.add_subcommand("models", "model packs: what recognises faces");
    managing->require_subcommand(1);
    auto* list = managing->add_subcommand("list", "the packs, their licences, and which are installed");
    auto* install =
        managing->add_subcommand("install", "fetch a pack from its pinned addresses and check it");
    auto* verify =
        managing->add_subcommand("verify", "check an installed pack's files against their digests");
    for (auto* each : {list, install, verify})
        add_common(settings, *each, common);
    install->add_option("pack", models.pack, "the pack's name")->required();
    install->add_option("--from", models.from, "take the files from this folder")
        ->check(CLI::ExistingDirectory);
    verify->add_option("pack", models.pack, "the pack's name")->required();

    Bench bench;
    auto* measuring = app.add_subcommand("bench", "measure on this machine");
    measuring->require_subcommand(1);
    for (auto [name, help] :
         {std::pair("lfw", "verification accuracy by the LFW protocol"),
          std::pair("detect", "faces found in photographs and in composed group pictures"),
          std::pair("identify",
                    "one photo enrolled each, and three: how many are named, what probabilities are worth"),
          std::pair("calibrate", "error rates, reliability and a curve of one's own from labelled photos"),
          std::pair("quality", "errors that go when the photos of the worst quality are left out"),
          std::pair("attributes",
                    "age, gender, expression, smile, open mouth and pose, where they are known"),
          std::pair("search", "exact search: speed and recall")}) {
        auto* each = measuring->add_subcommand(name, help);
        add_common(settings, *each, common);
        each->add_flag("--json", bench.json, "print the figures as JSON, not a line each");
        each->add_option("--seed", bench.seed, "of what is drawn by chance")->capture_default_str();
        if (std::string_view(name) == "search") {
            each->add_option("--counts", bench.counts, "numbers of vectors")->capture_default_str();
            each->add_option("--dimensions", bench.dimensions, "their dimensions")->capture_default_str();
        } else {
            each->add_option("--images", bench.images,
                             "a folder per person; docs/attributes.md for attributes")
                ->required()
                ->check(CLI::ExistingDirectory);
        }
        if (std::string_view(name) == "attributes") {
            each->add_option("--labels", bench.labels, "what faces are (smile=1, beard=0 ...), by file name")
                ->check(CLI::ExistingFile);
            each->add_option("--photos", bench.photos, "at most so many, drawn by the seed; 0 is all")
                ->capture_default_str();
        }
        if (std::string_view(name) == "detect")
            each->add_option("--reference", bench.reference, "the model pack that says where the faces are")
                ->capture_default_str();
        if (std::string_view(name) == "lfw")
            each->add_option("--pairs", bench.pairs, "the pairs list")->required()->check(CLI::ExistingFile);
        if (std::string_view(name) == "calibrate") {
            each->add_option("--svg", bench.svg, "draw the curves into this file");
            each->add_option("--write", bench.write, "write a calibration for serve --calibration");
        }
    }

    auto* doctor = app.add_subcommand("doctor", "what this machine offers, and what is missing");
    add_common(settings, *doctor, common);

    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& error) {
        std::ostringstream out, wrong;
        int status = app.exit(error, out, wrong);
        return Say{out.str() + wrong.str(), status == 0 ? 0 : 2};
    }
    if (auto problems = settings.problems(); !problems.empty())
        return Say{fmt::format("likeness.toml: {}\n", fmt::join(problems, "; ")), 2};
    if (common.models.empty()) common.models = neural::default_pack(common.data);

    if (serving->parsed()) {
        serve.common = common;
        if (!split_listen(listen, serve.address, serve.port))
            return Say{fmt::format("--listen: not an address and port: {}\n", listen), 2};
        if (serve.access_key.empty() != serve.secret_key.empty())
            return Say{"--access-key and --secret-key go together\n", 2};
        if (serve.tls_certificate.empty() != serve.tls_key.empty())
            return Say{"--tls-cert and --tls-key go together\n", 2};
        if (serve.account_id.size() != 12 ||
            serve.account_id.find_first_not_of("0123456789") != std::string::npos)
            return Say{"--account-id: twelve digits\n", 2};
        serve.open_access = auth == "open";
        serve.sandbox = sandbox == "on";
        serve.keep_crops = keep_crops == "on";
        return serve;
    }
    if (env->parsed()) return Env{common};
    if (managing->parsed()) {
        models.common = common;
        models.action = install->parsed()  ? Models::Action::install
                        : verify->parsed() ? Models::Action::verify
                                           : Models::Action::list;
        return models;
    }
    if (measuring->parsed()) {
        bench.common = common;
        bench.subject = measuring->get_subcommands().front()->get_name();
        return bench;
    }
    if (doctor->parsed()) return Doctor{common};
    return Say{app.help(), 2};
}

}  // namespace cli
