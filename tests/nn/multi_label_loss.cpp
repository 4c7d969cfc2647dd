#include <eucv/nn/multi_label_loss.hpp>

#include <eucv/core/random.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/safetensors.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "support/code_of.hpp"
#include "support/loss_check.hpp"

using namespace eucv;
using nn::target;

TEST_CASE("losses for several labels, and their gradients, equal PyTorch's") {
  thread_pool pool(1);
  nn::host<float> backend(pool);
  const auto golden = nn::read_safetensors(EUCV_TEST_DATA "/multi_label.safetensors");
  std::size_t cases = 0;
  for (; golden.find(std::to_string(cases) + ".logits") != nullptr; ++cases) {
    CAPTURE(cases);
    const auto of = [&](const char* what) -> const nn::named_array& {
      return *golden.find(std::to_string(cases) + "." + what);
    };
    std::vector<target> targets;
    for (const float each : of("targets").values) targets.push_back(static_cast<target>(each));
    const auto& options = of("options").values;
    const nn::multi_label_loss loss{.positive_weights = {of("weights").values.begin(), of("weights").values.end()},
                                    .positive_focus = options[0],
                                    .negative_focus = options[1],
                                    .margin = options[2],
                                    .unknown_weight = options[3]};
    const auto mine = loss(backend, test::logits_of(backend, of("logits").extents[1], of("logits").values), targets);
    CHECK(mine.loss == doctest::Approx(of("loss").values[0]).epsilon(1e-6));
    const auto gradient = backend.values(mine.gradient, nn::order::channels_last);
    for (std::size_t i = 0; i < gradient.size(); ++i) CHECK(std::abs(gradient[i] - of("gradient").values[i]) < 1e-6F);
  }
  CHECK(cases == 7);
}

TEST_CASE("the gradients agree with central differences in double, whatever the options") {
  thread_pool pool(1);
  nn::host<double> backend(pool);
  eucv::random engine(6);
  double worst = 0;
  for (int round = 0; round < 60; ++round) {
    const std::size_t items = 1 + engine.below(5), classes = 1 + engine.below(6);
    std::vector<double> weights(classes);
    for (double& each : weights) each = engine.uniform(0.5, 2);
    nn::multi_label_loss loss = round % 3 == 0   ? nn::binary_cross_entropy(weights)
                                : round % 3 == 1 ? nn::focal_loss(weights, engine.uniform(0.5, 3))
                                                 : nn::asymmetric_loss();
    loss.unknown_weight = round % 2 == 0 ? engine.uniform() : 0;
    std::vector<double> logits(items * classes);
    std::vector<target> targets(logits.size());
    for (double& logit : logits) logit = 2 * engine.normal();
    for (auto& each : targets) each = static_cast<target>(engine.below(3));
    worst = std::max(worst, test::loss_gradient_error(backend, loss, classes, logits, targets));
  }
  CHECK(worst < 1e-8);
}

TEST_CASE("large logits neither overflow nor lose the loss of several labels; logits that are no numbers show") {
  thread_pool pool(1);
  nn::host<float> backend(pool);
  const auto at = [&](const nn::multi_label_loss& loss, float logit, target of) {
    return loss(backend, test::logits_of<float>(backend, 1, {logit}), std::vector{of}).loss;
  };
  const auto plain = nn::binary_cross_entropy();
  CHECK(at(plain, 1000, target::no) == doctest::Approx(1000));
  CHECK(at(plain, -1000, target::yes) == doctest::Approx(1000));
  CHECK(at(plain, 1e30F, target::yes) == 0);
  CHECK(at(plain, -1e30F, target::no) == 0);
  CHECK(at(nn::focal_loss(), -1000, target::yes) == doctest::Approx(1000));
  CHECK(at(nn::asymmetric_loss(), 1000, target::no) == doctest::Approx(std::pow(0.95, 4) * -std::log(0.05)));
  CHECK(at(nn::asymmetric_loss(), -3.5F, target::no) == 0); // a probability of 0.03, below the margin
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const auto& loss : {plain, nn::focal_loss(), nn::asymmetric_loss()})
    for (const target of : {target::no, target::yes})
      for (const float logit : {nan, infinity, -infinity}) CHECK(!std::isfinite(at(loss, logit, of)));
}

TEST_CASE("what is unknown costs nothing, or little, and says so in the weight") {
  thread_pool pool(1);
  nn::host<double> backend(pool);
  auto loss = nn::binary_cross_entropy();
  const auto logits = test::logits_of<double>(backend, 3, {1, 2, -1});
  const std::vector<target> targets{target::yes, target::unknown, target::unknown};
  const auto left_out = loss(backend, logits, targets);
  CHECK(left_out.weight == 1);
  CHECK(left_out.loss == doctest::Approx(std::log1p(std::exp(-1.0))));
  CHECK(backend.values(left_out.gradient, nn::order::channels_last)[1] == 0);
  loss.unknown_weight = 0.5;
  const auto weak = loss(backend, logits, targets);
  CHECK(weak.weight == 2);
  CHECK(weak.loss ==
        doctest::Approx(
            (std::log1p(std::exp(-1.0)) + 0.5 * std::log1p(std::exp(2.0)) + 0.5 * std::log1p(std::exp(-1.0))) / 2));
  loss.unknown_weight = 0;
  const auto nothing = loss(backend, logits, std::vector(3, target::unknown));
  CHECK(nothing.loss == 0);
  CHECK(nothing.weight == 0);
}

TEST_CASE("targets and options that do not fit are refused") {
  thread_pool pool(1);
  nn::host<float> backend(pool);
  const auto logits = test::logits_of<float>(backend, 2, {1, 2, 3, 4});
  const auto code = [&](const nn::multi_label_loss& loss, std::size_t count) {
    return test::code_of([&] { (void)loss(backend, logits, std::vector(count, target::no)); });
  };
  CHECK(code({}, 4) == errc{});
  CHECK(code({}, 2) == errc::shape_mismatch);
  CHECK(code({.positive_weights = {1, 2, 3}}, 4) == errc::shape_mismatch);
  CHECK(code({.positive_weights = {1, 0}}, 4) == errc::invalid_argument);
  CHECK(code({.positive_focus = -1}, 4) == errc::invalid_argument);
  CHECK(code({.margin = 1}, 4) == errc::invalid_argument);
  CHECK(code({.unknown_weight = 2}, 4) == errc::invalid_argument);
}
