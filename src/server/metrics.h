// What the server counts, for GET /_likeness/metrics in Prometheus' text form.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"

namespace server {

// Callable from any thread.
class Metrics {
public:
    Metrics();
    ~Metrics();

    // One answered request. `operation` is a name from a service's table, never a caller's text.
    void record(std::string_view service, std::string_view operation, int status, base::Duration took);
    // A value that is asked for when the page is read.
    void add_gauge(const std::string& name, const std::string& help, std::function<double()> read);

    std::string page() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace server
