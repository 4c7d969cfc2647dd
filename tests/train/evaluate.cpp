#include <eucv/train/evaluate.hpp>

#include <eucv/judge/figures.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "support/reference_backend.hpp"
#include "support/toy_task.hpp"

using namespace eucv;

TEST_CASE("each picture counts once, those of the partial last batch as well") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const auto whole = train::evaluate(net, test::colour_source(23, 23), test::colours());
  const auto parts = train::evaluate(net, test::colour_source(23, 5), test::colours());
  std::vector<std::size_t> all(23);
  std::iota(all.begin(), all.end(), 0U);
  CHECK(parts.items == all);
  CHECK(parts.predictions.size() == 23);
  CHECK(parts.predictions.task == &judge::single_label);
  CHECK(parts.predictions.labels == test::colours());
  CHECK(parts.predictions.truth == whole.predictions.truth);
  CHECK(parts.predictions.decisions() == whole.predictions.decisions());
  CHECK(judge::metrics_of(parts.predictions).confusion_matrix == judge::metrics_of(whole.predictions).confusion_matrix);
  CHECK(parts.loss == doctest::Approx(whole.loss));
}

TEST_CASE("evaluation changes nothing of the network, to the bit") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const auto all = [&] {
    std::vector<float> values;
    const auto add = [&](const auto& each) {
      const auto flat = net.backend().values(each.value, nn::order::channels_first);
      values.insert(values.end(), flat.begin(), flat.end());
    };
    for (const auto& each : net.parameters()) add(each);
    for (const auto& each : net.buffers()) add(each);
    return values;
  };
  const auto before = all();
  const auto engine = net.random();
  (void)train::evaluate(net, test::colour_source(10, 4), test::colours());
  CHECK(all() == before);
  CHECK(net.random() == engine);
  for (const auto& each : net.parameters()) CHECK_FALSE(each.gradient);
}

TEST_CASE("no pictures make no figures, and batches without one are passed over") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  const auto none = train::evaluate(net, {.batches = 0, .open = [](auto, auto) { return [] { return std::nullopt; }; }},
                                    test::colours());
  CHECK(none.predictions.size() == 0);
  CHECK(std::isnan(none.loss));
  auto gaps = test::colour_source(6, 2);
  gaps.open = [open = gaps.open](std::size_t epoch, std::size_t first) -> train::reader {
    return [inner = open(epoch, first), turn = 0]() mutable {
      return ++turn % 2 == 0 ? std::optional(dataset::batch{}) : inner();
    };
  };
  CHECK(train::evaluate(net, gaps, test::colours()).predictions.size() == 6);
}

TEST_CASE("the first of equal logits is the prediction") {
  const nn::logit_rows<float> logits{{1, 2, 2, -3, -1, -2}, 3};
  const train::bound_objective<float> wanted(train::single_label{});
  judge::predictions set{.labels = test::colours()};
  wanted.add_predictions(logits, std::vector<std::size_t>{1, 2}, set);
  CHECK(set.predicted(0) == 1);
  CHECK(set.predicted(1) == 1);
  CHECK(set.label_of(1) == 2);
  CHECK(set.row(0)[1] == doctest::Approx(1 / (2 + std::exp(-1))));
}

TEST_CASE("images that lie in rows elsewhere are those that lie in the batch, on any backend and scalar") {
  const auto batch = *test::colour_source(5, 5).open(0, 0)();
  auto in_rows = batch;
  in_rows.pixels.clear();
  for (std::size_t item = 0; item < batch.n; ++item) in_rows.rows.push_back(batch.pixels.data() + item * 6 * 6 * 3);
  thread_pool pool(2);
  const auto check = [&]<class Backend>(Backend backend) {
    eucv::random engine(1);
    nn::model net(nn::global_average_pool{}, nn::shape{1, 3, 6, 6}, engine, backend);
    const auto values = [&](const dataset::batch& pictures) {
      return net.backend().values(train::images_of(net, pictures), nn::order::channels_last);
    };
    CHECK(values(in_rows) == values(batch));
  };
  check(nn::host<float>(pool));
  check(nn::host<double>(pool));
  check(test::reference_backend<float>{});
}
