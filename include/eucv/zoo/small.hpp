#pragma once

#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/dropout.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/pool2d.hpp>
#include <eucv/zoo/architecture.hpp>

#include <concepts>
#include <cstddef>

namespace eucv::zoo {

/// What the small network may vary in.
struct small_options {
  std::size_t classes = 10; ///< logits
  std::size_t width = 32;   ///< channels of the first of four blocks; each next has twice as many
  double dropout = 0.2;     ///< probability that a feature is dropped before the last layer
};

/// Four blocks of 3x3 convolution, batch normalisation, ReLU and 2x2 maximum, then the mean of each map, dropout and a
/// dense layer: some 390,000 parameters, for pictures of 32 to 128 pixels and sets of some hundred to thousand of them.
/// Input {n, 3, h, w}, both at least 16.
[[nodiscard]] inline auto small(const small_options& options = {}) {
  using namespace nn;
  const auto block = [&](std::size_t out) {
    return sequence{conv2d{.out = out, .bias = false}, batch_norm{}, relu{}, max_pool{.kernel = 2}};
  };
  return sequence{named("block1", block(options.width)),
                  named("block2", block(2 * options.width)),
                  named("block3", block(4 * options.width)),
                  named("block4", block(8 * options.width)),
                  global_average_pool{},
                  nn::dropout{.probability = options.dropout},
                  named("head", dense{.out = options.classes})};
}

/// small() in the registry.
struct small_architecture {
  static constexpr architecture_facts facts{.name = "small", .input = 128, .learning_rate = 6e-3};
  template <std::same_as<architecture_options> Options>
  [[nodiscard]] static auto layers(const Options& wanted) {
    return small({.classes = wanted.classes});
  }
};

} // namespace eucv::zoo
