#include <eucv/train/average.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/code_of.hpp"
#include "support/toy_task.hpp"

using namespace eucv;

namespace {

template <class Network>
std::vector<std::vector<float>> all_values(Network& net) {
  std::vector<std::vector<float>> all;
  for (auto& each : net.parameters()) all.push_back(net.backend().values(each.value, nn::order::channels_first));
  for (auto& each : net.buffers()) all.push_back(net.backend().values(each.value, nn::order::channels_first));
  return all;
}

// Gives all parameters and buffers new values, as a training would.
template <class Network>
void change(Network& net, float by) {
  const auto move = [&](auto& tensor) {
    net.backend().map([by](auto& x) { x = decltype(x + x)(0.5F) * x + decltype(x + x)(by); }, tensor);
  };
  for (auto& each : net.parameters()) move(each.value);
  for (auto& each : net.buffers()) move(each.value);
}

} // namespace

TEST_CASE("the average is the mean of all weights and statistics so far, each counted d to the power of its age") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  using network = decltype(net);
  for (const double decay : {0.5, 0.9, 0.999}) {
    train::weight_average<network> average(decay);
    CHECK_FALSE(average);
    std::vector<std::vector<std::vector<float>>> seen;
    for (int step = 0; step < 6; ++step) {
      change(net, 0.1F * static_cast<float>(step));
      average.update(net);
      seen.push_back(all_values(net));
    }
    const auto before = all_values(net);
    {
      const auto lent = average.lend(net);
      const auto shown = all_values(net);
      for (std::size_t t = 0; t < shown.size(); ++t)
        for (std::size_t i = 0; i < shown[t].size(); ++i) {
          double sum = 0, weights = 0;
          for (std::size_t step = 0; step < seen.size(); ++step) {
            const double weight = std::pow(decay, static_cast<double>(seen.size() - 1 - step));
            sum += weight * static_cast<double>(seen[step][t][i]);
            weights += weight;
          }
          CHECK(static_cast<double>(shown[t][i]) == doctest::Approx(sum / weights).epsilon(1e-5));
        }
    }
    CHECK(all_values(net) == before);
  }
}

TEST_CASE("what is frozen, and what never changes, stays exactly as it is") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  train::weight_average<decltype(net)> average(0.7);
  const auto before = all_values(net);
  for (int step = 0; step < 20; ++step) average.update(net);
  {
    const auto lent = average.lend(net);
    CHECK(all_values(net) == before);
  }
  net.freeze("conv");
  train::weight_average<decltype(net)> other(0.7);
  other.update(net);
  nn::tensor_file content{.source = "test"};
  other.save(net, content);
  CHECK(content.find("average.conv.weight") == nullptr);
  CHECK(content.find("average.head.weight") != nullptr);
  CHECK(content.find("average.norm.running_var") != nullptr);
}

TEST_CASE("a saved average goes on to the same bits") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  train::weight_average<decltype(net)> whole(0.9), part(0.9);
  for (int step = 0; step < 3; ++step) {
    change(net, 0.2F);
    whole.update(net);
  }
  nn::tensor_file content{.source = "test"};
  whole.save(net, content);
  part.load(net, content);
  CHECK(part);
  for (int step = 0; step < 3; ++step) {
    change(net, 0.3F);
    whole.update(net);
    part.update(net);
  }
  std::vector<std::vector<float>> expected;
  {
    const auto lent = whole.lend(net);
    expected = all_values(net);
  }
  const auto lent = part.lend(net);
  CHECK(all_values(net) == expected);
}

TEST_CASE("a decay of 0 keeps no average, and one out of range is refused") {
  thread_pool pool(1);
  auto net = test::colour_network(pool);
  using average = train::weight_average<decltype(net)>;
  average none(0);
  none.update(net);
  CHECK_FALSE(none);
  const auto before = all_values(net);
  const auto lent = none.lend(net);
  CHECK(all_values(net) == before);
  for (const double decay : {-0.1, 1.0, std::nan("")})
    CHECK(test::code_of([&] { average refused(decay); }) == errc::invalid_argument);
}
