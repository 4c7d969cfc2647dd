#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/core/random.hpp>
#include <eucv/judge/single_label.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/nn/host.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace eucv::classify {

/// A network that classifies pictures: any architecture of the registry, chosen at run time.
using classifier_network = nn::any_model<nn::host<float>>;

/// Name, size and kind of a network to be built.
struct architecture {
  std::string_view name;   ///< one of architectures()
  std::size_t classes = 0; ///< logits
  std::size_t size = 128;  ///< rows and columns of its input
  /// Where labels do not exclude each other, the logits of all architectures are of either sign.
  const judge::task_type* task = &judge::single_label;
};

/// The names of the architectures of zoo::registry.
[[nodiscard]] std::span<const std::string_view> architectures();

/// Builds a network with fresh weights drawn from `engine`; `pool` must outlive it. Throws invalid_argument for a name
/// that is none of architectures(), and what building throws for a size that is too small.
[[nodiscard]] classifier_network make_network(const architecture& wanted, random& engine, thread_pool& pool);

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY

#include <eucv/zoo/registry.hpp>

#include <utility>

namespace eucv::classify {

std::span<const std::string_view> architectures() {
  return zoo::registry::names();
}

namespace detail {

inline zoo::architecture_options layer_options(std::size_t classes, const judge::task_type& task) {
  return {.classes = classes, .logits = task.exclusive() ? zoo::logits::exclusive : zoo::logits::independent};
}

} // namespace detail

classifier_network make_network(const architecture& wanted, random& engine, thread_pool& pool) {
  const auto options = detail::layer_options(wanted.classes, *wanted.task);
  return zoo::registry::build<classifier_network>(wanted.name, options, [&](auto layers) {
    return nn::model(std::move(layers), nn::shape{1, 3, wanted.size, wanted.size}, engine, nn::host<float>(pool));
  });
}

} // namespace eucv::classify
#endif
