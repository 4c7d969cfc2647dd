#include <eucv/nn/host/epilogue.hpp>

#include <doctest/doctest.h>

#include <support/compare_backends.hpp>

#include <forwarding_backend.hpp>

#include <eucv/nn/activation.hpp>
#include <eucv/nn/concatenate.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/residual.hpp>

#include <string>
#include <vector>

using namespace eucv::nn;

namespace {

// The host without convolutions that take an epilogue: each layer is a pass of its own.
template <class Scalar>
struct separate_passes : example::forwarding_backend<separate_passes<Scalar>, Scalar> {
  using example::forwarding_backend<separate_passes, Scalar>::forwarding_backend;
};
static_assert(has_epilogues<host<float>> && !has_epilogues<separate_passes<float>>);
static_assert(!has_epilogues<test::reference_backend<float>>);

// What a network gives for random pictures, with statistics and parameters such as training leaves them.
template <class Backend, class Layer>
std::vector<double> predict(const Layer& layers, const shape& input, Backend backend) {
  eucv::random engine(5);
  model net(layers, input.with_images(1), engine, backend);
  const auto spread = [&](auto& each) {
    if (each.dims.size() != 1) return;
    std::vector<typename Backend::scalar> values(each.value.size());
    for (auto& value : values) value = static_cast<float>(engine.uniform(0.5, 1.5));
    net.backend().assign(each.value, values, order::channels_first);
  };
  for (auto& each : net.parameters()) spread(each);
  for (auto& each : net.buffers()) spread(each);
  const auto images = test::tensor_of(net.backend(), input, test::normal_values(input.size(), engine));
  return test::values_of(net.backend(), net.forward(images, mode::eval));
}

} // namespace

TEST_CASE("layers that work as one give the bits of layers one after another, whatever kernel runs") {
  eucv::thread_pool pool(2);
  const auto check = [&](const auto& tried, const shape& input, const std::string& what) {
    CAPTURE(what);
    const auto expected = predict(tried, input, test::reference_backend<double>{});
    const auto joined = predict(tried, input, host<float>(pool));
    CHECK(joined == predict(tried, input, separate_passes<float>(pool)));
    CHECK(test::distance(joined, expected) < 1e-5);
    CHECK(test::distance(predict(tried, input, host<double>(pool)), expected) < 1e-12);
  };
  const auto layers = [](std::size_t out, std::size_t stride, bool bias) {
    return sequence{conv2d{.out = out, .stride = stride, .bias = bias}, batch_norm{}, relu{}};
  };
  check(layers(32, 1, false), {2, 32, 16, 16}, "Winograd, tiles first");
  check(layers(96, 1, false), {1, 32, 16, 16}, "Winograd, channels first");
  check(layers(40, 2, false), {3, 24, 9, 7}, "taps");
  check(layers(37, 1, false), {2, 3, 11, 13}, "rows of a padded map, odd channels");
  check(layers(50, 2, false), {1, 64, 8, 8}, "weights where they lie");
  check(layers(33, 1, true), {2, 5, 8, 8}, "a bias before the normalisation");
  check(sequence{conv2d{.out = 33}, relu{}}, {2, 16, 8, 8}, "a bias and a rectifier");
  check(sequence{conv2d{.out = 16}, relu{}, batch_norm{}, relu{}}, {2, 16, 8, 8}, "normalisation after a rectifier");
  check(sequence{batch_norm{}, conv2d{.out = 16, .bias = false}, batch_norm{}, batch_norm{}}, {2, 8, 8, 8},
        "two normalisations");
  check(sequence{relu{}, concatenate{conv2d{.out = 16}, sequence{conv2d{.out = 9}, relu{}}}, relu{}}, {2, 16, 8, 8},
        "branches");
}

TEST_CASE("a residual block adds its shortcut while the results of its body are at hand, to the same bits") {
  eucv::thread_pool pool(2);
  const auto check = [&](const auto& layers, const shape& input, const std::string& what) {
    CAPTURE(what);
    const auto joined = predict(layers, input, host<float>(pool));
    CHECK(joined == predict(layers, input, separate_passes<float>(pool)));
    CHECK(test::distance(joined, predict(layers, input, test::reference_backend<double>{})) < 1e-5);
  };
  const auto body = [](std::size_t out, std::size_t stride) {
    return sequence{conv2d{.out = out, .stride = stride, .bias = false}, batch_norm{}, relu{},
                    conv2d{.out = out, .bias = false}, batch_norm{}};
  };
  check(sequence{residual{body(16, 1)}, relu{}}, {2, 16, 12, 12}, "the shape stays");
  check(sequence{residual{body(32, 2), projection{.out = 32, .stride = 2}}, relu{}}, {2, 16, 12, 12}, "it changes");
  check(sequence{residual{sequence{body(16, 1), relu{}}}, relu{}}, {2, 16, 12, 12}, "a body that ends in a rectifier");
  check(sequence{residual{relu{}}, relu{}}, {2, 16, 5, 5}, "no convolution");
  check(sequence{residual{body(16, 1)}, batch_norm{}, relu{}}, {2, 16, 5, 5}, "a normalisation after the sum");
  check(residual{residual{conv2d{.out = 16}}}, {2, 16, 5, 5}, "one in another");
}
