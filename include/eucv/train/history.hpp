#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/json_text.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eucv::train {

/// What one epoch came to. A figure that was not taken, as those of validation without a validation set, is not a
/// number here and an empty cell in history.csv.
struct epoch_figures {
  std::size_t epoch = 0; ///< from 1
  double rate = 0;       ///< learning rate of the epoch's last step
  double train_loss = 0; ///< means over the epoch's batches, as they were met: in mode::train, augmented
  double train_accuracy = 0;
  double validation_loss = 0;     ///< after the epoch
  double validation_accuracy = 0; ///< where items may have several labels: the part that has them all right
  double validation_macro_f1 = 0;
  double seconds = 0; ///< time spent, validation included
  /// Of items that may have several labels; of others there is none.
  double validation_mean_average_precision = std::numeric_limits<double>::quiet_NaN();
};

namespace detail {

// One list of the cells, in the order of the columns, for writing and for reading.
template <class Figures, class Function>
void for_each_cell(Figures& row, Function&& f) {
  f(row.rate), f(row.train_loss), f(row.train_accuracy), f(row.validation_loss), f(row.validation_accuracy);
  f(row.validation_macro_f1), f(row.seconds), f(row.validation_mean_average_precision);
}

} // namespace detail

inline constexpr std::string_view history_columns =
    "epoch,rate,train_loss,train_accuracy,validation_loss,validation_accuracy,validation_macro_f1,seconds,"
    "validation_mean_average_precision\n";

/// history.csv: a line of column names, then one an epoch. Numbers read back as the same doubles.
[[nodiscard]] inline std::string history_csv(std::span<const epoch_figures> epochs) {
  std::string text(history_columns);
  for (const auto& row : epochs) {
    text += std::to_string(row.epoch);
    detail::for_each_cell(row, [&](double cell) { text += "," + (std::isfinite(cell) ? json_number(cell) : ""); });
    text += '\n';
  }
  return text;
}

/// The way back. `source` names the text in messages. Throws bad_format.
[[nodiscard]] inline std::vector<epoch_figures> parse_history(std::string_view text, const std::string& source) {
  const auto refuse = [&](const std::string& why) {
    return error(errc::bad_format, {"read the history", source, why, "remove the file; it is written anew"});
  };
  if (!text.starts_with(history_columns)) throw refuse("its first line is not that of a history");
  text.remove_prefix(history_columns.size());
  std::vector<epoch_figures> epochs;
  const auto number = [&](auto& value, char end) {
    const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || stop == text.data() + text.size() || *stop != end)
      throw refuse("no number in line " + std::to_string(epochs.size() + 1));
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()) + 1);
  };
  while (!text.empty()) {
    auto& row = epochs.emplace_back();
    number(row.epoch, ',');
    std::size_t left = 8;
    detail::for_each_cell(row, [&](double& cell) {
      const char end = --left == 0 ? '\n' : ',';
      if (text.starts_with(end)) {
        cell = std::numeric_limits<double>::quiet_NaN();
        text.remove_prefix(1);
      } else {
        number(cell, end);
      }
    });
  }
  return epochs;
}

} // namespace eucv::train
