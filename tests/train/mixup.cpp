#include <eucv/train/mixup.hpp>

#include <eucv/nn/host.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/code_of.hpp"
#include "support/toy_task.hpp"

using namespace eucv;

TEST_CASE("shares are drawn from Beta(alpha, alpha)") {
  for (const double alpha : {0.05, 0.2, 0.4, 1.0}) {
    eucv::random engine(5);
    double sum = 0, squares = 0;
    const int n = 40'000;
    for (int i = 0; i < n; ++i) {
      const double share = train::detail::symmetric_beta(alpha, engine);
      CHECK_UNARY(share >= 0 && share <= 1);
      sum += share;
      squares += (share - 0.5) * (share - 0.5);
    }
    CHECK(sum / n == doctest::Approx(0.5).epsilon(0.02));
    CHECK(squares / n == doctest::Approx(1 / (4 * (2 * alpha + 1))).epsilon(0.03));
  }
  eucv::random engine(5);
  CHECK_FALSE(std::isnan(train::detail::symmetric_beta(1e-3, engine)));
}

TEST_CASE("each picture of a batch is mixed with one other, all by one share, mostly itself") {
  const auto batch = *test::colour_source(16, 8).open(0, 0)();
  eucv::random engine(3);
  for (int round = 0; round < 20; ++round) {
    auto mixed = batch;
    const auto how = train::mix(mixed, 0.6, engine);
    CHECK(how.share >= 0.5);
    CHECK(how.share <= 1);
    CHECK(mixed.labels == batch.labels);
    auto labels = batch.labels, partners = how.partner_labels;
    std::ranges::sort(labels);
    std::ranges::sort(partners);
    CHECK(partners == labels); // each picture is the partner of one
    const std::size_t size = batch.pixels.size() / batch.n;
    for (std::size_t item = 0; item < batch.n; ++item) {
      std::size_t fits = 0;
      for (std::size_t other = 0; other < batch.n; ++other) {
        double error = 0;
        for (std::size_t i = 0; i < size; ++i) {
          const double expected = how.share * static_cast<double>(batch.pixels[item * size + i]) +
                                  (1 - how.share) * static_cast<double>(batch.pixels[other * size + i]);
          error = std::max(error, std::abs(expected - static_cast<double>(mixed.pixels[item * size + i])));
        }
        fits += error < 1e-5 && batch.labels[other] == how.partner_labels[item] ? 1 : 0;
      }
      CHECK(fits >= 1);
    }
  }
}

TEST_CASE("without alpha, or for one picture, nothing is mixed and nothing drawn") {
  auto batch = *test::colour_source(16, 8).open(0, 0)();
  const auto before = batch.pixels;
  eucv::random engine(3);
  CHECK(train::mix(batch, 0, engine).partner_labels.empty());
  CHECK(batch.pixels == before);
  auto one = *test::colour_source(1, 1).open(0, 0)();
  CHECK(train::mix(one, 0.3, engine).share == 1);
  CHECK(engine == eucv::random(3));
  for (const double alpha : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()})
    CHECK(test::code_of([&] { (void)train::mix(batch, alpha, engine); }) == errc::invalid_argument);
}

TEST_CASE("the loss of a mixed batch is that of mixed targets") {
  eucv::random engine(8);
  std::vector<double> flat(12);
  for (double& each : flat) each = engine.normal();
  dataset::batch pictures;
  pictures.n = 4;
  pictures.labels = {0, 2, 1, 2};
  const train::mixture how{.share = 0.7, .partner_labels = {2, 1, 2, 0}};
  const nn::softmax_cross_entropy loss{.class_weights = {1, 2, 0.5}, .label_smoothing = 0.1};
  const auto made = train::mixed_loss(loss, nn::logit_rows<double>{flat, 3}, pictures, how);
  // - sum over classes of target x weight x log p, by hand
  double expected = 0, weight = 0;
  std::vector<double> gradient(12);
  for (std::size_t item = 0; item < 4; ++item) {
    const auto p = nn::softmax(std::span<const double>(flat).subspan(item * 3, 3));
    std::vector<double> target(3);
    for (const auto& [label, share] : {std::pair(pictures.labels[item], 0.7), std::pair(how.partner_labels[item], 0.3)})
      for (std::size_t c = 0; c < 3; ++c)
        target[c] += share * (0.1 / 3 * loss.class_weights[c] + (c == label ? 0.9 * loss.class_weights[c] : 0));
    const double all = target[0] + target[1] + target[2];
    for (std::size_t c = 0; c < 3; ++c) {
      expected -= target[c] * std::log(p[c]);
      gradient[item * 3 + c] = all * p[c] - target[c];
    }
    weight += loss.class_weights[pictures.labels[item]];
  }
  CHECK(made.loss == doctest::Approx(expected / weight).epsilon(1e-12));
  for (std::size_t i = 0; i < 12; ++i) CHECK(made.gradient[i] == doctest::Approx(gradient[i] / weight).epsilon(1e-12));
}

TEST_CASE("what lies in rows elsewhere is mixed in a copy") {
  auto batch = *test::colour_source(8, 8).open(0, 0)();
  const std::vector<float> table = batch.pixels;
  auto in_rows = batch;
  in_rows.pixels.clear();
  for (std::size_t item = 0; item < batch.n; ++item) in_rows.rows.push_back(table.data() + item * 6 * 6 * 3);
  eucv::random one(4), two(4);
  const auto how = train::mix(batch, 0.6, one), same = train::mix(in_rows, 0.6, two);
  CHECK(how.share == same.share);
  CHECK(batch.pixels != table);
  CHECK(in_rows.pixels == batch.pixels);
  CHECK(in_rows.rows.empty());
}
