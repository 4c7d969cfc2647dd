#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/options.hpp>
#include <eucv/core/probability.hpp>
#include <eucv/nn/tensor.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eucv::nn {

/// The logits of a batch on the host, {N, C} row by row.
template <std::floating_point Scalar>
struct logit_rows {
  std::vector<Scalar> values;
  std::size_t classes = 0; ///< C

  [[nodiscard]] std::size_t items() const noexcept { return classes == 0 ? 0 : values.size() / classes; }
  [[nodiscard]] std::span<const Scalar> row(std::size_t item) const noexcept {
    return {values.data() + item * classes, classes};
  }
};

/// Copies logits {N, C} to the host.
template <class Backend>
[[nodiscard]] logit_rows<typename Backend::scalar> rows_of(Backend& backend, const tensor<Backend>& logits) {
  return {backend.values(logits, order::channels_last), logits.shape.c};
}

/// A loss over a batch, with its gradient with regard to the logits, on the host.
template <std::floating_point Scalar>
struct host_loss {
  double loss = 0;                   ///< mean over the batch, weighted as the loss says
  double weight = 0;                 ///< sum of the weights behind that mean: loss * weight adds up over batches
  std::vector<Scalar> gradient = {}; ///< {N, C}, row by row
};

/// The same with the gradient on a backend, as Network::backward() takes it.
template <class Backend>
struct loss_and_gradient {
  double loss = 0, weight = 0;
  tensor<Backend> gradient; ///< of the logits' shape {N, C}
};

/// Brings the gradient of a loss to the backend of its logits, which have this shape.
template <class Backend>
[[nodiscard]] loss_and_gradient<Backend> to_backend(Backend& backend, const host_loss<typename Backend::scalar>& of,
                                                    const shape& logits) {
  loss_and_gradient<Backend> result{of.loss, of.weight, backend.make(logits)};
  backend.assign(result.gradient, of.gradient, order::channels_last);
  return result;
}

using eucv::softmax;

/// Cross-entropy of the softmax of logits, as PyTorch's CrossEntropyLoss with reduction "mean".
///
/// Takes logits: a softmax before it would be one too many. With weights w and smoothing s over C classes, the loss of
/// an item of class y is (1 - s) w_y (-log p_y) + s/C sum_c w_c (-log p_c), and the mean divides by the sum of w_y.
struct softmax_cross_entropy {
  std::vector<double> class_weights = {}; ///< positive, in label order; empty: all 1
  double label_smoothing = 0;             ///< s, 0 to below 1

  static constexpr auto fields() {
    using self = softmax_cross_entropy;
    return field_list{option("class-weights", &self::class_weights, "weight of each class", above(0)).internal(),
                      option("label-smoothing", &self::label_smoothing,
                             "part of each label that is spread over all classes", at_least(0).below(1))};
  }

  /// `logits` {N, C} and one label an item. Sums are taken in double, on the host.
  ///
  /// Throws shape_mismatch where logits and labels or weights do not fit together, unknown_label for a label beyond C,
  /// invalid_argument for a weight or smoothing out of range. A logit that is not finite makes a loss that is not.
  template <std::floating_point Scalar>
  [[nodiscard]] host_loss<Scalar> operator()(const logit_rows<Scalar>& logits,
                                             std::span<const std::size_t> labels) const {
    const std::size_t items = logits.items(), classes = logits.classes;
    check(items, classes, labels);
    double weights_of_all = 0;
    for (std::size_t c = 0; c < classes; ++c) weights_of_all += weight(c);
    host_loss<Scalar> result{.gradient = std::vector<Scalar>(logits.values.size())};
    for (const std::size_t label : labels) result.weight += weight(label);
    const double even = label_smoothing / static_cast<double>(classes);
    for (std::size_t item = 0; item < items; ++item) {
      const std::size_t label = labels[item];
      const std::span<const Scalar> row = logits.row(item);
      const double top = static_cast<double>(*std::max_element(row.begin(), row.end()));
      double sum = 0;
      for (const Scalar logit : row) sum += std::exp(static_cast<double>(logit) - top);
      const double log_sum = top + std::log(sum), sharp = (1 - label_smoothing) * weight(label);
      for (std::size_t c = 0; c < classes; ++c) {
        const double log_p = static_cast<double>(row[c]) - log_sum;
        const double target = even * weight(c) + (c == label ? sharp : 0);
        if (target != 0) result.loss -= target * log_p;
        result.gradient[item * classes + c] =
            static_cast<Scalar>(((sharp + even * weights_of_all) * std::exp(log_p) - target) / result.weight);
      }
    }
    result.loss /= result.weight;
    return result;
  }
  /// The same for logits on a backend: one copy there and one back.
  template <class Backend>
  [[nodiscard]] loss_and_gradient<Backend> operator()(Backend& backend, const tensor<Backend>& logits,
                                                      std::span<const std::size_t> labels) const {
    return to_backend(backend, (*this)(rows_of(backend, logits), labels), logits.shape);
  }

private:
  [[nodiscard]] double weight(std::size_t label) const noexcept {
    return class_weights.empty() ? 1.0 : class_weights[label];
  }

  void check(std::size_t items, std::size_t classes, std::span<const std::size_t> labels) const {
    const auto refuse = [](errc code, std::string why) {
      return error(code, {"compute the loss", "softmax cross-entropy", std::move(why), "check the options and labels"});
    };
    if (items != labels.size() || items == 0)
      throw refuse(errc::shape_mismatch,
                   std::to_string(items) + " rows of logits and " + std::to_string(labels.size()) + " labels");
    if (!class_weights.empty() && class_weights.size() != classes)
      throw refuse(errc::shape_mismatch,
                   std::to_string(class_weights.size()) + " class weights for " + std::to_string(classes) + " classes");
    check_options(*this, "compute the softmax cross-entropy");
    for (const std::size_t label : labels)
      if (label >= classes)
        throw refuse(errc::unknown_label,
                     "the label " + std::to_string(label) + " is beyond the " + std::to_string(classes) + " classes");
  }
};

static_assert(describes_all_fields<softmax_cross_entropy>);

} // namespace eucv::nn
