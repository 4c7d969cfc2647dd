#pragma once

#include <eucv/nn/parameter.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace eucv::nn {

/// The blocks of a network that have parameters, from the input on; the last is its head. A block is a child of the
/// outermost sequence, whatever its name: "layer1", "features.3". Views of parameter::block.
template <class Backend>
[[nodiscard]] std::vector<std::string_view> blocks_of(std::span<const parameter<Backend>> parameters) {
  std::vector<std::string_view> blocks;
  for (const auto& each : parameters)
    if (blocks.empty() || blocks.back() != each.block) blocks.push_back(each.block);
  return blocks;
}

/// Layer-wise learning rate decay (discriminative fine-tuning of Howard and Ruder, 2018, arXiv:1801.06146): the head
/// learns at the full rate, and each block before it at `decay` times the rate of the next, so that general features
/// change less than specific ones. 1 gives all the same rate.
template <class Backend>
void decay_rates(std::span<parameter<Backend>> parameters, double decay) {
  double rate = 1;
  for (std::size_t i = parameters.size(); i-- > 0;) {
    if (i + 1 < parameters.size() && parameters[i].block != parameters[i + 1].block) rate *= decay;
    parameters[i].rate = rate;
  }
}

} // namespace eucv::nn
