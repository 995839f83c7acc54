// Runs a fuzzer without libFuzzer: its seeds, then mutations of them for a second, from a fixed seed. Fuzzers
// define
//   extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// and may define seeds() to start from. `PROGRAM FILE...` runs those inputs only.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
std::vector<std::string> seeds() __attribute__((weak));

namespace {

void run(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutate(std::string input, const std::vector<std::string>& corpus, std::mt19937& random) {
    auto below = [&](std::size_t bound) { return bound == 0 ? 0 : random() % bound; };
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
        switch (below(5)) {
            case 0:  // flip a bit
                if (!input.empty()) input[below(input.size())] ^= static_cast<char>(1u << below(8));
                break;
            case 1:  // another byte
                if (!input.empty()) input[below(input.size())] = static_cast<char>(below(256));
                break;
            case 2:  // cut
                input.resize(below(input.size() + 1));
                break;
            case 3: {  // repeat a piece
                std::size_t from = below(input.size() + 1);
                input.insert(below(input.size() + 1), input.substr(from, below(64)));
                break;
            }
            default: {  // a piece of another seed
                const auto& other = corpus[below(corpus.size())];
                std::size_t from = below(other.size() + 1);
                input.insert(below(input.size() + 1), other.substr(from, below(64)));
            }
        }
    }
    return input;
}

}  // namespace

int main(int count, char** arguments) {
    for (int i = 1; i < count; ++i) {
        std::ifstream file(arguments[i], std::ios::binary);
        run(std::string(std::istreambuf_iterator<char>(file), {}));
    }
    if (count > 1) return 0;
    std::vector<std::string> corpus = {""};
    if (seeds)
        for (auto& seed : seeds())
            corpus.push_back(std::move(seed));
    for (const auto& input : corpus)
        run(input);
    std::mt19937 random(20240131);
    std::size_t runs = 0;
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    for (; std::chrono::steady_clock::now() < end; ++runs)
        run(mutate(corpus[random() % corpus.size()], corpus, random));
    std::printf("%zu seeds and %zu mutations, none crashed\n", corpus.size(), runs);
}
