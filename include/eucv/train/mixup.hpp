#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/random.hpp>
#include <eucv/dataset/batch.hpp>
#include <eucv/nn/loss.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace eucv::train {

/// What mix() did to a batch.
struct mixture {
  double share = 1;                             ///< of each picture itself, a half or more; 1: nothing was mixed
  std::vector<std::size_t> partner_labels = {}; ///< of the pictures that have the rest
};

namespace detail {

/// A number from Beta(alpha, alpha) for alpha in (0, 1], by Jöhnk's method (1964): of u^(1/alpha) and v^(1/alpha), the
/// first one's part of their sum, where that is at most 1. At least half of all pairs are taken.
[[nodiscard]] inline double symmetric_beta(double alpha, random& engine) {
  while (true) {
    const double u = std::pow(engine.uniform(), 1 / alpha), v = std::pow(engine.uniform(), 1 / alpha);
    if (u + v > 0 && u + v <= 1) return u / (u + v); // both may be 0 where alpha is tiny
  }
}

} // namespace detail

/// Mixup (Zhang et al., 2018, arXiv:1710.09412): each picture becomes share x itself + (1 - share) x another of the
/// batch, so that a network learns to be as torn between two classes as its pictures are.
///
/// The share is drawn from Beta(alpha, alpha) once a batch, alpha in 0 to 1, and turned so that a picture is mostly
/// itself. With alpha 0, or one picture alone, nothing happens and nothing is drawn. Throws invalid_argument for
/// another alpha.
[[nodiscard]] inline mixture mix(dataset::batch& pictures, double alpha, random& engine) {
  if (!(alpha >= 0 && alpha <= 1))
    throw error(errc::invalid_argument,
                {"mix pictures", "the options", "alpha is not in 0 to 1", "choose 0.2, say, or 0 for none"});
  if (alpha == 0 || pictures.n < 2) return {};
  if (!pictures.rows.empty()) pictures.gather();
  const double drawn = detail::symmetric_beta(alpha, engine);
  mixture made{.share = std::max(drawn, 1 - drawn)};
  std::vector<std::size_t> partner(pictures.n);
  std::iota(partner.begin(), partner.end(), std::size_t{0});
  engine.shuffle(std::span(partner));
  const std::vector<float> before = pictures.pixels;
  const std::size_t size = before.size() / pictures.n;
  const auto own = static_cast<float>(made.share), rest = static_cast<float>(1 - made.share);
  for (std::size_t item = 0; item < pictures.n; ++item) {
    const float* other = before.data() + partner[item] * size;
    float* to = pictures.pixels.data() + item * size;
    for (std::size_t i = 0; i < size; ++i) to[i] = own * to[i] + rest * other[i];
    made.partner_labels.push_back(pictures.labels[partner[item]]);
  }
  return made;
}

/// The loss of logits {N, C} for a mixed batch: share x that of its own labels + (1 - share) x that of its partners'.
/// Both have the same labels in another order, so their means divide by the same weight.
template <class Loss, std::floating_point Scalar>
[[nodiscard]] nn::host_loss<Scalar> mixed_loss(const Loss& loss, const nn::logit_rows<Scalar>& logits,
                                               const dataset::batch& pictures, const mixture& how) {
  auto result = loss(logits, std::span(pictures.labels));
  if (how.partner_labels.empty()) return result;
  const auto other = loss(logits, std::span(how.partner_labels));
  result.loss = how.share * result.loss + (1 - how.share) * other.loss;
  const auto own = static_cast<Scalar>(how.share), rest = static_cast<Scalar>(1 - how.share);
  for (std::size_t i = 0; i < result.gradient.size(); ++i)
    result.gradient[i] = own * result.gradient[i] + rest * other.gradient[i];
  return result;
}

} // namespace eucv::train
