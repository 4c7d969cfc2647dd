#include <eucv/nn/any_model.hpp>

#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/dropout.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/pool2d.hpp>

#include <doctest/doctest.h>

using namespace eucv;

namespace {

auto example_layers() {
  using namespace nn;
  return sequence{conv2d{.out = 3, .bias = false}, batch_norm{},          relu{},
                  nn::dropout{.probability = 0.5}, global_average_pool{}, dense{.out = 2}};
}
auto example_model(thread_pool& pool) {
  eucv::random engine(3);
  return nn::model(example_layers(), nn::shape{1, 3, 6, 6}, engine, nn::host<float>(pool));
}
using plain = decltype(example_model(std::declval<thread_pool&>()));
using any = nn::any_model<nn::host<float>>;

// One training step's traces: logits, gradients, running statistics.
template <class Model>
std::vector<float> trace(Model& model) {
  auto& backend = model.backend();
  auto x = backend.make({4, 3, 6, 6});
  std::vector<float> pixels(x.size());
  eucv::random engine(9);
  for (float& pixel : pixels) pixel = static_cast<float>(engine.normal());
  backend.assign(x, pixels, nn::order::channels_last);
  auto y = model.forward(x, nn::mode::train);
  std::vector<float> traces = backend.values(y, nn::order::channels_first);
  model.backward(y);
  const auto add = [&](const auto& tensor) {
    const auto flat = backend.values(tensor, nn::order::channels_first);
    traces.insert(traces.end(), flat.begin(), flat.end());
  };
  for (const auto& each : model.parameters())
    if (each.gradient) add(each.gradient);
  for (const auto& each : model.buffers()) add(each.value);
  return traces;
}

} // namespace

static_assert(nn::network<plain>);
static_assert(nn::network<any>);

TEST_CASE("a model behind the interface does what it does alone") {
  thread_pool pool(1);
  auto alone = example_model(pool);
  any held = example_model(pool);
  CHECK(held.input_shape() == alone.input_shape());
  CHECK(held.output_shape() == nn::shape{1, 2, 1, 1});
  const auto before = held.random();
  const auto expected = trace(alone);
  CHECK(trace(held) == expected);
  CHECK_FALSE(held.random() == before); // dropout drew from it
  held.random(before);
  CHECK(held.random() == before);
  held.zero_gradients();
  for (const auto& each : held.parameters()) CHECK_FALSE(each.gradient);
  CHECK(held.freeze_first(1) == 1);
  CHECK(held.parameters().front().frozen);
  CHECK_FALSE(held.parameters().back().frozen);
}
