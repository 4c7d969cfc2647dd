#pragma once

#include <eucv/judge/multi_label.hpp>
#include <eucv/judge/single_label.hpp>
#include <eucv/judge/task_type.hpp>

#include <array>
#include <string_view>

namespace eucv::judge {

/// The tasks of the library: model.json names one of them.
inline constexpr std::array<const task_type*, 2> tasks{&single_label, &multi_label};

/// The task of this name, or nothing.
[[nodiscard]] inline const task_type* find_task(std::string_view name) noexcept {
  for (const auto* const each : tasks)
    if (each->name() == name) return each;
  return nullptr;
}

} // namespace eucv::judge
