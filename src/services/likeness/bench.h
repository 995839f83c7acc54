// For tests: the likeness service through its real wire, beside the Rekognition service on the same
// collections.
#pragma once

#include "services/likeness/service.h"
#include "services/rekognition/bench.h"

namespace services::likeness {

namespace json = boost::json;
using rekognition::Answer;

class Bench : public rekognition::Bench {
public:
    explicit Bench(bool with_model = true)
        : rekognition::Bench(with_model),
          likeness_(std::make_unique<wire::Service>(likeness::service(*rooms))) {}

    // On the same store, with a model whose calibration does not say how scores are spread.
    void reopen_without_scores() {
        model = std::make_shared<faces::Model>(*model);
        auto& calibration = model->recognition.calibration;
        calibration = *vision::Calibration::create(calibration.curve());
        run_on(faces::Models(model, {}));
    }
    void run_on(const faces::Models& others) {
        rekognition::Bench::run_on(others);
        likeness_ = std::make_unique<wire::Service>(likeness::service(*rooms));
    }
    // Of the likeness service; call() is Rekognition's.
    Answer ask(const std::string& operation, const json::object& input) {
        std::swap(service, likeness_);
        auto out = call(operation, input);
        std::swap(service, likeness_);
        return out;
    }
    std::vector<std::string> permissions_to_ask(const std::string& operation, const json::object& input) {
        std::swap(service, likeness_);
        auto out = permissions(operation, input);
        std::swap(service, likeness_);
        return out;
    }
    // The new face's id.
    std::string enrol_as(const std::string& name, const base::Bytes& photo) {
        auto answer = call("IndexFaces",
                           {{"CollectionId", "staff"}, {"Image", bytes(photo)}, {"ExternalImageId", name}});
        EXPECT_EQ(answer.status, 200) << answer.message;
        return std::string(answer.body["FaceRecords"].at(0).at("Face").at("FaceId").as_string());
    }

private:
    std::unique_ptr<wire::Service> likeness_;
};

}  // namespace services::likeness
