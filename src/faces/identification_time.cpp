#include "faces/identification_time.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <random>

#include "faces/collections.h"
#include "faces/identification.h"
#include "faces/identity.h"
#include "faces/tables.h"
#include "image/resample.h"
#include "store/memory.h"
#include "vision/identification.h"
#include "vision/photo_folder.h"

namespace faces {
namespace {

constexpr std::size_t kFacesPerPerson = 3;
constexpr int kCellPx = 200;

// The photographs' faces with what is around them, side by side.
struct GroupPicture {
    image::Picture picture;
    std::vector<std::size_t> photos;
};
Result<GroupPicture> side_by_side(const vision::Pipeline& pipeline, const vision::LabelledPhotos& photos,
                                  const IdentificationTimeOptions& options) {
    const int across = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(options.faces) * 4 / 3)));
    const int down = (static_cast<int>(options.faces) + across - 1) / across;
    GroupPicture out{image::blank(across * kCellPx, down * kCellPx, 90, 100, 110), {}};
    std::vector<std::size_t> first(photos.people.size(), photos.owners.size());
    for (std::size_t place = photos.owners.size(); place-- > 0;)
        first[photos.owners[place]] = place;
    for (std::size_t person : vision::shuffled_people(photos.people.size(), options.seed)) {
        if (out.photos.size() == options.faces) break;
        if (first[person] == photos.owners.size() || !photos.photos.embeddings[first[person]]) continue;
        const auto photo = TRY(vision::read_photo(photos.people[person].photos.front()));
        const auto found = TRY(pipeline.detect(photo));
        if (found.empty()) continue;
        const auto& box = found.front().box;
        const auto width = static_cast<float>(photo.width), height = static_cast<float>(photo.height);
        const float side = std::max(box.width * width, box.height * height) * 1.5f;
        const image::Rectangle head{static_cast<int>((box.left + box.width / 2) * width - side / 2),
                                    static_cast<int>((box.top + box.height / 2) * height - side / 2),
                                    static_cast<int>(side), static_cast<int>(side)};
        const auto part = image::crop_resized(photo, head, kCellPx, kCellPx);
        const int at = static_cast<int>(out.photos.size());
        for (int y = 0; y < kCellPx; ++y)
            std::copy_n(part.at(0, y), kCellPx * 3,
                        out.picture.at(at % across * kCellPx, at / across * kCellPx + y));
        out.photos.push_back(first[person]);
    }
    if (out.photos.size() < options.faces)
        return Error::failure("the folder does not hold people enough for the picture");
    return out;
}

// A collection in memory: the people of the picture, and then others with faces by chance.
class Filled {
public:
    static Result<std::unique_ptr<Filled>> create(const vision::Pipeline& pipeline,
                                                  const vision::LabelledPhotos& photos,
                                                  const std::vector<std::size_t>& known, std::size_t enrolled,
                                                  std::uint64_t seed) {
        auto out = std::unique_ptr<Filled>(new Filled);
        out->collections_ = TRY(
            Collections::open(*out->records_, out->clock_, out->random_,
                              Recognition{pipeline.model(), pipeline.dimensions(), pipeline.calibration()}));
        TRY(out->collections_->create(out->key_));
        const auto collection = TRY(out->collections_->registry().find(out->key_));
        std::mt19937_64 random(seed);
        // One commit of records as enrolment writes them: a store in memory copies itself at each commit.
        TRY(out->records_->transact([&](store::Transaction& transaction) -> Result<void> {
            for (std::size_t face = 0; face < enrolled; ++face) {
                const auto person = face / kFacesPerPerson;
                const auto centre = person < known.size() ? photos.photos.embeddings[known[person]]->values
                                                          : std::vector<float>();
                const auto picture = fmt::format("{}", face);
                const FaceRecord record{
                    .image = image_id_of(base::view(picture), pipeline.model()),
                    .box = {.width = 0.5f, .height = 0.5f},
                    .confidence = 99,
                    .embedding = {pipeline.model(), near(centre, pipeline.dimensions(), random)},
                    .external_image_id = fmt::format("{}", person)};
                const auto name = key_of(face_id_of(record.image, record.box, *record.external_image_id));
                TRY(transaction.put(record_key(kFaceTable, collection.incarnation, name), encode(record)));
            }
            return {};
        }));
        TRY(out->collections_->registry().gallery(collection)->index());
        return out;
    }
    // In milliseconds.
    Result<double> time(const std::vector<vision::Embedding>& faces) const {
        const auto start = std::chrono::steady_clock::now();
        TRY(identify(collections_->registry(), key_, faces, {}));
        return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    }

private:
    Filled() = default;

    static std::vector<float> near(const std::vector<float>& centre, std::size_t dimensions,
                                   std::mt19937_64& random) {
        std::normal_distribution<float> normal(0, 1 / std::sqrt(static_cast<float>(dimensions)));
        std::vector<float> out(dimensions);
        float squares = 0;
        for (std::size_t i = 0; i < dimensions; ++i) {
            out[i] = normal(random);
            if (!centre.empty()) out[i] = centre[i] + 0.7f * out[i];
            squares += out[i] * out[i];
        }
        for (auto& x : out)
            x /= std::sqrt(squares);
        return out;
    }
    std::unique_ptr<store::Records> records_ = store::memory_records();
    base::SystemClock clock_;
    base::SeededRandom random_{1};
    std::unique_ptr<Collections> collections_;
    const CollectionKey key_{{"000000000000", "local"}, CollectionName("measured")};
};

struct Looked {
    std::vector<vision::Embedding> faces;
    double ms = 0;
};
Result<Looked> look(const vision::Pipeline& pipeline, const image::Picture& picture) {
    Looked out;
    const auto start = std::chrono::steady_clock::now();
    for (const auto& face : TRY(pipeline.detect(picture)))
        out.faces.push_back(TRY(pipeline.embed(picture, face)));
    out.ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    return out;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

std::string IdentificationTimeReport::json() const {
    return fmt::format(R"({{"faces":{},"enrolled":{},"seen_ms":{:.2f},"small_ms":{:.2f},"large_ms":{:.2f},)"
                       R"("ratio":{:.3f}}})",
                       faces, enrolled, seen_ms, small_ms, large_ms, ratio());
}

Result<IdentificationTimeReport> measure_identification_time(const vision::Pipeline& pipeline,
                                                             const vision::LabelledPhotos& photos,
                                                             const IdentificationTimeOptions& options) {
    const auto group = TRY(side_by_side(pipeline, photos, options));
    const auto small =
        TRY(Filled::create(pipeline, photos, group.photos, options.enrolled_small, options.seed));
    const auto large = TRY(Filled::create(pipeline, photos, group.photos, options.enrolled, options.seed));
    IdentificationTimeReport report;
    report.enrolled = options.enrolled;
    std::vector<double> seen, in_small, in_large;
    for (std::size_t i = 0; i < options.repeats; ++i) {
        const auto looked = TRY(look(pipeline, group.picture));
        report.faces = looked.faces.size();
        seen.push_back(looked.ms);
        in_small.push_back(TRY(small->time(looked.faces)));
        in_large.push_back(TRY(large->time(looked.faces)));
    }
    report.seen_ms = median(seen);
    report.small_ms = median(in_small);
    report.large_ms = median(in_large);
    return report;
}

}  // namespace faces
