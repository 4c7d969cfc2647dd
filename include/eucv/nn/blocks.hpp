#pragma once

#include <eucv/nn/parameter.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace eucv::nn {

/// The block that a parameter or buffer belongs to: the first part of its name, "layer1" of "layer1.0.conv1.weight".
/// Of torchvision's `features`, which holds all but the head of a network, two parts: "features.3". Blocks are what is
/// frozen, and what learns at a rate of its own.
[[nodiscard]] constexpr std::string_view block_of(std::string_view name) noexcept {
  constexpr std::string_view trunk = "features.";
  const std::size_t from = name.starts_with(trunk) ? trunk.size() : 0;
  return name.substr(0, name.find('.', from));
}

/// The blocks of a network from the input on; the last is its head. Views of the parameters' names.
template <class Backend>
[[nodiscard]] std::vector<std::string_view> blocks_of(std::span<const parameter<Backend>> parameters) {
  std::vector<std::string_view> blocks;
  for (const auto& each : parameters)
    if (const auto block = block_of(each.name); blocks.empty() || blocks.back() != block) blocks.push_back(block);
  return blocks;
}

/// Discriminative learning rates (Howard and Ruder, 2018, arXiv:1801.06146): the head learns at the full rate, and each
/// block before it at `decay` times the rate of the next. What was learned on other pictures changes the less the more
/// general it is. 1 gives all the same rate.
template <class Backend>
void decay_rates(std::span<parameter<Backend>> parameters, double decay) {
  double rate = 1;
  for (std::size_t i = parameters.size(); i-- > 0;) {
    if (i + 1 < parameters.size() && block_of(parameters[i].name) != block_of(parameters[i + 1].name)) rate *= decay;
    parameters[i].rate = rate;
  }
}

} // namespace eucv::nn
