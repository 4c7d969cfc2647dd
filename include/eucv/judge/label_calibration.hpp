#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/judge/curves.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace eucv::judge {

/// Platt's sigmoid: probability = 1 / (1 + exp(slope x score + offset)), for one label of several that an item may
/// have.
struct sigmoid {
  double slope = -1, offset = 0;

  [[nodiscard]] double operator()(double score) const noexcept {
    const double z = slope * score + offset; // in the form that does not overflow
    return z >= 0 ? std::exp(-z) / (1 + std::exp(-z)) : 1 / (1 + std::exp(z));
  }
  friend bool operator==(const sigmoid&, const sigmoid&) = default;
};

/// A rising step function, straight between its points and flat beyond them.
struct isotonic {
  std::vector<double> scores, probabilities; ///< ascending; at least one point

  [[nodiscard]] double operator()(double score) const {
    const auto above = std::lower_bound(scores.begin(), scores.end(), score);
    if (above == scores.begin()) return probabilities.front();
    if (above == scores.end()) return probabilities.back();
    const auto i = static_cast<std::size_t>(above - scores.begin());
    const double part = (score - scores[i - 1]) / (scores[i] - scores[i - 1]);
    return probabilities[i - 1] + part * (probabilities[i] - probabilities[i - 1]);
  }
  friend bool operator==(const isotonic&, const isotonic&) = default;
};

/// Fits Platt's sigmoid to held-out scores of one label (Platt 1999), by Newton's method with backtracking (Lin, Lin
/// and Weng 2007) and their targets (positives + 1) / (positives + 2) and 1 / (negatives + 2), so that a label with few
/// items does not become sure of itself. Throws invalid_argument for no item or a score that is not finite.
[[nodiscard]] sigmoid fit_sigmoid(const std::vector<scored>& items);

/// Fits the rising function with the least squared error to held-out scores of one label, by pooling neighbours that
/// stand in wrong order (Ayer et al. 1955; Zadrozny and Elkan 2002). Equal scores count as one point. It bends to
/// whatever shape there is and wants more items than the sigmoid: some hundred. Throws as fit_sigmoid().
[[nodiscard]] isotonic fit_isotonic(std::vector<scored> items);

/// The logit whose logistic is p: log(p / (1 - p)), within +-34, where double has no more to say.
[[nodiscard]] inline double logit_of(double p) noexcept {
  constexpr double least = 2e-15;
  p = std::clamp(p, least, 1 - least);
  return std::log(p) - std::log1p(-p);
}

} // namespace eucv::judge

#ifdef EUCV_IMPLEMENTATION_JUDGE
#include <string>

namespace eucv::judge {

namespace detail {

void check_scored(const std::vector<scored>& items) {
  bool finite = !items.empty();
  for (const auto& item : items) finite = finite && std::isfinite(item.score);
  if (!finite)
    throw error(errc::invalid_argument, {"calibrate a label", std::to_string(items.size()) + " scores",
                                         "there is none, or one that is not finite", "give scores of held-out items"});
}

} // namespace detail

sigmoid fit_sigmoid(const std::vector<scored>& items) {
  detail::check_scored(items);
  const auto positives = static_cast<double>(detail::positives(items));
  const double negatives = static_cast<double>(items.size()) - positives;
  const double high = (positives + 1) / (positives + 2), low = 1 / (negatives + 2);
  const auto loss = [&](double slope, double offset) {
    double sum = 0;
    for (const auto& item : items) {
      const double z = slope * item.score + offset, t = item.positive ? high : low;
      sum += z >= 0 ? t * z + std::log1p(std::exp(-z)) : (t - 1) * z + std::log1p(std::exp(z));
    }
    return sum;
  };
  sigmoid fit{.slope = 0, .offset = std::log((negatives + 1) / (positives + 1))};
  double at = loss(fit.slope, fit.offset);
  for (int step = 0; step < 200; ++step) {
    constexpr double ridge = 1e-12; // keeps the Hessian invertible where all scores are equal
    double h11 = ridge, h22 = ridge, h21 = 0, g1 = 0, g2 = 0;
    for (const auto& item : items) {
      const double p = fit(item.score), spread = p * (1 - p), miss = (item.positive ? high : low) - p;
      h11 += item.score * item.score * spread;
      h22 += spread;
      h21 += item.score * spread;
      g1 += item.score * miss;
      g2 += miss;
    }
    if (std::abs(g1) < 1e-10 && std::abs(g2) < 1e-10) break;
    const double determinant = h11 * h22 - h21 * h21;
    const double d1 = -(h22 * g1 - h21 * g2) / determinant, d2 = -(h11 * g2 - h21 * g1) / determinant;
    double length = 1;
    for (; length >= 1e-10; length /= 2) {
      const double next = loss(fit.slope + length * d1, fit.offset + length * d2);
      if (next < at + 1e-4 * length * (g1 * d1 + g2 * d2)) {
        fit.slope += length * d1;
        fit.offset += length * d2;
        at = next;
        break;
      }
    }
    if (length < 1e-10) break; // no step lowers the loss any more
  }
  return fit;
}

isotonic fit_isotonic(std::vector<scored> items) {
  detail::check_scored(items);
  std::sort(items.begin(), items.end(), [](const scored& a, const scored& b) { return a.score < b.score; });
  struct pool {
    double first, last, positives, n;
  };
  std::vector<pool> pools;
  for (std::size_t i = 0; i < items.size();) {
    pool next{items[i].score, items[i].score, 0, 0};
    for (; i < items.size() && items[i].score == next.first; ++i) {
      next.positives += items[i].positive ? 1 : 0;
      ++next.n;
    }
    pools.push_back(next);
    while (pools.size() > 1) { // a pool that is not above the one before it becomes one with it
      const pool& above = pools.back();
      pool& below = pools[pools.size() - 2];
      if (below.positives * above.n < above.positives * below.n) break;
      below.last = above.last;
      below.positives += above.positives;
      below.n += above.n;
      pools.pop_back();
    }
  }
  isotonic fit;
  for (const pool& each : pools)
    for (const double score : {each.first, each.last}) {
      if (!fit.scores.empty() && score == fit.scores.back()) continue;
      fit.scores.push_back(score);
      fit.probabilities.push_back(each.positives / each.n);
    }
  return fit;
}

} // namespace eucv::judge
#endif
