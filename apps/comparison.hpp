// Answers held against a truth that people wrote down: scores by source, and the worst answers.
#pragma once

#include <cstddef>
#include <vector>

#include "output.hpp"
#include "predictions.hpp"
#include "truth_table.hpp"

namespace kbeat::app {

/// A row for each tool over everything, then for each source; percent, with 95 % confidence intervals.
[[nodiscard]] Listing score_listing(const std::vector<Truth>& truths, const std::vector<Predictions>& tools,
                                    OutputForm form);

/// The answers of one tool that are farthest from the truth, the worst first.
[[nodiscard]] Listing worst_listing(const std::vector<Truth>& truths, const Predictions& tool,
                                    std::size_t count);

}  // namespace kbeat::app
