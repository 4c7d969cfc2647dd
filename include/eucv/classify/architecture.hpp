#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/judge/single_label.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace eucv::classify {

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

} // namespace eucv::classify

#ifdef EUCV_IMPLEMENTATION_CLASSIFY
#include <eucv/zoo/registry.hpp>

namespace eucv::classify {

std::span<const std::string_view> architectures() {
  return zoo::registry::names();
}

} // namespace eucv::classify
#endif
