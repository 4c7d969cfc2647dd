#include <eucv/nn/weights.hpp>

#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/pool2d.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "support/code_of.hpp"

using namespace eucv;

namespace {

auto example_net(thread_pool& pool, std::size_t classes, std::uint64_t seed) {
  using namespace nn;
  eucv::random engine(seed);
  return model(sequence{named("conv1", conv2d{.out = 3, .bias = false}), named("bn1", batch_norm{}), relu{},
                        global_average_pool{}, named("fc", dense{.out = classes})},
               shape{1, 3, 6, 6}, engine, host<float>(pool));
}

nn::tensor_file saved(auto& net, const std::string& prefix = "") {
  nn::tensor_file content{.source = "test"};
  nn::save_weights(net, content, prefix);
  return content;
}

} // namespace

TEST_CASE("weights and running statistics go into a file and back under PyTorch's names") {
  thread_pool pool(1);
  auto first = example_net(pool, 2, 1), second = example_net(pool, 2, 2);
  std::vector<std::string> names;
  for (const auto& array : saved(first).arrays) names.push_back(array.name);
  CHECK(names == std::vector<std::string>{"conv1.weight", "bn1.weight", "bn1.bias", "fc.weight", "fc.bias",
                                          "bn1.running_mean", "bn1.running_var"});
  CHECK(saved(first).arrays[0].extents == std::vector<std::size_t>{3, 3, 3, 3});
  CHECK(saved(first).arrays != saved(second).arrays);
  nn::load_weights(second, nn::parse_safetensors(nn::safetensors_bytes(saved(first, "model.")), "test"), "model.");
  CHECK(saved(first).arrays == saved(second).arrays);
}

TEST_CASE("a file that does not fit is refused") {
  thread_pool pool(1);
  auto net = example_net(pool, 2, 1), wider = example_net(pool, 4, 1);
  auto content = saved(net);
  CHECK(test::code_of([&] { nn::load_weights(wider, content); }) == errc::shape_mismatch);
  content.arrays.push_back({"bn1.num_batches_tracked", {}, {12}});
  nn::load_weights(net, content);
  content.arrays.push_back({"layer9.weight", {1}, {0}});
  CHECK(test::code_of([&] { nn::load_weights(net, content); }) == errc::missing_tensor);
  content = saved(net);
  content.arrays.erase(content.arrays.begin());
  CHECK(test::code_of([&] { nn::load_weights(net, content); }) == errc::missing_tensor);
}

TEST_CASE("the head of pretrained weights is taken only where it fits") {
  thread_pool pool(1);
  auto old = example_net(pool, 2, 1), same = example_net(pool, 2, 2), wider = example_net(pool, 4, 3);
  const auto fresh_head = saved(wider).arrays[3];
  CHECK(nn::load_pretrained(same, saved(old)));
  CHECK(saved(same).arrays == saved(old).arrays);
  CHECK_FALSE(nn::load_pretrained(wider, saved(old)));
  CHECK(saved(wider).arrays[0] == saved(old).arrays[0]);
  CHECK(saved(wider).arrays[5] == saved(old).arrays[5]);
  CHECK(saved(wider).arrays[3] == fresh_head);
  auto headless = saved(old);
  headless.arrays.erase(headless.arrays.begin() + 3, headless.arrays.begin() + 5);
  CHECK_FALSE(nn::load_pretrained(same, headless));
  headless.arrays.erase(headless.arrays.begin());
  CHECK(test::code_of([&] { nn::load_pretrained(same, headless); }) == errc::missing_tensor);
  auto foreign = saved(old);
  foreign.arrays.push_back({"layer1.0.conv1.weight", {1}, {0}});
  CHECK(test::code_of([&] { nn::load_pretrained(same, foreign); }) == errc::missing_tensor);
}

TEST_CASE("weights that are no numbers are not saved, and named") {
  thread_pool pool(1);
  auto net = example_net(pool, 2, 1);
  net.backend().fill(net.parameters()[1].value, std::numeric_limits<float>::quiet_NaN());
  const auto failure = test::failure_of([&] { (void)saved(net); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::non_finite);
  CHECK(failure->text().why.find("bn1.weight") != std::string::npos);
}
