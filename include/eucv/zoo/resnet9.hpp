#pragma once

#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/pool2d.hpp>
#include <eucv/nn/residual.hpp>
#include <eucv/zoo/architecture.hpp>

#include <concepts>
#include <cstddef>

namespace eucv::zoo {

/// What a ResNet-9 may vary in.
struct resnet9_options {
  std::size_t classes = 10; ///< logits
  std::size_t width = 64;   ///< channels of the first convolution; each of the three stages has twice as many
};

/// The residual network of eight convolutions and a dense layer that learns small pictures quickly: Page, "How to train
/// your ResNet" (2018, DAWNBench). Input {n, 3, h, w}, both at least 8 and made for 32; the maps are
///
///     stem    3x3                                       {n, width, h, w}
///     layer1  3x3, halved, then two 3x3 and a shortcut  {n, 2 width, h/2, w/2}
///     layer2  3x3, halved                               {n, 4 width, h/4, w/4}
///     layer3  3x3, halved, then two 3x3 and a shortcut  {n, 8 width, h/8, w/8}
///     head    the maximum of each map, dense            {n, classes, 1, 1}
///
/// with batch normalisation and ReLU after each convolution. The first convolution of a stage is followed by the 2x2
/// maximum at once, as Jordan (2024, arXiv:2404.00498) has it, so that a quarter of the numbers is normalised. 6.57
/// million parameters at width 64, and 0.38 billion multiplications a picture of 32 pixels.
[[nodiscard]] inline auto resnet9(const resnet9_options& options = {}) {
  using namespace nn;
  const auto convolution = [](std::size_t out) {
    return sequence{named("conv", conv2d{.out = out, .bias = false}), named("bn", batch_norm{}), relu{}};
  };
  const auto halving = [](std::size_t out) {
    return sequence{named("conv", conv2d{.out = out, .bias = false}), max_pool{.kernel = 2}, named("bn", batch_norm{}),
                    relu{}};
  };
  const auto with_block = [&](std::size_t out) {
    return sequence{named("", halving(out)),
                    named("", residual{named("block", sequence{convolution(out), convolution(out)})})};
  };
  return sequence{named("stem", convolution(options.width)),
                  named("layer1", with_block(2 * options.width)),
                  named("layer2", halving(4 * options.width)),
                  named("layer3", with_block(8 * options.width)),
                  global_max_pool{},
                  named("head", dense{.out = options.classes})};
}

/// resnet9() in the registry.
struct resnet9_architecture {
  static constexpr architecture_facts facts{.name = "resnet9", .input = 32};
  template <std::same_as<architecture_options> Options>
  [[nodiscard]] static auto layers(const Options& wanted) {
    return resnet9({.classes = wanted.classes});
  }
};

/// resnet9() with half the channels in the registry.
struct resnet9_half_architecture {
  static constexpr architecture_facts facts{.name = "resnet9_half", .input = 32};
  template <std::same_as<architecture_options> Options>
  [[nodiscard]] static auto layers(const Options& wanted) {
    return resnet9({.classes = wanted.classes, .width = 32});
  }
};

} // namespace eucv::zoo
