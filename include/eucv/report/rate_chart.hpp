#pragma once

#include <eucv/report/detail/svg.hpp>
#include <eucv/train/find_rate.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace eucv::report {

/// The curve of a search for the learning rate, as an SVG file that stands for itself: the smoothed loss over the rate,
/// whose axis is logarithmic, single batches as dots, and a line at the rate to train with. Follows the reader's light
/// or dark scheme. Precondition: not empty.
[[nodiscard]] inline std::string rate_chart(const train::rate_search& found) {
  // What comes after the fall may be a thousand times as high: the chart reaches as far above the beginning as below
  // it.
  const auto [low, most] = std::ranges::minmax(found.smoothed);
  const double high = std::min(most, 2 * found.smoothed.front() - low);
  const double margin = high > low ? 0.08 * (high - low) : 1;
  const double first = found.rates.front(), last = std::max(found.rates.back(), first * 1.01);
  chart made{.id = "rates",
             .title = "Loss by learning rate",
             .description = short_number(found.rate) + " is the rate to train with.",
             .x = {.label = "learning rate", .low = first, .high = last, .ticks = scale::decades},
             .y = {.label = "loss", .low = low - margin, .high = high + margin}};
  series curve{.name = "smoothed"}, dots{.name = "single batches", .how = mark::dots, .dot_radius = 1.5},
      choice{.name = "rate to train with, " + short_number(found.rate)};
  for (std::size_t i = 0; i < found.rates.size(); ++i)
    for (const auto& [values, to] : {std::pair(&found.smoothed, &curve), {&found.losses, &dots}})
      if (const double loss = (*values)[i]; loss >= made.y.low && loss <= made.y.high)
        to->points.emplace_back(found.rates[i], loss);
  choice.points = {{found.rate, made.y.low}, {found.rate, made.y.high}};
  made.all = {curve, choice, dots};
  return svg_file(made);
}

} // namespace eucv::report
