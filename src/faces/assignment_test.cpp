#include "faces/assignment.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <set>

namespace faces {
namespace {

double cost_of(const std::vector<std::vector<double>>& costs, const std::vector<std::size_t>& columns) {
    double sum = 0;
    for (std::size_t row = 0; row < costs.size(); ++row)
        sum += costs[row][columns[row]];
    return sum;
}

double least_by_trying_all(const std::vector<std::vector<double>>& costs) {
    std::vector<std::size_t> columns(costs.front().size());
    std::iota(columns.begin(), columns.end(), 0);
    double least = 1e300;
    do
        least = std::min(least, cost_of(costs, columns));
    while (std::next_permutation(columns.begin(), columns.end()));
    return least;
}

TEST(Assignment, IsTheCheapestOfAll) {
    std::mt19937 random(1);
    std::uniform_real_distribution<double> cost(-10, 10);
    for (int trial = 0; trial < 300; ++trial) {
        const std::size_t rows = 1 + random() % 5, columns = rows + random() % 3;
        std::vector<std::vector<double>> costs(rows, std::vector<double>(columns));
        for (auto& row : costs)
            for (auto& one : row)
                one = random() % 4 == 0 ? 1e6 : cost(random);
        const auto columns_of = cheapest_assignment(costs);
        EXPECT_EQ(std::set(columns_of.begin(), columns_of.end()).size(), rows) << "a column twice";
        EXPECT_NEAR(cost_of(costs, columns_of), least_by_trying_all(costs), 1e-6);
    }
}

TEST(Assignment, OfNoRowsIsEmpty) {
    EXPECT_TRUE(cheapest_assignment({}).empty());
}

}  // namespace
}  // namespace faces
