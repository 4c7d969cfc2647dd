#include <eucv/nn/loss.hpp>

#include <eucv/core/random.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/safetensors.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "support/code_of.hpp"
#include "support/loss_check.hpp"

using namespace eucv;

TEST_CASE("loss and gradient equal PyTorch's") {
  thread_pool pool(1);
  nn::host<float> backend(pool);
  const auto golden = nn::read_safetensors(EUCV_TEST_DATA "/steps.safetensors");
  std::size_t cases = 0;
  for (; golden.find("loss." + std::to_string(cases) + ".logits") != nullptr; ++cases) {
    CAPTURE(cases);
    const auto of = [&](const char* what) -> const nn::named_array& {
      return *golden.find("loss." + std::to_string(cases) + "." + what);
    };
    const auto& logits = of("logits");
    const std::vector<std::size_t> labels(of("labels").values.begin(), of("labels").values.end());
    const nn::softmax_cross_entropy loss{{of("weights").values.begin(), of("weights").values.end()},
                                         static_cast<double>(of("smoothing").values[0])};
    const auto mine = loss(backend, test::logits_of(backend, logits.extents[1], logits.values), labels);
    CHECK(mine.loss == doctest::Approx(of("loss").values[0]).epsilon(1e-6));
    const auto gradient = backend.values(mine.gradient, nn::order::channels_last);
    for (std::size_t i = 0; i < gradient.size(); ++i) CHECK(std::abs(gradient[i] - of("gradient").values[i]) < 1e-6F);
  }
  CHECK(cases == 5);
}

TEST_CASE("the gradient agrees with central differences in double") {
  thread_pool pool(1);
  nn::host<double> backend(pool);
  eucv::random engine(5);
  double worst = 0;
  for (int round = 0; round < 50; ++round) {
    const std::size_t items = 1 + engine.below(6), classes = 2 + engine.below(6);
    nn::softmax_cross_entropy loss{.label_smoothing = engine.uniform(0, 0.5)};
    if (round % 2 == 0)
      for (std::size_t c = 0; c < classes; ++c) loss.class_weights.push_back(engine.uniform(0.5, 2));
    std::vector<double> logits(items * classes);
    for (double& logit : logits) logit = 2 * engine.normal();
    std::vector<std::size_t> labels(items);
    for (auto& label : labels) label = engine.below(classes);
    worst = std::max(worst, test::loss_gradient_error(backend, loss, classes, logits, labels));
  }
  CHECK(worst < 1e-8);
}

TEST_CASE("means add up over batches by their weights") {
  thread_pool pool(1);
  nn::host<double> backend(pool);
  const nn::softmax_cross_entropy loss{{1, 3}, 0.1};
  const std::vector<double> logits{1, 0, -1, 2, 0.5, 0.25};
  const std::vector<std::size_t> labels{0, 1, 1};
  const auto whole = loss(backend, test::logits_of(backend, 2, logits), labels);
  const auto head = loss(backend, test::logits_of<double>(backend, 2, {1, 0, -1, 2}), std::vector<std::size_t>{0, 1});
  const auto tail = loss(backend, test::logits_of<double>(backend, 2, {0.5, 0.25}), std::vector<std::size_t>{1});
  CHECK(whole.loss ==
        doctest::Approx((head.loss * head.weight + tail.loss * tail.weight) / (head.weight + tail.weight)));
}

TEST_CASE("large logits neither overflow nor lose the loss; logits that are no numbers show") {
  thread_pool pool(1);
  nn::host<float> backend(pool);
  const nn::softmax_cross_entropy loss;
  const std::vector<std::size_t> label{1};
  CHECK(loss(backend, test::logits_of<float>(backend, 2, {1000, 0}), label).loss == doctest::Approx(1000));
  CHECK(loss(backend, test::logits_of<float>(backend, 2, {-1e30F, 1e30F}), label).loss == 0);
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  CHECK(std::isnan(loss(backend, test::logits_of<float>(backend, 2, {nan, 0}), label).loss));
  CHECK(std::isnan(loss(backend, test::logits_of<float>(backend, 2, {0, nan}), label).loss));
  CHECK(!std::isfinite(loss(backend, test::logits_of<float>(backend, 2, {infinity, 0}), label).loss));
}

TEST_CASE("softmax sums to one") {
  const std::vector<float> logits{1, 2, 3};
  const auto parts = nn::softmax<float>(logits);
  CHECK(parts[0] + parts[1] + parts[2] == doctest::Approx(1));
  CHECK(parts[2] / parts[1] == doctest::Approx(std::exp(1.0)));
}

TEST_CASE("what does not fit is refused") {
  thread_pool pool(1);
  nn::host<float> backend(pool);
  const auto logits = test::logits_of<float>(backend, 2, {1, 2, 3, 4});
  const auto code = [&](const nn::softmax_cross_entropy& loss, const std::vector<std::size_t>& labels) {
    return test::code_of([&] { (void)loss(backend, logits, labels); });
  };
  CHECK(code({}, {0, 1}) == errc{});
  CHECK(code({}, {0}) == errc::shape_mismatch);
  CHECK(code({}, {0, 2}) == errc::unknown_label);
  CHECK(code({{1, 1, 1}, 0}, {0, 1}) == errc::shape_mismatch);
  CHECK(code({{1, 0}, 0}, {0, 1}) == errc::invalid_argument);
  CHECK(code({{}, 1}, {0, 1}) == errc::invalid_argument);
}
