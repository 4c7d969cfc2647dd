#include <eucv/judge/probability_metrics.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace eucv;

TEST_CASE("of equal probabilities the first label is the more probable") {
  const judge::predictions set{.labels = {"a", "b", "c"}, .truth = {0, 1, 0}, .scores = {0.4, 0.4, 0.2}};
  CHECK(judge::top_k_accuracy(set, 1) == 0);
  CHECK(judge::top_k_accuracy(set, 2) == 1);
}

TEST_CASE("labels without an item, or with all of them, have no part in the means over labels") {
  const judge::predictions set{
      .labels = {"a", "b", "none"}, .truth = {1, 0, 0, 0, 1, 0}, .scores = {0.7, 0.2, 0.1, 0.3, 0.6, 0.1}};
  CHECK(judge::rank_one_against_rest(set).macro_roc_area == 1);
  CHECK(judge::rank_one_against_rest(set).macro_average_precision == 1);
}

TEST_CASE("no items have no figures") {
  const judge::predictions none{.labels = {"a"}};
  CHECK(std::isnan(judge::top_k_accuracy(none, 1)));
  CHECK(std::isnan(judge::rank_one_against_rest(none).macro_roc_area));
  CHECK(std::isnan(judge::rank_one_against_rest(none).macro_average_precision));
}
