#pragma once

#include <eucv/core/probability.hpp>
#include <eucv/judge/metrics.hpp>
#include <eucv/judge/task_type.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace eucv::judge {

/// Items with any number of labels, none included: each label is given where its score reaches its threshold.
class multi_label_task : public task_type {
public:
  constexpr multi_label_task() = default;

  [[nodiscard]] std::string_view name() const noexcept override { return "multi-label"; }
  [[nodiscard]] bool exclusive() const noexcept override { return false; }
  void to_probabilities(std::span<double> logits) const override {
    for (double& each : logits) each = logistic(each);
  }
  void decide(std::span<const double> scores, std::span<const double> thresholds,
              std::span<std::uint8_t> decided) const override {
    for (std::size_t c = 0; c < scores.size(); ++c)
      decided[c] = scores[c] >= (thresholds.empty() ? 0.5 : thresholds[c]) ? 1 : 0;
  }
  [[nodiscard]] std::span<const std::string_view> item_figures() const noexcept override {
    static constexpr std::array<std::string_view, 3> keys{"coverage", "ranking_loss",
                                                          "label_ranking_average_precision"};
    return keys;
  }
  /// How far down the ranked labels one must go to meet all of the item's; of its pairs (a label it has, one it has
  /// not), the part in wrong order or equal; and the label ranking average precision, 1 for an item with none or all of
  /// the labels. A label's rank is the number of scores at or above its own. As scikit-learn's figures.
  void judge(const judged_item& item, std::span<double> values) const override {
    const auto& [scores, decided, truth] = item;
    const std::size_t classes = scores.size();
    std::size_t has = 0, wrong = 0;
    double precision = 0, coverage = 0;
    for (std::size_t a = 0; a < classes; ++a) {
      if (truth[a] == 0) continue;
      ++has;
      std::size_t rank = 0, among_own = 0;
      for (std::size_t b = 0; b < classes; ++b) {
        if (scores[b] < scores[a]) continue;
        ++rank;
        among_own += truth[b];
      }
      wrong += rank - among_own;
      precision += static_cast<double>(among_own) / static_cast<double>(rank);
      coverage = std::max(coverage, static_cast<double>(rank));
    }
    const bool no_pair = has == 0 || has == classes;
    values[0] = coverage;
    values[1] = no_pair ? 0 : static_cast<double>(wrong) / static_cast<double>(has * (classes - has));
    values[2] = no_pair ? 1 : precision / static_cast<double>(has);
  }
  [[nodiscard]] std::span<const figure> figures(figure_use use) const noexcept override {
    static constexpr figure exact{"accuracy", "all labels right", [](const metrics&of) { return of.accuracy; }},
        f1{"macro_f1", "macro F1", [](const metrics&of) { return of.macro.f1; }},
        micro_f1{"micro_f1", "micro F1", [](const metrics&of) { return of.micro.f1; }},
        precision{"macro_precision", "macro precision", [](const metrics&of) { return of.macro.precision; }},
        recall{"macro_recall", "macro recall", [](const metrics&of) { return of.macro.recall; }},
        average{"mean_average_precision", "mean average precision",
                [](const metrics&of) { return of.mean_average_precision; }},
        hamming{"hamming_loss", "Hamming loss", [](const metrics&of) { return of.hamming_loss; }},
        coverage{"coverage", "coverage", [](const metrics&of) { return of.item_means[0]; }},
        ranking{"ranking_loss", "ranking loss", [](const metrics&of) { return of.item_means[1]; }},
        lrap{"label_ranking_average_precision", "label ranking average precision",
             [](const metrics&of) { return of.item_means[2]; }};
    static constexpr std::array<figure, 13> file{
        {exact,
         f1,
         precision,
         recall,
         {"macro_specificity", "macro specificity", [](const metrics& of) { return of.macro.specificity; }},
         micro_f1,
         {"micro_precision", "micro precision", [](const metrics& of) { return of.micro.precision; }},
         {"micro_recall", "micro recall", [](const metrics& of) { return of.micro.recall; }},
         average,
         hamming,
         coverage,
         ranking,
         lrap}};
    static constexpr std::array<figure, 10> headline{exact,   f1,      micro_f1, precision, recall,
                                                     average, hamming, coverage, ranking,   lrap};
    static constexpr std::array<figure, 4> summary{average, f1, micro_f1, exact};
    static constexpr std::array<figure, 5> folds{average, f1, micro_f1, exact, hamming};
    static constexpr std::array<figure, 3> curve{exact, f1, average};
    static constexpr std::array<figure, 2> fitted{average, f1};
    static constexpr std::array<figure, 4> slices{exact, micro_f1, f1, average};
    switch (use) {
    case figure_use::file: return file;
    case figure_use::headline: return headline;
    case figure_use::summary: return summary;
    case figure_use::folds: return folds;
    case figure_use::curve: return curve;
    case figure_use::fitted: return fitted;
    case figure_use::slices: return slices;
    case figure_use::slice_intervals: return std::span(slices).first(2);
    }
    return {};
  }
};
inline constexpr multi_label_task multi_label;

} // namespace eucv::judge
