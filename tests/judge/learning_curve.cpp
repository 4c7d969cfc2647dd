#include <eucv/judge/learning_curve.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/code_of.hpp"

using namespace eucv;

namespace {

// Errors that follow a law with 0.05 + 0.2 (n / 800)^-0.5 and some scatter: `repeats` trainings at each size.
std::vector<judge::learning_point> drawn(double scatter, std::size_t repeats = 3, std::uint64_t seed = 1) {
  eucv::random engine(seed);
  const judge::power_law law{.floor = 0.05, .reducible = 0.2, .exponent = 0.5, .reference = 800};
  std::vector<judge::learning_point> points;
  for (const double n : {50.0, 100.0, 200.0, 400.0, 800.0})
    for (std::size_t i = 0; i < repeats; ++i) points.push_back({n, law(n) + scatter * engine.normal()});
  return points;
}

} // namespace

TEST_CASE("a law without scatter is found again") {
  const auto law = judge::fit_power_law(drawn(0));
  CHECK(law.exponent == doctest::Approx(0.5));
  CHECK(law.floor == doctest::Approx(0.05));
  CHECK(law.reducible == doctest::Approx(0.2));
  CHECK(law(1600) == doctest::Approx(0.05 + 0.2 / std::sqrt(2)));
}

TEST_CASE("what doubling the data would bring lies in its interval in most of the cases") {
  const double truth = 0.2 - 0.2 / std::sqrt(2);
  std::size_t held = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto fit = judge::fit_learning_curve(drawn(0.01, 3, seed), {.replicates = 100, .seed = seed});
    held += fit.gain.low <= truth && truth <= fit.gain.high ? 1 : 0;
    CHECK(fit.scatter < 0.02);
    CHECK(fit.gain.value == doctest::Approx(fit.now.value - fit.doubled.value));
  }
  CHECK(held >= 34);
}

TEST_CASE("errors that do not fall promise no gain, and a floor is never below 0") {
  const std::vector<judge::learning_point> flat{{100, 0.3}, {200, 0.3}, {400, 0.31}, {800, 0.3}};
  CHECK(judge::fit_learning_curve(flat).gain.value == doctest::Approx(0).epsilon(1e-3));
  const std::vector<judge::learning_point> steep{{100, 0.8}, {200, 0.4}, {400, 0.1}, {800, 0.01}};
  CHECK(judge::fit_power_law(steep).floor >= 0);
}

TEST_CASE("three trainings make a law without a statement of how sure it is; two make none") {
  const std::vector<judge::learning_point> three{{100, 0.4}, {200, 0.3}, {400, 0.25}};
  const auto fit = judge::fit_learning_curve(three);
  CHECK(std::isnan(fit.scatter));
  CHECK(std::isnan(fit.gain.low));
  CHECK(test::code_of([&] { (void)judge::fit_power_law(std::span(three).first(2)); }) == errc::invalid_argument);
}
