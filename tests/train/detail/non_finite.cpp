#include <eucv/train/detail/non_finite.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "support/toy_task.hpp"

using namespace eucv;

TEST_CASE("the place is where the forward or backward direction meets it first") {
  thread_pool pool(1);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto sound = *test::colour_source(4, 4).open(0, 0)();
  auto spoilt = sound;
  spoilt.pixels[17] = nan;
  auto net = test::colour_network(pool);
  CHECK(train::where_not_finite(net, spoilt) == "the pictures of the batch");
  CHECK(train::where_not_finite(net, sound) == "the output of head.bias");
  auto in_rows = sound;
  in_rows.rows = {spoilt.pixels.data()};
  in_rows.pixels.clear();
  CHECK(train::where_not_finite(net, in_rows) == "the pictures of the batch");
  const auto gradient = [&](std::size_t number, float value) {
    auto& each = net.parameters()[number];
    each.gradient = net.backend().make(each.value.shape);
    net.backend().fill(each.gradient, value);
  };
  gradient(0, nan);
  gradient(2, nan);
  gradient(4, 1);
  CHECK(train::where_not_finite(net, sound) == "the gradient of norm.bias");
  net.backend().fill(net.buffers()[1].value, -std::numeric_limits<float>::infinity());
  CHECK(train::where_not_finite(net, sound) == "norm.running_var");
  net.backend().fill(net.parameters()[1].value, nan);
  CHECK(train::where_not_finite(net, sound) == "norm.weight");
}
