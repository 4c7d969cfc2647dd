#pragma once

#include <eucv/nn/activation.hpp>
#include <eucv/nn/concatenate.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dropout.hpp>
#include <eucv/nn/pool2d.hpp>
#include <eucv/zoo/architecture.hpp>

#include <concepts>
#include <cstddef>
#include <vector>

namespace eucv::zoo {

/// What a SqueezeNet may vary in.
struct squeezenet_options {
  std::size_t classes = 1000; ///< logits
  double dropout = 0.5;       ///< probability that a number is dropped before the last convolution
  /// Whether the last maps, and with them the logits, are cut off below 0, as in the paper. Logits that each stand for
  /// a probability of their own must not be: none of these could fall below one half.
  bool rectified = true;
};

/// Squeezes the maps to few channels by a 1x1 convolution, then expands them by 1x1 and 3x3 convolutions, `expand`
/// channels each, side by side. Parameters are named as torchvision's Fire.
[[nodiscard]] inline auto fire(std::size_t squeeze, std::size_t expand) {
  using namespace nn;
  return sequence{named("squeeze", conv2d{.out = squeeze, .kernel = 1}), relu{},
                  named("", concatenate{named("expand1x1", conv2d{.out = expand, .kernel = 1}),
                                        named("expand3x3", conv2d{.out = expand})}),
                  relu{}};
}

/// SqueezeNet 1.1 of Iandola et al. (2016, arXiv:1602.07360), with torchvision's order of operations and names of
/// parameters, so that its weights load unchanged: 722,496 parameters and the head. Input {n, 3, h, w}, both at least
/// 25. At multiples of 16 the windows of the poolings end at the edge, so that weights of frameworks whose poolings
/// round down instead of up see there what they were trained on.
[[nodiscard]] inline auto squeezenet1_1(const squeezenet_options& options = {}) {
  using namespace nn;
  const nn::max_pool half{.kernel = 3, .stride = 2, .last = rounding::up};
  return sequence{named("features.0", conv2d{.out = 64, .stride = 2, .padding = 0}),
                  relu{},
                  half,
                  named("features.3", fire(16, 64)),
                  named("features.4", fire(16, 64)),
                  half,
                  named("features.6", fire(32, 128)),
                  named("features.7", fire(32, 128)),
                  half,
                  named("features.9", fire(48, 192)),
                  named("features.10", fire(48, 192)),
                  named("features.11", fire(64, 256)),
                  named("features.12", fire(64, 256)),
                  nn::dropout{.probability = options.dropout},
                  named("classifier.1", conv2d{.out = options.classes, .kernel = 1, .deviation = 0.01}),
                  stack<relu>{std::vector<relu>(options.rectified ? 1 : 0)},
                  global_average_pool{}};
}

/// squeezenet1_1() in the registry.
struct squeezenet1_1_architecture {
  static constexpr architecture_facts facts{.name = "squeezenet1_1"};
  template <std::same_as<architecture_options> Options>
  [[nodiscard]] static auto layers(const Options& wanted) {
    return squeezenet1_1({.classes = wanted.classes, .rectified = wanted.logits == logits::exclusive});
  }
};

} // namespace eucv::zoo
