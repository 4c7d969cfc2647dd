#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/options.hpp>
#include <eucv/core/probability.hpp>
#include <eucv/nn/loss.hpp>
#include <eucv/nn/tensor.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::nn {

/// The target of one label of one item.
enum class target : std::uint8_t {
  no,
  yes,
  unknown, ///< not annotated; see multi_label_loss::unknown_weight
};

using eucv::logistic;

/// A multi-label loss over C independent sigmoid outputs p = logistic(x). One formula covers binary cross-entropy,
/// focal and asymmetric loss; make them by the functions below.
///
///     positive:  w (1 - p)^a (-log p)
///     negative:  q^b (-log(1 - q)),  q = max(p - margin, 0)
///
/// with w of `positive_weights`, a `positive_focus` and b `negative_focus`. The loss of a batch is the mean over its
/// {N, C} entries. An unknown entry counts as a negative of weight `unknown_weight`, and the mean divides by the sum of
/// these weights.
struct multi_label_loss {
  std::vector<double> positive_weights = {}; ///< w, positive, in label order; empty: all 1
  double positive_focus = 0; ///< a, at least 0: focusing parameter of positives; the larger, the less easy ones count
  double negative_focus = 0; ///< b, at least 0: focusing parameter of negatives
  double margin = 0;         ///< 0 to below 1: negatives with a probability up to it cost nothing
  /// 0: unknown entries are left out. 1: they count as negatives. 1 / (C - 1): the weak negatives of Cole et al. (2021,
  /// arXiv:2106.09708), for items of which one label is known and any of the others may be true as well: all of them
  /// together weigh as much as the one that is known.
  double unknown_weight = 0;

  static constexpr auto fields() {
    using self = multi_label_loss;
    return field_list{
        option("positive-weights", &self::positive_weights, "weight of the positives of each label", above(0))
            .internal(),
        option("positive-focus", &self::positive_focus, "focusing parameter of positives", at_least(0)),
        option("negative-focus", &self::negative_focus, "focusing parameter of negatives", at_least(0)),
        option("margin", &self::margin, "negatives with a probability up to it cost nothing", at_least(0).below(1)),
        option("unknown-weight", &self::unknown_weight, "weight of what is not annotated, as a negative",
               between(0, 1))};
  }

  /// `logits` {N, C} and as many targets, item by item. Sums are taken in double, on the host, and from logits, so that
  /// nothing overflows.
  ///
  /// Throws shape_mismatch where logits and targets or weights do not fit together, invalid_argument for an option out
  /// of range. A logit that is not finite makes a loss that is not.
  template <std::floating_point Scalar>
  [[nodiscard]] host_loss<Scalar> operator()(const logit_rows<Scalar>& logits, std::span<const target> targets) const {
    const std::size_t classes = logits.classes;
    check(logits.items(), classes, targets.size());
    host_loss<Scalar> result{.gradient = std::vector<Scalar>(logits.values.size())};
    for (const target each : targets) result.weight += each == target::unknown ? unknown_weight : 1;
    const double all = result.weight > 0 ? result.weight : 1; // no entry is known: the loss is 0
    for (std::size_t i = 0; i < logits.values.size(); ++i) {
      const bool has = targets[i] == target::yes;
      const double weight = has ? positive_weight(i % classes) : targets[i] == target::unknown ? unknown_weight : 1;
      if (weight == 0) continue;
      const auto x = static_cast<double>(logits.values[i]);
      const auto [value, slope] = has ? positive(x) : negative(x);
      result.loss += weight * (std::isfinite(x) ? value : x - x);
      result.gradient[i] = static_cast<Scalar>(weight * slope / all);
    }
    result.loss /= all;
    return result;
  }
  /// The same for logits on a backend: one copy there and one back.
  template <class Backend>
  [[nodiscard]] loss_and_gradient<Backend> operator()(Backend& backend, const tensor<Backend>& logits,
                                                      std::span<const target> targets) const {
    return to_backend(backend, (*this)(rows_of(backend, logits), targets), logits.shape);
  }

private:
  [[nodiscard]] double positive_weight(std::size_t label) const noexcept {
    return positive_weights.empty() ? 1.0 : positive_weights[label];
  }

  /// -log p = log(1 + exp(-x)), without overflow.
  [[nodiscard]] static double minus_log(double x) noexcept {
    return x >= 0 ? std::log1p(std::exp(-x)) : std::log1p(std::exp(x)) - x;
  }

  /// The loss of an entry and its derivative by x. dp/dx = p (1 - p), so d(1 - p)^a/dx = -a p (1 - p)^a.
  [[nodiscard]] std::pair<double, double> positive(double x) const noexcept {
    const double p = logistic(x), miss = logistic(-x), cost = minus_log(x), focus = std::pow(miss, positive_focus);
    return {focus * cost, -focus * (positive_focus * p * cost + miss)};
  }

  /// dq^b/dx = b q^(b - 1) p (1 - p), and d(-log(1 - q))/dx = p (1 - p) / (1 - q), which is p where there is no margin.
  [[nodiscard]] std::pair<double, double> negative(double x) const noexcept {
    const double p = logistic(x), miss = logistic(-x), q = p - margin;
    if (q <= 0) return {0, 0};
    const double cost = margin == 0 ? minus_log(-x) : -std::log1p(-q), focus = std::pow(q, negative_focus);
    const double rise = margin == 0 ? p : p * miss / (1 - q);
    return {focus * cost, focus * (negative_focus * p * miss * cost / q + rise)};
  }

  void check(std::size_t items, std::size_t classes, std::size_t targets) const {
    const auto refuse = [](errc code, std::string why) {
      return error(code, {"compute the multi-label loss", "", std::move(why), "check the options and targets"});
    };
    if (items == 0 || targets != items * classes)
      throw refuse(errc::shape_mismatch, std::to_string(items) + " rows of " + std::to_string(classes) +
                                             " logits and " + std::to_string(targets) + " targets");
    if (!positive_weights.empty() && positive_weights.size() != classes)
      throw refuse(errc::shape_mismatch, std::to_string(positive_weights.size()) + " class weights for " +
                                             std::to_string(classes) + " classes");
    check_options(*this, "compute the multi-label loss");
  }
};

static_assert(describes_all_fields<multi_label_loss>);

/// Binary cross-entropy: -w t log p - (1 - t) log(1 - p), as PyTorch's BCEWithLogitsLoss with `pos_weight` and
/// reduction "mean".
[[nodiscard]] inline multi_label_loss binary_cross_entropy(std::vector<double> positive_weights = {}) {
  return {.positive_weights = std::move(positive_weights)};
}

/// Focal loss (Lin et al. 2017, arXiv:1708.02002): (1 - p_t)^focus (-log p_t), p_t being p for positives and 1 - p for
/// negatives, so that easy entries count little. torchvision's sigmoid_focal_loss with alpha = -1.
[[nodiscard]] inline multi_label_loss focal_loss(std::vector<double> positive_weights = {}, double focus = 2) {
  return {.positive_weights = std::move(positive_weights), .positive_focus = focus, .negative_focus = focus};
}

/// The asymmetric loss of Ridnik et al. (2021, arXiv:2009.14119), with their defaults: easy negatives count less, and
/// not at all below the margin, so that the many negatives of an item do not outweigh its few positives. The gradient
/// is that of the formula, the factor q^b included, as in the paper.
[[nodiscard]] inline multi_label_loss asymmetric_loss() {
  return {.positive_focus = 1, .negative_focus = 4, .margin = 0.05};
}

} // namespace eucv::nn
