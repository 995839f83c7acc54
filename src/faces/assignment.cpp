#include "faces/assignment.h"

#include <limits>

#include "base/result.h"

namespace faces {

std::vector<std::size_t> cheapest_assignment(std::span<const std::vector<double>> costs) {
    constexpr auto kNone = std::numeric_limits<std::size_t>::max();
    constexpr double kFar = std::numeric_limits<double>::infinity();
    const std::size_t rows = costs.size();
    const std::size_t columns = rows == 0 ? 0 : costs.front().size();
    INVARIANT(columns >= rows);
    std::vector<double> row_potential(rows), column_potential(columns);
    std::vector<std::size_t> row_of(columns, kNone);

    for (std::size_t start = 0; start < rows; ++start) {
        // Dijkstra over reduced costs, from this row to the nearest free column.
        std::vector<double> distance(columns, kFar);
        std::vector<std::size_t> before(columns, kNone);  // the column that the path came through
        std::vector<bool> done(columns);
        std::size_t row = start, last = kNone;
        double so_far = 0;
        while (true) {
            std::size_t nearest = kNone;
            for (std::size_t column = 0; column < columns; ++column) {
                if (done[column]) continue;
                const double through =
                    so_far + costs[row][column] - row_potential[row] - column_potential[column];
                if (through < distance[column]) {
                    distance[column] = through;
                    before[column] = last;
                }
                if (nearest == kNone || distance[column] < distance[nearest]) nearest = column;
            }
            done[nearest] = true;
            so_far = distance[nearest];
            last = nearest;
            if (row_of[nearest] == kNone) break;
            row = row_of[nearest];
        }
        for (std::size_t column = 0; column < columns; ++column) {
            if (!done[column] || column == last) continue;
            row_potential[row_of[column]] += so_far - distance[column];
            column_potential[column] -= so_far - distance[column];
        }
        row_potential[start] += so_far;
        while (last != kNone) {
            const std::size_t from = before[last];
            row_of[last] = from == kNone ? start : row_of[from];
            last = from;
        }
    }
    std::vector<std::size_t> column_of(rows);
    for (std::size_t column = 0; column < columns; ++column)
        if (row_of[column] != kNone) column_of[row_of[column]] = column;
    return column_of;
}

}  // namespace faces
