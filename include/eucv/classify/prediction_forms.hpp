#pragma once

#include <eucv/classify/form/csv.hpp>
#include <eucv/classify/form/json_lines.hpp>
#include <eucv/classify/prediction_form.hpp>

#include <array>
#include <string_view>

namespace eucv::classify {

/// The forms in which the library writes predictions.
inline constexpr std::array<const prediction_form*, 2> prediction_forms{&form::csv, &form::json_lines};

/// The form of this name, or nothing.
[[nodiscard]] inline const prediction_form* find_prediction_form(std::string_view name) noexcept {
  for (const auto* const each : prediction_forms)
    if (each->name == name) return each;
  return nullptr;
}

} // namespace eucv::classify
