#include "vision/photo_folder.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>
#include <utility>

#include "base/file.h"
#include "base/guarded.h"
#include "image/decode.h"
#include "vision/group_picture.h"

namespace vision {
namespace {

constexpr std::size_t kPhotoBytesMax = std::size_t{64} << 20;

bool is_photo(const std::filesystem::path& path) {
    auto extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

struct Embedded {
    std::optional<Face> face;  // both or neither
    std::optional<Embedding> embedding;
};

Result<Embedded> embed_central_face(const Pipeline& pipeline, base::ByteView bytes) {
    auto picture = TRY(image::decode(bytes));
    auto faces = TRY(pipeline.detect(picture));
    const auto* central = central_face(faces);
    if (!central) return Embedded{};
    auto face = *central;
    TRY(pipeline.examine(picture, face));
    auto embedding = *std::exchange(face.embedding, std::nullopt);
    return Embedded{std::move(face), std::move(embedding)};
}

}  // namespace

Result<image::Picture> read_photo(const std::filesystem::path& path) {
    return image::decode(TRY(base::read_file(path, kPhotoBytesMax)));
}

Result<std::vector<Person>> read_people(const std::filesystem::path& folder) {
    std::error_code trouble;
    std::vector<Person> people;
    std::size_t photos = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder, trouble)) {
        if (!entry.is_directory(trouble)) continue;
        Person person{entry.path().filename().string(), {}};
        for (const auto& file : std::filesystem::directory_iterator(entry.path(), trouble)) {
            if (is_photo(file.path())) person.photos.push_back(file.path());
        }
        photos += person.photos.size();
        if (photos > kPhotosMax) return Error::failure("too many photos below " + folder.string());
        std::sort(person.photos.begin(), person.photos.end());
        if (!person.photos.empty()) people.push_back(std::move(person));
    }
    if (trouble) return Error::failure("cannot read " + folder.string() + ": " + trouble.message());
    std::sort(people.begin(), people.end(), [](const Person& a, const Person& b) { return a.name < b.name; });
    return people;
}

Result<void> for_each(std::size_t count, std::size_t threads,
                      const std::function<Result<void>(std::size_t)>& each,
                      const std::function<void(std::size_t)>& done) {
    std::atomic<std::size_t> next = 0;
    struct Shared {
        std::size_t finished = 0;
        std::optional<Error> error;
    };
    base::Guarded<Shared> shared;
    auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            auto result = each(i);
            if (!result.ok()) next = count;
            shared.with([&](Shared& state) {
                if (result.ok()) return done(++state.finished);
                state.error = result.error();
            });
        }
    };
    {
        std::vector<std::jthread> workers;
        for (std::size_t i = 0; i < std::max<std::size_t>(1, threads); ++i)
            workers.emplace_back(work);
    }
    return shared.with([](Shared& state) -> Result<void> {
        if (state.error) return *state.error;
        return {};
    });
}

Result<PhotoEmbeddings> embed_photos(const Pipeline& pipeline,
                                     const std::vector<std::filesystem::path>& photos, std::size_t threads,
                                     const Progress& progress) {
    PhotoEmbeddings out;
    out.embeddings.resize(photos.size());
    out.faces.resize(photos.size());
    std::vector<double> ms(photos.size());
    auto embed_one = [&](std::size_t i) -> Result<void> {
        auto bytes = TRY(base::read_file(photos[i], kPhotoBytesMax));
        auto start = std::chrono::steady_clock::now();
        auto embedded = TRY(embed_central_face(pipeline, bytes));
        ms[i] = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
        out.embeddings[i] = std::move(embedded.embedding);
        out.faces[i] = std::move(embedded.face);
        return {};
    };
    TRY(for_each(photos.size(), threads, embed_one,
                 [&](std::size_t done) { progress(done, photos.size()); }));
    out.undetected =
        static_cast<std::size_t>(std::count(out.embeddings.begin(), out.embeddings.end(), std::nullopt));
    out.ms_per_photo =
        photos.empty() ? 0 : std::accumulate(ms.begin(), ms.end(), 0.0) / static_cast<double>(photos.size());
    return out;
}

Result<LabelledPhotos> embed_people(const Pipeline& pipeline, const std::filesystem::path& folder,
                                    std::size_t threads, const Progress& progress) {
    LabelledPhotos out;
    out.people = TRY(read_people(folder));
    std::vector<std::filesystem::path> photos;
    for (std::size_t person = 0; person < out.people.size(); ++person) {
        const auto& its = out.people[person].photos;
        photos.insert(photos.end(), its.begin(), its.end());
        out.owners.insert(out.owners.end(), its.size(), person);
    }
    out.photos = TRY(embed_photos(pipeline, photos, threads, progress));
    return out;
}

}  // namespace vision
