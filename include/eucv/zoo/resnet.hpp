#pragma once

#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/pool2d.hpp>
#include <eucv/nn/residual.hpp>
#include <eucv/zoo/architecture.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <vector>

namespace eucv::zoo {

/// What a residual network may vary in.
struct resnet_options {
  std::size_t classes = 1000; ///< logits
  std::size_t width = 64;     ///< channels of the first stage; each of the three others has twice as many
};

/// Two 3x3 convolutions and a shortcut. Parameters are named as torchvision's BasicBlock.
[[nodiscard]] inline auto basic_block(std::size_t out, std::size_t stride) {
  using namespace nn;
  return sequence{
      named("",
            residual{named("", sequence{named("conv1", conv2d{.out = out, .stride = stride, .bias = false}),
                                        named("bn1", batch_norm{}), relu{},
                                        named("conv2", conv2d{.out = out, .bias = false}), named("bn2", batch_norm{})}),
                     named("downsample", projection{.out = out, .stride = stride})}),
      relu{}};
}

/// 1x1, 3x3 and 1x1 convolutions and a shortcut, four times as many channels at the end as between. The stride is the
/// 3x3's. Parameters are named as torchvision's Bottleneck.
[[nodiscard]] inline auto bottleneck(std::size_t inner, std::size_t stride) {
  using namespace nn;
  return sequence{
      named("", residual{named("", sequence{named("conv1", conv2d{.out = inner, .kernel = 1, .bias = false}),
                                            named("bn1", batch_norm{}), relu{},
                                            named("conv2", conv2d{.out = inner, .stride = stride, .bias = false}),
                                            named("bn2", batch_norm{}), relu{},
                                            named("conv3", conv2d{.out = 4 * inner, .kernel = 1, .bias = false}),
                                            named("bn3", batch_norm{})}),
                         named("downsample", projection{.out = 4 * inner, .stride = stride})}),
      relu{}};
}

namespace detail {

template <class Block>
using block_maker = Block (*)(std::size_t channels, std::size_t stride);

template <class Block>
[[nodiscard]] auto resnet(block_maker<Block> block, const std::array<std::size_t, 4>& depths,
                          const resnet_options& options) {
  using namespace nn;
  const auto stage = [&](std::size_t number) {
    stack<Block> blocks;
    for (std::size_t i = 0; i < depths[number]; ++i)
      blocks.layers.push_back(block(options.width << number, i == 0 && number > 0 ? 2 : 1));
    return blocks;
  };
  return sequence{named("conv1", conv2d{.out = options.width, .kernel = 7, .stride = 2, .bias = false}),
                  named("bn1", batch_norm{}),
                  relu{},
                  nn::max_pool{.kernel = 3, .stride = 2, .padding = 1},
                  named("layer1", stage(0)),
                  named("layer2", stage(1)),
                  named("layer3", stage(2)),
                  named("layer4", stage(3)),
                  global_average_pool{},
                  named("fc", dense{.out = options.classes})};
}

} // namespace detail

/// Residual networks of He et al. (2015, arXiv:1512.03385) with torchvision's order of operations and names of
/// parameters, so that its weights load unchanged. Input {n, 3, h, w}, both at least 32 or so: five times halved.
/// resnet18 and resnet34 are values of one type.
[[nodiscard]] inline auto resnet18(const resnet_options& options = {}) {
  return detail::resnet(&basic_block, {2, 2, 2, 2}, options);
}
[[nodiscard]] inline auto resnet34(const resnet_options& options = {}) {
  return detail::resnet(&basic_block, {3, 4, 6, 3}, options);
}
[[nodiscard]] inline auto resnet50(const resnet_options& options = {}) {
  return detail::resnet(&bottleneck, {3, 4, 6, 3}, options);
}

/// resnet18() in the registry.
struct resnet18_architecture {
  static constexpr architecture_facts facts{.name = "resnet18"};
  template <std::same_as<architecture_options> Options>
  [[nodiscard]] static auto layers(const Options& wanted) {
    return resnet18({.classes = wanted.classes});
  }
};

/// resnet34() in the registry.
struct resnet34_architecture {
  static constexpr architecture_facts facts{.name = "resnet34"};
  template <std::same_as<architecture_options> Options>
  [[nodiscard]] static auto layers(const Options& wanted) {
    return resnet34({.classes = wanted.classes});
  }
};

/// resnet50() in the registry.
struct resnet50_architecture {
  static constexpr architecture_facts facts{.name = "resnet50"};
  template <std::same_as<architecture_options> Options>
  [[nodiscard]] static auto layers(const Options& wanted) {
    return resnet50({.classes = wanted.classes});
  }
};

} // namespace eucv::zoo
