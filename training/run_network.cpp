// run_network FILE.onnx WIDTH HEIGHT [--mean M,M,M] [--deviation D,D,D]: runs a network over pictures, one
// after the other, for the training programs: what PyTorch takes 15 ms for, the server's own executor does
// in 1.
//
// Standard input: pictures of WIDTH x HEIGHT pixels of three 8-bit channels in the network's order, nothing
// between them. Standard output: for each picture all outputs, in the order of the file, as f32 of this
// machine.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "neural/network.h"

namespace {

Result<int> run(const std::string& path, int width, int height, const neural::Normalisation& normalisation) {
    std::ifstream file(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    auto model = TRY(neural::Model::read(base::view(bytes)));
    neural::Session session(TRY(neural::Network::compile(model, {1, 3, height, width})));

    std::size_t row_bytes = static_cast<std::size_t>(width) * 3;
    base::Bytes picture(row_bytes * static_cast<std::size_t>(height));
    while (std::fread(picture.data(), 1, picture.size(), stdin) == picture.size()) {
        session.load(picture, row_bytes, normalisation);
        TRY(session.run());
        for (std::size_t i = 0; i < session.network().outputs().size(); ++i) {
            auto output = session.output(i);
            if (std::fwrite(output.data(), sizeof(float), output.size(), stdout) != output.size())
                return Error::failure("the output cannot be written");
        }
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::string path;
    int width = 0;
    int height = 0;
    std::vector<float> mean{0, 0, 0};
    std::vector<float> deviation{1, 1, 1};
    CLI::App app("Runs a network over raw pictures");
    app.add_option("file", path)->required();
    app.add_option("width", width)->required()->check(CLI::Range(1, 4096));
    app.add_option("height", height)->required()->check(CLI::Range(1, 4096));
    app.add_option("--mean", mean)->delimiter(',')->expected(3);
    app.add_option("--deviation", deviation)->delimiter(',')->expected(3);
    CLI11_PARSE(app, argc, argv);

    neural::Normalisation normalisation;
    for (std::size_t i = 0; i < 3; ++i) {
        normalisation.mean[i] = mean[i];
        normalisation.scale[i] = 1 / deviation[i];
    }
    auto done = run(path, width, height, normalisation);
    if (done) return *done;
    std::cerr << "run_network: " << done.error().message() << done.error().detail() << "\n";
    return 1;
}
