#pragma once

#include <eucv/classify/label_mode.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/core/random.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/nn/host.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace eucv::classify {

/// A network that classifies, whatever its layers.
using network = nn::any_model<nn::host<float>>;

/// What is to be built.
struct architecture {
  std::string_view name;   ///< one of architectures()
  std::size_t classes = 0; ///< logits
  std::size_t size = 128;  ///< rows and columns of its input
  /// Where a picture may have several labels, the logits of all architectures are of either sign.
  label_mode mode = label_mode::single_label;
};

/// The names of the architectures: those of the zoo, and resnet9_half, which is zoo::resnet9 with half the channels.
[[nodiscard]] inline std::span<const std::string_view> architectures() {
  static constexpr std::array<std::string_view, 7> names{"small",    "resnet9",  "resnet9_half", "squeezenet1_1",
                                                         "resnet18", "resnet34", "resnet50"};
  return names;
}

/// Builds a network with fresh weights drawn from `engine`; `pool` must outlive it. Throws invalid_argument for a name
/// that is none of architectures(), and what building throws for a size that is too small.
[[nodiscard]] network make_network(const architecture& wanted, random& engine, thread_pool& pool);

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/zoo/resnet.hpp>
#include <eucv/zoo/resnet9.hpp>
#include <eucv/zoo/small.hpp>
#include <eucv/zoo/squeezenet.hpp>

namespace eucv::classify {
namespace detail {

/// Calls function(layers) with the layers of an architecture.
template <class Function>
auto with_layers(const architecture& wanted, Function&& function) {
  if (wanted.name == "small") return function(zoo::small({.classes = wanted.classes}));
  if (wanted.name == "resnet9") return function(zoo::resnet9({.classes = wanted.classes}));
  if (wanted.name == "resnet9_half") return function(zoo::resnet9({.classes = wanted.classes, .width = 32}));
  if (wanted.name == "squeezenet1_1")
    return function(
        zoo::squeezenet1_1({.classes = wanted.classes, .rectified = wanted.mode == label_mode::single_label}));
  if (wanted.name == "resnet18") return function(zoo::resnet18({.classes = wanted.classes}));
  if (wanted.name == "resnet34") return function(zoo::resnet34({.classes = wanted.classes}));
  if (wanted.name == "resnet50") return function(zoo::resnet50({.classes = wanted.classes}));
  std::string known;
  for (const auto name : architectures()) known += (known.empty() ? "" : ", ") + std::string(name);
  throw error(errc::invalid_argument,
              {"build a network", std::string(wanted.name), "there is no such architecture", "choose one of " + known});
}

} // namespace detail

network make_network(const architecture& wanted, random& engine, thread_pool& pool) {
  return detail::with_layers(wanted, [&](auto layers) -> network {
    return nn::model(std::move(layers), nn::shape{1, 3, wanted.size, wanted.size}, engine, nn::host<float>(pool));
  });
}

} // namespace eucv::classify
#endif
