#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace eucv::judge {

struct metrics;

/// One figure of a classifier: its key in files, its name for people, and how to read it from the metrics.
struct figure {
  std::string_view key;   ///< "macro_f1"
  std::string_view title; ///< "macro F1"
  double (*of)(const metrics&);
};

/// Where figures of a task are shown.
enum class figure_use {
  file,            ///< metrics.json
  headline,        ///< with an interval each
  summary,         ///< on one line
  folds,           ///< mean and deviation over the folds of a cross-validation
  curve,           ///< columns of a learning curve
  fitted,          ///< those of a learning curve that a power law is fitted to
  slices,          ///< of the items of one provider, country or licence
  slice_intervals, ///< those of `slices`, from the first on, that have an interval
};

/// One item as a task judges it: rows of C scores, decisions and true answers.
struct judged_item {
  std::span<const double> scores;
  std::span<const std::uint8_t> decided, truth; ///< 1 where the label is given, else 0
};

/// What the labels of an item are to each other, and what follows for decisions and figures. Objects are constants that
/// live as long as the program: single_label and multi_label, or one of a user's own.
class task_type {
public:
  /// The stable word, as in model.json: "single-label".
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// Whether each item has exactly one label, so that probabilities are those of a softmax and add up to 1. Otherwise
  /// it has any number of them, and each label has a probability of its own.
  [[nodiscard]] virtual bool exclusive() const noexcept = 0;
  /// Turns the C logits of an item into probabilities.
  virtual void to_probabilities(std::span<double> logits) const = 0;
  /// Decides which labels an item gets: 1 for those, else 0; exactly one where labels exclude each other. `thresholds`
  /// holds one a label, or is empty for 0.5.
  virtual void decide(std::span<const double> scores, std::span<const double> thresholds,
                      std::span<std::uint8_t> decided) const = 0;
  /// The figures that are means over the items, by their keys; metrics::item_means holds them in this order.
  [[nodiscard]] virtual std::span<const std::string_view> item_figures() const noexcept = 0;
  /// Their values for one item.
  virtual void judge(const judged_item& item, std::span<double> values) const = 0;
  /// The figures that are shown somewhere, in order.
  [[nodiscard]] virtual std::span<const figure> figures(figure_use use) const noexcept = 0;

  friend bool operator==(const task_type& a, const task_type& b) noexcept { return &a == &b; }

protected:
  constexpr task_type() = default;
  ~task_type() = default;
  task_type(const task_type&) = delete;
  task_type& operator=(const task_type&) = delete;
};

/// The place of the largest score, the first of equals. Precondition: there is one.
[[nodiscard]] inline std::size_t largest(std::span<const double> scores) noexcept {
  return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

} // namespace eucv::judge
