#include <eucv/judge/single_label.hpp>

#include <eucv/core/probability.hpp>
#include <eucv/judge/figures.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

using namespace eucv;

TEST_CASE("probabilities of one label are those of a softmax, and the most probable label is given") {
  std::vector<double> logits{1, 3, 3};
  const auto wanted = softmax(std::span<const double>(logits));
  judge::single_label.to_probabilities(logits);
  CHECK(logits == wanted);
  std::vector<std::uint8_t> decided{7, 7, 7};
  judge::single_label.decide(logits, {}, decided);
  CHECK(decided == std::vector<std::uint8_t>{0, 1, 0}); // the first of equals
  CHECK(judge::single_label.exclusive());
}

TEST_CASE("a probability of 0 has a large loss, not an infinite one") {
  const judge::predictions set{.labels = {"a", "b"}, .truth = {0, 1}, .scores = {1, 0}};
  CHECK(judge::single_label.item_figures().front() == "log_loss");
  CHECK(judge::metrics_of(set).item_means[0] == doctest::Approx(52 * std::log(2)));
}

TEST_CASE("no items have no log loss") {
  CHECK(std::isnan(judge::metrics_of(judge::predictions{.labels = {"a"}}).item_means[0]));
}
