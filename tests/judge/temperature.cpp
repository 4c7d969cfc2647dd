#include <eucv/judge/temperature.hpp>

#include <eucv/judge/calibrate.hpp>
#include <eucv/judge/figures.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "support/code_of.hpp"
#include "support/prediction_set.hpp"

using namespace eucv;

TEST_CASE("the temperature that the probabilities were sharpened by is found") {
  for (const double temperature : {0.5, 1.0, 2.5}) {
    const auto set = test::drawn_predictions({.items = 20000, .temperature = temperature});
    CHECK(judge::fit_temperature(set) == doctest::Approx(1 / temperature).epsilon(0.03));
  }
}

TEST_CASE("no other temperature has a smaller log loss") {
  const auto set = test::drawn_predictions({.items = 200, .temperature = 0.6});
  const auto loss = [&](double temperature) {
    return judge::metrics_of(judge::calibrated(set, {.temperature = temperature})).item_means[0];
  };
  const double best = judge::fit_temperature(set);
  for (const double factor : {0.98, 0.999, 1.001, 1.02}) CHECK(loss(best * factor) > loss(best));
}

TEST_CASE("tempering keeps the order of labels and the sum of probabilities, and 1 changes nothing") {
  const std::vector<double> row{0.7, 0.2, 0.1, 0};
  const auto same = judge::tempered(row, 1), soft = judge::tempered(row, 3);
  for (std::size_t c = 0; c < 4; ++c) CHECK(same[c] == doctest::Approx(row[c]));
  CHECK(soft[0] > soft[1]);
  CHECK(soft[1] > soft[2]);
  CHECK(soft[0] < 0.7);
  CHECK(soft[0] + soft[1] + soft[2] + soft[3] == doctest::Approx(1));
}

TEST_CASE("items that are all right, or all wrong, give an end of the range and no accident") {
  const judge::predictions right{.labels = {"a", "b"}, .truth = {1, 0, 0, 1}, .scores = {0.8, 0.2, 0.1, 0.9}};
  const judge::predictions wrong{.labels = {"a", "b"}, .truth = {0, 1, 1, 0}, .scores = {0.8, 0.2, 0.1, 0.9}};
  CHECK(judge::fit_temperature(right) == doctest::Approx(0.05));
  CHECK(judge::fit_temperature(wrong) == doctest::Approx(20));
  CHECK(test::code_of([] { (void)judge::fit_temperature({}); }) == errc::invalid_argument);
}
