// A folder of people as the measurements read it: DIR/NAME/anything.jpg, one folder a person.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "vision/pipeline.h"

namespace vision {

struct Person {
    std::string name;
    std::vector<std::filesystem::path> photos;  // in the order of their names
};

inline constexpr std::size_t kPhotosMax = 1'000'000;

// In the order of their names. Files other than .jpg, .jpeg and .png are left out, and people without a photo
// too.
Result<std::vector<Person>> read_people(const std::filesystem::path& folder);

// A photo's pixels; a file of more than 64 MiB is refused.
Result<image::Picture> read_photo(const std::filesystem::path& path);

// Called with how many photos are done, of how many.
using Progress = std::function<void(std::size_t done, std::size_t all)>;

// Calls `each` for 0 to count - 1 on so many threads; `done` with how many are finished, one call at a time.
// Ends with the first error.
Result<void> for_each(std::size_t count, std::size_t threads,
                      const std::function<Result<void>(std::size_t)>& each,
                      const std::function<void(std::size_t)>& done);

struct PhotoEmbeddings {
    std::vector<std::optional<Embedding>>
        embeddings;                          // in the order of the photos; nothing where no face was found
    std::vector<std::optional<Face>> faces;  // likewise: the face that was embedded
    std::size_t undetected = 0;
    double ms_per_photo = 0;  // mean time of one thread from the file's bytes to the embedding
};

// The embedding of the face nearest the centre of each photo (LFW's photos are centred on the person that
// they are named after), by the pipeline as the server uses it. As many photos at a time as `threads`.
Result<PhotoEmbeddings> embed_photos(const Pipeline& pipeline,
                                     const std::vector<std::filesystem::path>& photos, std::size_t threads,
                                     const Progress& progress);

// The photos of a folder of people, each with whose it is.
struct LabelledPhotos {
    std::vector<Person> people;
    std::vector<std::size_t> owners;  // of each photo, by place in `people`; a person's photos stand together
    PhotoEmbeddings photos;           // in the order of `owners`
};
Result<LabelledPhotos> embed_people(const Pipeline& pipeline, const std::filesystem::path& folder,
                                    std::size_t threads, const Progress& progress);

}  // namespace vision
