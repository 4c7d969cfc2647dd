#include <eucv/train/features.hpp>

#include <doctest/doctest.h>

#include <set>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"
#include "support/toy_task.hpp"

using namespace eucv;

namespace {

train::fit_options quick_head() {
  return {.epochs = 5, .schedule = nn::one_cycle{.peak = 0.02}, .clock = [] { return 0.0; }};
}

// The same pictures in each epoch, in order.
train::source listed(std::size_t count, std::size_t batch) {
  auto varied = test::colour_source(count, batch);
  return {varied.batches, [varied](std::size_t, std::size_t first) { return varied.open(0, first); }};
}

// The pictures as features of themselves: shuffled as fit_on_features() shuffles.
train::feature_table pictures(std::size_t count) {
  train::feature_table table{.extents = {1, 3, 6, 6}};
  const auto all = *listed(count, count).open(0, 0)();
  table.values = all.pixels;
  table.labels = all.labels;
  table.items = all.items;
  return table;
}

auto frozen_network(thread_pool& pool) {
  auto net = test::colour_network(pool);
  net.freeze_first(2);
  return net;
}

std::string bits_of(auto& net) {
  nn::tensor_file content{.source = "test"};
  nn::save_weights(net, content);
  return nn::safetensors_bytes(content);
}

} // namespace

TEST_CASE("on features the head comes to the bits that it comes to on pictures") {
  thread_pool pool(2);
  auto slow = frozen_network(pool), fast = frozen_network(pool);
  const auto table = pictures(29);
  const auto expected = train::fit(
      slow, {table.batches(8, dataset::epoch_order::shuffled, 5), listed(10, 8), test::colours()}, quick_head());
  const auto found = train::fit_on_features(fast, {listed(29, 8), listed(10, 8), test::colours()}, quick_head(),
                                            {.batch = 8, .seed = 5});
  REQUIRE(found);
  CHECK(train::history_csv(found->history) == train::history_csv(expected.history));
  CHECK(bits_of(fast) == bits_of(slow));
  CHECK(found->history.back().train_loss < found->history.front().train_loss);
}

TEST_CASE("nothing is trained where nothing is constant, or the features take too much memory") {
  thread_pool pool(1);
  const train::fit_data data{listed(29, 8), listed(10, 8), test::colours()};
  auto free_net = test::colour_network(pool);
  CHECK_FALSE(train::fit_on_features(free_net, data, quick_head()));
  auto net = frozen_network(pool);
  const auto before = bits_of(net);
  CHECK_FALSE(train::fit_on_features(net, data, quick_head(), {.batch = 8, .most_bytes = 29 * 5 * 4 - 1}));
  CHECK_FALSE(train::fit_on_features(net, data, quick_head(), {.batch = 8, .most_bytes = 39 * 5 * 4 - 1}));
  CHECK(bits_of(net) == before);
  CHECK(train::fit_on_features(net, data, quick_head(), {.batch = 8, .most_bytes = 39 * 5 * 4}));
}

TEST_CASE("a checkpoint holds what learns and no more, and a broken run goes on to the same bits") {
  thread_pool pool(1);
  const train::fit_data data{listed(29, 8), listed(10, 8), test::colours()};
  auto whole = frozen_network(pool);
  const auto expected = train::fit_on_features(whole, data, quick_head(), {.batch = 8});
  const test::temporary_folder folder;
  auto options = quick_head();
  options.checkpoints = folder / "checkpoint";
  std::stop_source stop;
  options.stop = stop.get_token();
  options.progress = [&](const progress& now) {
    if (now.task == "train" && now.done == 7) stop.request_stop();
  };
  auto broken = frozen_network(pool);
  CHECK(test::code_of([&] { (void)train::fit_on_features(broken, data, options, {.batch = 8}); }) == errc::interrupted);
  std::set<std::string> names;
  for (const auto& array : train::checkpoint_folder(options.checkpoints).load().state.arrays)
    if (array.name.starts_with("model.")) names.insert(array.name);
  CHECK(names == std::set<std::string>{"model.head.weight", "model.head.bias"});
  options.stop = {};
  options.progress = {};
  auto again = frozen_network(pool);
  const auto resumed = train::fit_on_features(again, data, options, {.batch = 8});
  REQUIRE(resumed);
  CHECK(resumed->resumed_at == 7);
  CHECK(bits_of(again) == bits_of(whole));
  CHECK(train::history_csv(resumed->history) == train::history_csv(expected->history));
}
