#include "server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <utility>
#include <vector>

#include "base/guarded.h"

namespace server {

struct Metrics::State {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                            .Name("likeness_requests_total")
                                                            .Help("Requests answered")
                                                            .Register(registry);
    prometheus::Family<prometheus::Histogram>& seconds =
        prometheus::BuildHistogram()
            .Name("likeness_request_seconds")
            .Help("Time from the head of a request to its answer")
            .Register(registry);
    struct AskedGauge {
        prometheus::Gauge* gauge;
        std::function<double()> read;
    };
    base::Guarded<std::vector<AskedGauge>> gauges;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::record(std::string_view service, std::string_view operation, int status, base::Duration took) {
    prometheus::Labels labels{{"service", std::string(service)}, {"operation", std::string(operation)}};
    static const prometheus::Histogram::BucketBoundaries kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                                 0.25,  0.5,    1,     2.5,  5,     10,   30};
    state_->seconds.Add(labels, kBounds).Observe(static_cast<double>(took.count()) / 1000);
    labels["status"] = std::to_string(status);
    state_->requests.Add(labels).Increment();
}

void Metrics::add_gauge(const std::string& name, const std::string& help, std::function<double()> read) {
    auto& gauge = prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry).Add({});
    state_->gauges.with([&](auto& all) { all.push_back({&gauge, std::move(read)}); });
}

std::string Metrics::page() const {
    state_->gauges.with([](auto& all) {
        for (auto& each : all)
            each.gauge->Set(each.read());
    });
    return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace server
