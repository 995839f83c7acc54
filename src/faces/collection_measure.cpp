#include "faces/collection_measure.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "faces/audit.h"
#include "faces/collections.h"
#include "faces/identification.h"
#include "faces/identity.h"
#include "faces/weighing.h"
#include "store/memory.h"
#include "vision/group_picture.h"
#include "vision/identification.h"
#include "vision/photo_folder.h"

namespace faces {
namespace {

constexpr float kSameOverlap = 0.5f;
constexpr double kNamedFrom = 0.5;  // IdentifyFaces' ProbabilityThreshold

// What IdentifyFaces says of a face: its name, if it gets one, and the likeliest candidate, if there is one.
struct Answer {
    std::optional<PersonId> name, first;
};

// A collection in memory, whose people are called by their place in LabelledPhotos::people.
class Stage {
public:
    static Result<std::unique_ptr<Stage>> open(const Recognition& recognition) {
        if (!recognition.calibration.scores())
            return Error::failure("the pack does not say how the scores of one person are spread");
        auto stage = std::unique_ptr<Stage>(new Stage);
        stage->collections_ =
            TRY(Collections::open(*stage->records_, stage->clock_, stage->random_, recognition));
        TRY(stage->collections_->create(stage->key));
        return stage;
    }
    static PersonId person(std::size_t number) {
        return {PersonId::Kind::external_image_id, fmt::format("{:06}", number)};
    }
    static FaceId face_id(const vision::Embedding& face, std::size_t photo) {
        const auto image = image_id_of(base::view(fmt::format("photo {}", photo)), face.model);
        return face_id_of(image, {.width = 0.5f, .height = 0.5f}, "");
    }

    Result<FaceId> enrol(std::size_t as, std::size_t photo, const vision::Embedding& embedding) {
        NewFace face{.face = {}, .embedding = embedding};
        face.face.box = {.width = 0.5f, .height = 0.5f};
        face.face.confidence = 99;
        face.face.quality = {.brightness = 60, .sharpness = 90};
        const auto image = image_id_of(base::view(fmt::format("photo {}", photo)), embedding.model);
        const auto enrolled = TRY(collections_->enrol(key, {image, person(as).name, {face}}));
        return enrolled.front().face.id;
    }
    // The answer to each face.
    Result<std::vector<Answer>> ask(const std::vector<vision::Embedding>& faces,
                                    bool once_per_picture = true) const {
        const auto picture =
            TRY(identify(collections_->registry(), key, faces, {.once_per_picture = once_per_picture}));
        std::vector<Answer> out;
        for (const auto& face : picture.faces) {
            auto& answer = out.emplace_back();
            if (!face.candidates.empty()) answer.first = face.candidates.front().person;
            if (face.assigned && face.candidates[*face.assigned].probability >= kNamedFrom)
                answer.name = face.candidates[*face.assigned].person;
        }
        return out;
    }
    Collections& collections() { return *collections_; }

    const CollectionKey key{{"000000000000", "local"}, CollectionName("measured")};

private:
    Stage() = default;
    std::unique_ptr<store::Records> records_ = store::memory_records();
    base::SystemClock clock_;
    base::SeededRandom random_{1};
    std::unique_ptr<Collections> collections_;
};

// The places of each person's photos in which a face was found.
std::vector<std::vector<std::size_t>> photos_of_people(const vision::LabelledPhotos& photos) {
    std::vector<std::vector<std::size_t>> out(photos.people.size());
    for (std::size_t place = 0; place < photos.owners.size(); ++place)
        if (photos.photos.embeddings[place]) out[photos.owners[place]].push_back(place);
    return out;
}

// Who is enrolled with their first photos, and who is a stranger. Photos stand in an order by chance.
struct Cast {
    std::vector<std::vector<std::size_t>> photos;  // of each person
    std::vector<std::size_t> enrolled, strangers;
};
Cast cast_of(const vision::LabelledPhotos& photos, std::size_t photos_min, std::uint64_t seed) {
    Cast out;
    out.photos = photos_of_people(photos);
    std::mt19937_64 random(seed);
    for (std::size_t person : vision::shuffled_people(photos.people.size(), seed)) {
        auto& its = out.photos[person];
        const auto count = its.size();
        std::shuffle(its.begin(), its.end(), random);
        if (count >= photos_min)
            out.enrolled.push_back(person);
        else if (count > 0)
            out.strangers.push_back(person);
    }
    return out;
}

// Somebody's photo, which resembles nobody of the collection more than its own person and this other one.
struct Pair {
    double margin;  // its cosine with the other's references, less that with its own person's
    std::size_t first, photo, second;
};

// The most easily confused first, each two people once in this order.
std::vector<Pair> look_alikes(const vision::LabelledPhotos& photos, const Cast& cast,
                              const std::map<std::size_t, Portrait>& portraits, const GroupOptions& options) {
    std::map<std::pair<std::size_t, std::size_t>, Pair> worst;
    for (const auto& [person, portrait] : portraits)
        for (std::size_t photo = options.references; photo < cast.photos[person].size(); ++photo) {
            const auto& face = photos.photos.embeddings[cast.photos[person][photo]]->values;
            std::optional<Pair> nearest;
            std::size_t nearer = 0;  // people than its own
            for (const auto& [other, its] : portraits) {
                const double margin = cosine_of(its.direction, face) - cosine_of(portrait.direction, face);
                if (other == person) continue;
                nearer += margin > 0;
                if (!nearest || margin > nearest->margin) nearest = {margin, person, photo, other};
            }
            if (!nearest || nearer > 1) continue;  // a photo of which too little can be seen is no likeness
            const auto [at, is_new] = worst.try_emplace({person, nearest->second}, *nearest);
            if (!is_new && nearest->margin > at->second.margin) at->second = *nearest;
        }
    std::vector<Pair> out;
    for (const auto& [people, pair] : worst)
        out.push_back(pair);
    std::stable_sort(out.begin(), out.end(),
                     [](const Pair& a, const Pair& b) { return a.margin > b.margin; });
    if (out.size() > options.pairs) out.resize(options.pairs);
    return out;
}

// `twin` is the other of the two who look alike, for a face of theirs.
void count(Mistakes& mistakes, const Answer& answer, const std::optional<PersonId>& owner,
           const std::optional<PersonId>& twin = std::nullopt) {
    mistakes.not_first += owner && answer.first != owner;
    mistakes.taken_for_the_other += twin && answer.first == twin;
    mistakes.wrong_names += answer.name && answer.name != owner;
    mistakes.missing_names += owner && answer.name != owner;
}

std::string json_of(const Mistakes& mistakes) {
    return fmt::format(R"({{"not_first":{},"taken_for_the_other":{},"wrong_names":{},"missing_names":{}}})",
                       mistakes.not_first, mistakes.taken_for_the_other, mistakes.wrong_names,
                       mistakes.missing_names);
}

// Who is in a group picture, the two who look alike first.
struct Shown {
    std::size_t person;
    std::size_t photo;  // of theirs
    bool is_enrolled;
};
struct Shot {
    std::vector<Shown> people;
};
std::vector<Shot> shots_of(const Cast& cast, const std::vector<std::size_t>& enrolled,
                           const std::vector<Pair>& pairs, const GroupOptions& options) {
    std::mt19937_64 random(options.seed);
    auto one_of = [&](const auto& all) {
        return all[std::uniform_int_distribution<std::size_t>(0, all.size() - 1)(random)];
    };
    std::vector<Shot> out;
    for (const auto& pair : pairs) {
        const auto unused = cast.photos[pair.second].size() - options.references;
        for (std::size_t number = 0; number < std::min(unused, options.pictures_per_pair); ++number) {
            Shot shot;
            std::set<std::size_t> shown = {pair.first, pair.second};
            shot.people.push_back({pair.first, pair.photo, true});
            shot.people.push_back({pair.second, options.references + number, true});
            while (shown.size() < options.others + 2)
                if (const auto person = one_of(enrolled); shown.insert(person).second)
                    shot.people.push_back(
                        {person,
                         options.references + random() % (cast.photos[person].size() - options.references),
                         true});
            while (shown.size() < options.others + 2 + options.strangers)
                if (const auto person = one_of(cast.strangers); shown.insert(person).second)
                    shot.people.push_back({person, 0, false});
            out.push_back(std::move(shot));
        }
    }
    return out;
}

// What the pipeline sees of it: the faces found, and which of them each person's is.
struct Taken {
    std::vector<vision::Embedding> faces;
    std::vector<std::optional<std::size_t>> places;
};
Result<Taken> take(const vision::Pipeline& pipeline, const vision::LabelledPhotos& photos, const Cast& cast,
                   const Shot& shot, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::size_t> order(shot.people.size());
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    std::vector<vision::Head> heads;
    for (std::size_t at : order) {
        const auto& shown = shot.people[at];
        const auto first = static_cast<std::size_t>(
            std::lower_bound(photos.owners.begin(), photos.owners.end(), shown.person) -
            photos.owners.begin());
        const auto& path = photos.people[shown.person].photos[cast.photos[shown.person][shown.photo] - first];
        const auto photo = TRY(vision::read_photo(path));
        const auto found = TRY(pipeline.detect(photo));
        const auto* face = vision::central_face(found);
        if (!face) return Error::failure("a face that was there is not found again");
        heads.push_back({path, face->box});
    }
    auto background = vision::group_background(random);
    const auto widths = vision::face_widths(heads.size(), random);
    const auto group = TRY(vision::compose_group(
        std::move(background), widths, [&](std::size_t i) { return heads[i]; }, random));
    Taken out{.faces = {}, .places = std::vector<std::optional<std::size_t>>(shot.people.size())};
    for (const auto& face : TRY(pipeline.detect(group.picture))) {
        const auto box = vision::pixels_of(face.box, group.picture);
        for (std::size_t i = 0; i < group.faces.size(); ++i)
            if (vision::intersection_over_union(box, group.faces[i]) >= kSameOverlap)
                out.places[order[group.heads[i]]] = out.faces.size();
        out.faces.push_back(TRY(pipeline.embed(group.picture, face)));
    }
    return out;
}

}  // namespace

std::string GroupReport::json() const {
    return fmt::format(
        R"({{"people":{},"pictures":{},"faces":{},"faces_alike":{},"separate":{},"joint":{},"separate_alike":{},)"
        R"("joint_alike":{}}})",
        people, pictures, faces, faces_alike, json_of(separate), json_of(joint), json_of(separate_alike),
        json_of(joint_alike));
}

Result<GroupReport> measure_groups(const vision::Pipeline& pipeline, const vision::LabelledPhotos& photos,
                                   const GroupOptions& options, std::size_t threads) {
    auto stage = TRY(Stage::open({pipeline.model(), pipeline.dimensions(), pipeline.calibration()}));
    const auto cast = cast_of(photos, options.references + 1, options.seed);
    if (cast.enrolled.size() < options.others + 2 || cast.strangers.size() < options.strangers)
        return Error::failure("the folder does not hold enough people with enough photos");
    std::map<std::size_t, Portrait> portraits;
    std::vector<std::size_t> enrolled;
    for (std::size_t person : cast.enrolled) {
        std::vector<const vision::Embedding*> references;
        for (std::size_t i = 0; i < options.references; ++i) {
            const auto place = cast.photos[person][i];
            const auto& embedding = *photos.photos.embeddings[place];
            TRY(stage->enrol(person, place, embedding));
            references.push_back(&embedding);
        }
        auto portrait = portrait_of(references);
        if (!portrait) continue;
        portraits.emplace(person, *std::move(portrait));
        enrolled.push_back(person);
    }
    const auto shots = shots_of(cast, enrolled, look_alikes(photos, cast, portraits, options), options);
    std::vector<Taken> taken(shots.size());
    TRY(vision::for_each(
        shots.size(), threads,
        [&](std::size_t i) -> Result<void> {
            taken[i] = TRY(take(pipeline, photos, cast, shots[i], options.seed * 1'000'003 + i));
            return {};
        },
        [](std::size_t) {}));

    GroupReport report;
    report.people = enrolled.size();
    for (std::size_t i = 0; i < shots.size(); ++i) {
        const auto separate = TRY(stage->ask(taken[i].faces, false)), joint = TRY(stage->ask(taken[i].faces));
        ++report.pictures;
        for (std::size_t at = 0; at < shots[i].people.size(); ++at) {
            const auto& shown = shots[i].people[at];
            const auto owner = shown.is_enrolled ? std::optional(Stage::person(shown.person)) : std::nullopt;
            const auto face = taken[i].places[at];
            if (!face) continue;  // not found: nobody's mistake of naming
            ++report.faces;
            count(report.separate, separate[*face], owner);
            count(report.joint, joint[*face], owner);
            if (at >= 2) continue;
            const auto twin = Stage::person(shots[i].people[1 - at].person);
            ++report.faces_alike;
            count(report.separate_alike, separate[*face], owner, twin);
            count(report.joint_alike, joint[*face], owner, twin);
        }
    }
    return report;
}

std::string MislabelledReport::json() const {
    return fmt::format(
        R"({{"people":{},"references":{},"mislabelled":{},"found":{},"explained":{},"alarms":{}}})", people,
        references, mislabelled, found, explained, alarms);
}

Result<MislabelledReport> measure_audit(const Recognition& recognition, const vision::LabelledPhotos& photos,
                                        const MislabelledOptions& options) {
    auto stage = TRY(Stage::open(recognition));
    const auto cast = cast_of(photos, options.references, options.seed);
    if (cast.enrolled.size() < 2)
        return Error::failure("the folder does not hold enough people with enough photos");
    MislabelledReport report;
    report.people = cast.enrolled.size();
    std::mt19937_64 random(options.seed);
    std::map<FaceId, PersonId> mislabelled;  // and whose they are
    for (std::size_t person : cast.enrolled)
        for (std::size_t i = 0; i < options.references; ++i) {
            ++report.references;
            std::size_t as = person;
            if (std::bernoulli_distribution(options.mislabelled)(random))
                while (as == person)
                    as = cast.enrolled[random() % cast.enrolled.size()];
            const auto place = cast.photos[person][i];
            const auto face = TRY(stage->enrol(as, place, *photos.photos.embeddings[place]));
            if (as != person) mislabelled.emplace(face, Stage::person(person));
        }
    report.mislabelled = mislabelled.size();
    std::optional<PersonId> last;
    do {
        const auto page = TRY(audit(stage->collections().registry(), stage->key, last, kPeopleAuditedMax));
        for (const auto& finding : page.findings) {
            if (finding.flaw != Flaw::unlike_own_person && finding.flaw != Flaw::resembles_another) continue;
            const auto wrong = mislabelled.find(*finding.face);
            if (wrong == mislabelled.end()) {
                ++report.alarms;
                continue;
            }
            ++report.found;
            report.explained += finding.other == wrong->second;
        }
        last = page.next;
    } while (last);
    return report;
}

std::string CorrectionReport::json() const {
    return fmt::format(
        R"({{"people":{},"confirmed":{},"later":{},"right_before":{},"right_after":{},"rejected":{},)"
        R"("later_strangers":{},"named_before":{},"named_after":{},"untouched":{},)"
        R"("untouched_right_before":{},"untouched_right_after":{}}})",
        people, confirmed, later, right_before, right_after, rejected, later_strangers, named_before,
        named_after, untouched, untouched_right_before, untouched_right_after);
}

Result<CorrectionReport> measure_corrections(const Recognition& recognition,
                                             const vision::LabelledPhotos& photos, std::uint64_t seed) {
    auto stage = TRY(Stage::open(recognition));
    auto cast = cast_of(photos, 3, seed);
    // Every other one of those with photos enough is a stranger.
    std::vector<std::size_t> enrolled, strangers;
    for (std::size_t i = 0; i < cast.enrolled.size(); ++i)
        (i % 2 ? strangers : enrolled).push_back(cast.enrolled[i]);
    if (enrolled.empty() || strangers.empty())
        return Error::failure("the folder does not hold enough people with enough photos");
    auto face_of = [&](std::size_t person, std::size_t photo) -> const vision::Embedding& {
        return *photos.photos.embeddings[cast.photos[person][photo]];
    };
    auto name_of = [&](std::size_t person, std::size_t photo) -> Result<std::optional<PersonId>> {
        return TRY(stage->ask({face_of(person, photo)})).front().name;
    };
    for (std::size_t person : enrolled)
        TRY(stage->enrol(person, cast.photos[person][0], face_of(person, 0)));

    CorrectionReport report;
    report.people = enrolled.size();
    struct Said {
        std::size_t person, photo;
        Verdict verdict;
        PersonId about;
    };
    std::vector<Said> said;
    std::set<std::size_t> spoken_of;
    for (std::size_t person : enrolled) {
        const auto own = Stage::person(person);
        if (TRY(name_of(person, 1)) == own) continue;
        said.push_back({person, 1, Verdict::confirmed, own});
        spoken_of.insert(person);
        ++report.confirmed;
    }
    for (std::size_t person : strangers) {
        const auto name = TRY(name_of(person, 0));
        if (!name) continue;
        said.push_back({person, 0, Verdict::rejected, *name});
        spoken_of.insert(person);
        ++report.rejected;
    }
    auto look = [&](bool before) -> Result<void> {
        for (std::size_t person : enrolled)
            for (std::size_t photo = 2; photo < cast.photos[person].size(); ++photo) {
                const bool is_right = TRY(name_of(person, photo)) == Stage::person(person);
                const bool is_spoken_of = spoken_of.contains(person);
                if (before) ++(is_spoken_of ? report.later : report.untouched);
                (is_spoken_of ? (before ? report.right_before : report.right_after)
                              : (before ? report.untouched_right_before : report.untouched_right_after)) +=
                    is_right;
            }
        for (std::size_t person : strangers) {
            if (!spoken_of.contains(person)) continue;
            for (std::size_t photo = 1; photo < cast.photos[person].size(); ++photo) {
                if (before) ++report.later_strangers;
                (before ? report.named_before : report.named_after) +=
                    TRY(name_of(person, photo)).has_value();
            }
        }
        return {};
    };
    TRY(look(true));
    for (const auto& one : said) {
        const auto& face = face_of(one.person, one.photo);
        const auto place = cast.photos[one.person][one.photo];
        TRY(stage->collections().corrections().make(stage->key, one.verdict,
                                                    {Stage::face_id(face, place), face}, one.about));
    }
    TRY(look(false));
    return report;
}

}  // namespace faces
