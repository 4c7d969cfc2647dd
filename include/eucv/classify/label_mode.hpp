#pragma once

#include <eucv/judge/task_type.hpp>

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

/// The mode of a task.
[[nodiscard]] inline label_mode mode_of(const judge::task_type& task) noexcept {
  return task.exclusive() ? label_mode::single_label : label_mode::multi_label;
}

} // namespace eucv::classify
