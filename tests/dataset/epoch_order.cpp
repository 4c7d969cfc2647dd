#include <eucv/dataset/epoch_order.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <vector>

using namespace eucv;

TEST_CASE("in a balanced epoch classes come equally often, and so do the items of each") {
  std::vector<std::size_t> labels(90, 0); // of classes 0, 1 and 3; none of 2
  labels.resize(97, 1);
  labels.resize(101, 3);
  eucv::random engine(4);
  std::vector<std::vector<std::size_t>> epochs;
  for (int epoch = 0; epoch < 3; ++epoch) {
    const auto order = dataset::balanced_order(labels, engine);
    REQUIRE(order.size() == 101);
    std::map<std::size_t, std::size_t> classes, items;
    for (const std::size_t item : order) {
      REQUIRE(item < labels.size());
      ++classes[labels[item]];
      ++items[item];
    }
    REQUIRE(classes.size() == 3);
    for (const auto& [label, count] : classes) CHECK_UNARY(count == 33 || count == 34);
    for (const auto& [item, count] : items) { // 33 of 90, seven 4 or 5 times each, four 8 or 9 times each
      const std::size_t least = labels[item] == 0 ? 1 : labels[item] == 1 ? 4 : 8;
      CHECK_UNARY(count >= least && count <= least + (labels[item] == 0 ? 0 : 1));
    }
    epochs.push_back(order);
  }
  CHECK(epochs[0] != epochs[1]);
  eucv::random again(4);
  CHECK(dataset::balanced_order(labels, again) == epochs[0]);
  CHECK(dataset::balanced_order({}, again).empty());
}

TEST_CASE("a listed epoch is the list, a shuffled one has each item once") {
  const std::vector<std::size_t> labels{0, 0, 1, 1, 1};
  eucv::random engine(4);
  CHECK(dataset::places_of_epoch(dataset::epoch_order::listed, labels, engine) ==
        std::vector<std::size_t>{0, 1, 2, 3, 4});
  CHECK(engine == eucv::random(4));
  auto order = dataset::places_of_epoch(dataset::epoch_order::shuffled, labels, engine);
  std::ranges::sort(order);
  CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4});
  CHECK_FALSE(engine == eucv::random(4));
}
