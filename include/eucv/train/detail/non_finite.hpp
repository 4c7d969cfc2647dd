#pragma once

#include <eucv/dataset/batch.hpp>
#include <eucv/nn/any_model.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace eucv::train {

/// Where a network whose loss or gradients are not finite first shows it, in words for a message.
///
/// A picture, a weight or a running statistic that is infinite or no number stands in the forward direction before all
/// that it spoils, so the first one counts; among gradients it is the last, since they are computed backwards.
template <nn::network Network>
[[nodiscard]] std::string where_not_finite(Network& net, const dataset::batch& pictures) {
  const auto sound = [&](const auto& tensor) {
    return !tensor || std::isfinite(nn::sum_of_squares(net.backend(), tensor));
  };
  if (!pictures.rows.empty()) {
    auto gathered = pictures;
    gathered.gather();
    return where_not_finite(net, gathered);
  }
  if (!std::all_of(pictures.pixels.begin(), pictures.pixels.end(), [](float pixel) { return std::isfinite(pixel); }))
    return "the pictures of the batch";
  for (const auto& each : net.parameters())
    if (!sound(each.value)) return each.name;
  for (const auto& each : net.buffers())
    if (!sound(each.value)) return each.name;
  const auto parameters = net.parameters();
  for (auto each = parameters.rbegin(); each != parameters.rend(); ++each)
    if (!sound(each->gradient)) return "the gradient of " + each->name;
  return parameters.empty() ? "the output" : "the output of " + parameters.back().name;
}

} // namespace eucv::train
