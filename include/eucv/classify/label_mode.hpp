#pragma once

#include <string_view>

namespace eucv::classify {

/// What the labels of a picture are to each other.
enum class label_mode {
  single_label, ///< it has one of them: probabilities are those of a softmax, and add up to 1
  multi_label,  ///< it has any number of them: each has a probability of its own
};

/// The stable word of a mode.
[[nodiscard]] constexpr std::string_view to_string(label_mode of) noexcept {
  return of == label_mode::single_label ? "single-label" : "multi-label";
}

} // namespace eucv::classify
