#include <eucv/judge/multi_label.hpp>

#include <eucv/core/probability.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <vector>

using namespace eucv;

namespace {

// Coverage, ranking loss and label ranking average precision of one item.
std::array<double, 3> figures_of(const std::vector<double>& scores, const std::vector<std::uint8_t>& truth) {
  std::array<double, 3> values{};
  judge::multi_label.judge({scores, truth, truth}, values);
  return values;
}

} // namespace

TEST_CASE("each label of several has a probability and a decision of its own") {
  std::vector<double> logits{0, 2, -30};
  judge::multi_label.to_probabilities(logits);
  CHECK(logits == std::vector<double>{0.5, logistic(2), logistic(-30)});
  std::vector<std::uint8_t> decided{7, 7, 7};
  judge::multi_label.decide(logits, {}, decided);
  CHECK(decided == std::vector<std::uint8_t>{1, 1, 0});
  judge::multi_label.decide(logits, std::vector<double>{0.6, 0.9, 0}, decided);
  CHECK(decided == std::vector<std::uint8_t>{0, 0, 1});
  CHECK_FALSE(judge::multi_label.exclusive());
}

TEST_CASE("how an item's labels rank, by hand") {
  CHECK(judge::multi_label.item_figures().size() == 3);
  // The second of three ranks is the label's: of the two pairs one is in wrong order.
  CHECK(figures_of({0.9, 0.6, 0.1}, {0, 1, 0}) == std::array<double, 3>{2, 0.5, 0.5});
  CHECK(figures_of({0.5, 0.5, 0.1}, {0, 1, 0}) == std::array<double, 3>{2, 0.5, 0.5}); // equal counts as wrong
  CHECK(figures_of({0.9, 0.6, 0.1}, {1, 1, 0}) == std::array<double, 3>{2, 0, 1});
  CHECK(figures_of({0.9, 0.6, 0.1}, {0, 0, 0}) == std::array<double, 3>{0, 0, 1});
  CHECK(figures_of({0.9, 0.6, 0.1}, {1, 1, 1}) == std::array<double, 3>{3, 0, 1});
}
