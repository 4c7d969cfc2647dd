#pragma once

#include <eucv/core/probability.hpp>
#include <eucv/judge/metrics.hpp>
#include <eucv/judge/task_type.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace eucv::judge {

/// Items with exactly one label: the most probable one is given, the first of equals.
class single_label_task : public task_type {
public:
  constexpr single_label_task() = default;

  [[nodiscard]] std::string_view name() const noexcept override { return "single-label"; }
  [[nodiscard]] bool exclusive() const noexcept override { return true; }
  void to_probabilities(std::span<double> logits) const override {
    std::ranges::copy(softmax(std::span<const double>(logits)), logits.begin());
  }
  void decide(std::span<const double> scores, std::span<const double>, std::span<std::uint8_t> decided) const override {
    std::fill(decided.begin(), decided.end(), std::uint8_t{0});
    decided[largest(scores)] = 1;
  }
  [[nodiscard]] std::span<const std::string_view> item_figures() const noexcept override {
    static constexpr std::array<std::string_view, 1> keys{"log_loss"};
    return keys;
  }
  /// -log(probability of the true label), natural logarithm. A probability of 0 counts as 2^-52, as in scikit-learn, so
  /// that one item cannot make a mean infinite.
  void judge(const judged_item& item, std::span<double> values) const override {
    const auto own = static_cast<std::size_t>(std::ranges::find(item.truth, 1) - item.truth.begin());
    values[0] = -std::log(std::max(item.scores[own], std::numeric_limits<double>::epsilon()));
  }
  [[nodiscard]] std::span<const figure> figures(figure_use use) const noexcept override {
    static constexpr std::array<figure, 8> all{{
        {"accuracy", "accuracy", [](const metrics& of) { return of.accuracy; }},
        {"macro_f1", "macro F1", [](const metrics& of) { return of.macro.f1; }},
        {"macro_precision", "macro precision", [](const metrics& of) { return of.macro.precision; }},
        {"macro_recall", "macro recall", [](const metrics& of) { return of.macro.recall; }},
        {"macro_specificity", "macro specificity", [](const metrics& of) { return of.macro.specificity; }},
        {"balanced_accuracy", "balanced accuracy", [](const metrics& of) { return of.balanced_accuracy; }},
        {"weighted_f1", "weighted F1", [](const metrics& of) { return of.weighted.f1; }},
        {"log_loss", "log loss", [](const metrics& of) { return of.item_means[0]; }},
    }};
    const std::span list(all);
    switch (use) {
    case figure_use::file: return list.first(6);
    case figure_use::headline: return list.first(8);
    case figure_use::summary:
    case figure_use::folds: return list.first(4);
    case figure_use::curve:
    case figure_use::fitted:
    case figure_use::slices: return list.first(2);
    case figure_use::slice_intervals: return list.first(1);
    }
    return {};
  }
};
inline constexpr single_label_task single_label;

} // namespace eucv::judge
