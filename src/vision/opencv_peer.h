// For benches: the pipeline's peer, the same networks on inputs of the same sizes in OpenCV DNN behind
// cv::imdecode, and the photograph that both look at.
#pragma once

#include <fmt/format.h>
#include <map>
#include <opencv2/dnn.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "image/decode.h"
#include "image/encode.h"
#include "image/resample.h"
#include "vision/alignment.h"
#include "vision/passes.h"
#include "vision/second_look.h"
#include "vision/test_pack.h"
#include "vision/yunet.h"

namespace vision {

// The upper part of a portrait, brought to 1280x720: one face about 180 pixels high.
inline std::optional<base::Bytes> photograph() {
    auto bytes = base::read_file(std::filesystem::path(kPhotos) / "obama3.jpg", std::size_t{8} << 20);
    if (!bytes.ok()) return std::nullopt;
    auto picture = image::decode(*bytes);
    if (!picture.ok()) return std::nullopt;
    int height = picture->width * 9 / 16;
    auto jpeg =
        image::encode_jpeg(image::crop_resized(*picture, {0, 150, picture->width, height}, 1280, 720), 90);
    return jpeg.ok() ? std::optional(*jpeg) : std::nullopt;
}

// The same way through OpenCV: its decoder, its network engine, its resampling; our reading of YuNet's
// tensors.
class OpenCvPipeline {
public:
    OpenCvPipeline() {
        cv::setNumThreads(1);
        embedder_ = cv::dnn::readNetFromONNX(std::string(kWeights) + "/embed/foamliu_mobilefacenet_128.onnx");
    }

    cv::Mat embed(base::ByteView jpeg) {
        cv::Mat bytes(1, static_cast<int>(jpeg.size()), CV_8U, const_cast<std::uint8_t*>(jpeg.data()));
        cv::Mat picture = cv::imdecode(bytes, cv::IMREAD_COLOR);
        auto face = find(picture);
        auto to_aligned = similitude_between(second_look(picture, face).landmarks, kFaceTemplate);
        cv::Matx23f warp(to_aligned.a, -to_aligned.b, to_aligned.dx, to_aligned.b, to_aligned.a,
                         to_aligned.dy);
        cv::Mat aligned;
        cv::warpAffine(picture, aligned, warp, {kFaceTemplatePx, kFaceTemplatePx});
        return run_embedder(aligned);
    }

private:
    Detection find(const cv::Mat& picture) {
        std::vector<Detection> all;
        for (const auto& pass : plan_passes(picture.cols, picture.rows)) {
            cv::Mat scaled, input(pass.height, pass.width, CV_8UC3, cv::Scalar::all(0));
            cv::resize(picture, scaled, {}, pass.factor, pass.factor, cv::INTER_AREA);
            scaled.copyTo(input(cv::Rect(0, 0, scaled.cols, scaled.rows)));
            for (auto& detection : run_detector(input)) {
                detection.box = {detection.box.left / pass.factor, detection.box.top / pass.factor,
                                 detection.box.right / pass.factor, detection.box.bottom / pass.factor};
                all.push_back(detection);
            }
        }
        return suppress(std::move(all)).at(0);
    }

    Detection second_look(const cv::Mat& picture, const Detection& face) {
        auto around = second_look_at(face.box, kSecondLookMargins[0]);
        cv::Rect whole(around.left, around.top, around.width, around.height);
        cv::Mat input;
        cv::resize(picture(whole & cv::Rect(0, 0, picture.cols, picture.rows)), input,
                   {kSecondLookPx, kSecondLookPx}, 0, 0, cv::INTER_AREA);
        auto found = run_detector(input).at(0);
        for (std::size_t i = 1; i < kSecondLooks; ++i) {
            cv::Mat mirrored;
            cv::flip(input, mirrored, 1);
            run_detector(mirrored);
        }
        float step = static_cast<float>(around.width) / kSecondLookPx;
        for (auto& landmark : found.landmarks)
            landmark = {static_cast<float>(around.left) + landmark.x * step,
                        static_cast<float>(around.top) + landmark.y * step};
        return found;
    }

    std::vector<Detection> run_detector(const cv::Mat& input) {
        auto [entry, is_new] = detectors_.try_emplace({input.cols, input.rows});
        if (is_new)
            entry->second = cv::dnn::readNetFromONNX(std::string(kWeights) + "/detect/yunet_n_640_640.onnx");
        auto& network = entry->second;
        network.setInput(cv::dnn::blobFromImage(input));
        std::vector<cv::String> names;
        for (int stride : kYunetStrides)
            for (const char* head : {"cls", "obj", "bbox", "kps"})
                names.push_back(fmt::format("{}_{}", head, stride));
        std::vector<cv::Mat> tensors;
        network.forward(tensors, names);
        std::vector<Detection> found;
        for (std::size_t i = 0; i < kYunetStrides.size(); ++i) {
            int stride = kYunetStrides[i];
            auto tensor = [&](std::size_t head) {
                const auto& values = tensors[4 * i + head];
                return std::span(values.ptr<float>(), values.total());
            };
            decode_yunet({stride, input.cols / stride, input.rows / stride, tensor(0), tensor(1), tensor(2),
                          tensor(3)},
                         0.5f, found);
        }
        return suppress(std::move(found));
    }

    cv::Mat run_embedder(const cv::Mat& aligned) {
        cv::Mat blob = cv::dnn::blobFromImage(aligned, 1 / 57.0, {}, {123.7, 116.3, 103.5}, true);
        cv::Mat out;
        for (int i = 0; i < kEmbeddings; ++i) {
            embedder_.setInput(blob);
            out = embedder_.forward().clone();
        }
        return out;
    }

    static constexpr int kEmbeddings = 2;  // the face and its mirror image, as the open pack asks
    std::map<std::pair<int, int>, cv::dnn::Net> detectors_;
    cv::dnn::Net embedder_;
};

}  // namespace vision
