// The assignment problem: rows to columns, each at most once, at the least total cost.
//
// Shortest augmenting paths with potentials: Kuhn, "The Hungarian method for the assignment problem", 1955;
// Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment
// problems", 1987. Pure arithmetic, callable from any thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace faces {

// costs[row][column], finite; at least as many columns as rows. The column of each row. Time grows with
// rows^2 * columns.
std::vector<std::size_t> cheapest_assignment(std::span<const std::vector<double>> costs);

}  // namespace faces
