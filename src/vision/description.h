// How well attributes are told: age and gender, expressions, smiles and open mouths, and the pose, on
// pictures of which they are known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "vision/photo_folder.h"

namespace vision {

// A photo and what is known of the face in it.
struct KnownPhoto {
    std::filesystem::path path;
    std::optional<float> age;
    std::optional<Sex> sex;
    std::optional<Emotion> emotion;
    std::optional<Pose> pose;
    std::map<std::string, bool> labels;  // by judgement_names()
};

// What a face is or is not: smile, mouth_open, eyeglasses, sunglasses, beard, mustache, eyes_open,
// face_occluded.
std::vector<std::string> judgement_names();

// By what the folder is like:
//   AGE_SEX_...jpg                files of UTKFace (Zhang et al. 2017): sex 0 is male, 1 is female
//   angry/ disgust/ fear/ ...     folders of FER2013 (Goodfellow et al. 2013), a picture's expression
//   labels.jsonl                  of draw_people: a line of JSON a picture, with `file`, `yaw`, `pitch` and
//   `roll`
// `labels`, if not empty, names a file with lines NAME [HOW] KEY=0|1 ..., the keys those of
// judgement_names(). NAME is a picture's file name or the end of its path; the pictures that it names are
// read wherever they lie below the folder. HOW is how a face was found: lines that say `drawn` or `chosen`
// are passed over, because the head in models/builtin learned from them (training/looks.py).
Result<std::vector<KnownPhoto>> read_known_photos(const std::filesystem::path& folder,
                                                  const std::filesystem::path& labels);

// Of judgements of one kind.
struct JudgementFigures {
    std::size_t photos = 0;
    std::size_t yes = 0;   // photos of which it is true
    double accuracy = 0;   // share right
    double precision = 0;  // of the photos of which the rarer answer is said, the share of which it is true
    double recall = 0;     // of the photos of which the rarer answer is true, the share of which it is said
    double balanced = 0;   // the mean of the shares right of either answer
    double ece = 0;        // expected calibration error of the confidence over 15 bins, 0 to 1
};

// Of the photos for which something is known and a face was found; 0 where there is none of a kind.
struct DescriptionReport {
    std::size_t photos = 0;
    std::size_t undetected = 0;
    std::size_t with_age = 0, with_sex = 0, with_emotion = 0, with_pose = 0;
    double age_error = 0;         // mean, in years
    double age_in_range = 0;      // share of the ages within AgeRange
    double gender = 0;            // share right
    double gender_ece = 0;        // expected calibration error of the confidence over 15 bins, 0 to 1
    double emotion = 0;           // share of which the surest emotion is right
    double emotion_balanced = 0;  // the mean of that share over the emotions
    double emotion_ece = 0;
    std::map<std::string, JudgementFigures> judgements;     // by name, of those with photos
    double yaw_error = 0, pitch_error = 0, roll_error = 0;  // mean, in degrees
    double yaw_sign =
        0;  // share of the faces turned by 10 degrees or more that are said to turn the right way
    double ms_per_face = 0;  // mean time of one thread to tell everything of a face that was found

    std::string json() const;
};

// At most `count` photos, drawn by `seed`; 0 is all.
Result<DescriptionReport> measure_description(const Pipeline& pipeline, std::vector<KnownPhoto> photos,
                                              std::size_t count, std::uint64_t seed, std::size_t threads,
                                              const Progress& progress);

}  // namespace vision
