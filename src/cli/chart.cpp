#include "cli/chart.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace cli {
namespace {

constexpr double kPanelPx = 300, kMarginPx = 70, kTitlePx = 40;
constexpr double kLeastRate = 1e-7;  // what is rarer is drawn at the edge

struct Point {
    double x, y;
};

// A square with axes; values from 0 to 1 across and up.
class Panel {
public:
    Panel(int place, std::string_view title, std::string_view across, std::string_view up)
        : left_(kMarginPx + place * (kPanelPx + kMarginPx)) {
        svg_ += fmt::format(
            R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="none" stroke="#999"/>)"
            "\n",
            left_, kTitlePx, kPanelPx, kPanelPx);
        text(left_ + kPanelPx / 2, kTitlePx - 14, title, "middle", 15);
        text(left_ + kPanelPx / 2, kTitlePx + kPanelPx + 36, across, "middle", 12);
        text(left_ + 4, kTitlePx - 2, up, "start", 11);
    }
    void tick_across(double at, const std::string& label) {
        text(left_ + at * kPanelPx, kTitlePx + kPanelPx + 16, label, "middle", 11);
        line({{at, 0}, {at, 1}}, "#e4e4e4", "");
    }
    void tick_up(double at, const std::string& label) {
        text(left_ - 6, kTitlePx + (1 - at) * kPanelPx + 4, label, "end", 11);
        line({{0, at}, {1, at}}, "#e4e4e4", "");
    }
    void line(const std::vector<Point>& points, std::string_view colour, std::string_view dashes) {
        std::string path;
        for (const auto& point : points)
            path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "" : " ", x_of(point), y_of(point));
        svg_ += fmt::format(
            R"(<polyline points="{}" fill="none" stroke="{}" stroke-width="1.5" stroke-dasharray="{}"/>)"
            "\n",
            path, colour, dashes);
    }
    void dot(const Point& point, double radius, std::string_view colour) {
        svg_ += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" fill="{}"/>)"
                            "\n",
                            x_of(point), y_of(point), radius, colour);
    }
    void legend(int row, std::string_view colour, std::string_view words) {
        const double y = kTitlePx + kPanelPx - 14 * row - 10;
        svg_ += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" font-size="11" fill="{}">{}</text>)"
                            "\n",
                            left_ + 8, y, colour, words);
    }
    const std::string& svg() const { return svg_; }

private:
    double x_of(const Point& point) const { return left_ + std::clamp(point.x, 0.0, 1.0) * kPanelPx; }
    static double y_of(const Point& point) {
        return kTitlePx + (1 - std::clamp(point.y, 0.0, 1.0)) * kPanelPx;
    }
    void text(double x, double y, std::string_view words, std::string_view anchor, int size) {
        svg_ += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" font-size="{}" text-anchor="{}">{}</text>)"
                            "\n",
                            x, y, size, anchor, words);
    }

    double left_;
    std::string svg_;
};

// 0 at kLeastRate, 1 at everybody.
double up(double rate) {
    return 1 - std::log10(std::max(rate, kLeastRate)) / std::log10(kLeastRate);
}

constexpr const char *kMeasured = "#1f5fa8", *kOther = "#b0413e", *kGrey = "#777";

std::string rates_panel(const vision::CalibrationReport& report) {
    Panel panel(0, "Error rates", "cosine", "share (logarithmic)");
    auto across = [](double cosine) { return (cosine + 0.2) / 1.2; };
    for (double cosine : {0.0, 0.2, 0.4, 0.6, 0.8, 1.0})
        panel.tick_across(across(cosine), fmt::format("{:.1f}", cosine));
    for (int power = 0; power >= -6; power -= 2)
        panel.tick_up(up(std::pow(10, power)), power == 0 ? "1" : fmt::format("1e{}", power));
    std::vector<Point> matches, misses, modelled_matches, modelled_misses;
    for (const auto& at : report.rates) {
        if (at.false_match_rate > 0) matches.push_back({across(at.cosine), up(at.false_match_rate)});
        if (at.false_non_match_rate > 0) misses.push_back({across(at.cosine), up(at.false_non_match_rate)});
        modelled_matches.push_back({across(at.cosine), up(at.modelled_false_match_rate)});
        modelled_misses.push_back({across(at.cosine), up(at.modelled_false_non_match_rate)});
    }
    panel.line(modelled_matches, kMeasured, "3 3");
    panel.line(modelled_misses, kOther, "3 3");
    panel.line(matches, kMeasured, "");
    panel.line(misses, kOther, "");
    panel.legend(2, kMeasured, "false matches");
    panel.legend(1, kOther, "false non-matches");
    panel.legend(0, kGrey, "dashed: the calibration");
    return panel.svg();
}

std::string trade_panel(const vision::CalibrationReport& report) {
    Panel panel(1, "One error for the other", "false-match rate", "false-non-match rate");
    for (int power = 0; power >= -6; power -= 2) {
        const auto label = power == 0 ? std::string("1") : fmt::format("1e{}", power);
        panel.tick_across(up(std::pow(10, power)), label);
        panel.tick_up(up(std::pow(10, power)), label);
    }
    std::vector<Point> measured;
    for (const auto& at : report.rates)
        if (at.false_match_rate > 0 && at.false_non_match_rate > 0)
            measured.push_back({up(at.false_match_rate), up(at.false_non_match_rate)});
    panel.line(measured, kMeasured, "");
    return panel.svg();
}

std::string reliability_panel(const faces::Reliability& reliability) {
    Panel panel(2, "What probabilities are worth", "probability given", "share that was right");
    for (double at : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        panel.tick_across(at, fmt::format("{:.2f}", at));
        panel.tick_up(at, fmt::format("{:.2f}", at));
    }
    panel.line({{0, 0}, {1, 1}}, kGrey, "3 3");
    std::vector<Point> points;
    for (const auto& bin : reliability.bins()) {
        if (bin.answers == 0) continue;
        const auto answers = static_cast<double>(bin.answers);
        points.push_back({bin.probabilities / answers, static_cast<double>(bin.right) / answers});
        panel.dot(points.back(), 2 + std::log10(answers), kMeasured);
    }
    panel.line(points, kMeasured, "");
    panel.legend(0, kGrey, fmt::format("expected error {:.2f} %", 100 * reliability.expected_error()));
    return panel.svg();
}

}  // namespace

std::string calibration_chart(const vision::CalibrationReport& report,
                              const faces::Reliability& reliability) {
    const double width = kMarginPx + 3 * (kPanelPx + kMarginPx), height = kTitlePx + kPanelPx + 60;
    return fmt::format(
               R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}" font-family="sans-serif">)"
               "\n"
               R"(<rect width="100%" height="100%" fill="white"/>)"
               "\n",
               width, height) +
           rates_panel(report) + trade_panel(report) + reliability_panel(reliability) + "</svg>\n";
}

}  // namespace cli
