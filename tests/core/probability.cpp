#include <eucv/core/probability.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace eucv;

TEST_CASE("a softmax adds up to 1, keeps the order, and does not overflow") {
  const std::vector<float> logits{1, 3, 2};
  const auto p = softmax(std::span(logits));
  CHECK(p[0] + p[1] + p[2] == doctest::Approx(1));
  CHECK(p[1] / p[0] == doctest::Approx(std::exp(2.0)));
  const std::vector<double> huge{1e300, 0, -1e300};
  CHECK(softmax(std::span(huge)) == std::vector<double>{1, 0, 0});
  CHECK(softmax(std::span<const double>{}).empty());
}

TEST_CASE("the logistic function is 1/2 at 0 and has the right ends") {
  CHECK(logistic(0) == 0.5);
  CHECK(logistic(2) + logistic(-2) == doctest::Approx(1));
  CHECK(logistic(2) == doctest::Approx(0.8807970779778823));
  CHECK(logistic(1000) == 1);
  CHECK(logistic(-1000) == 0);
}
