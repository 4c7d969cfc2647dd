#include <eucv/nn/model.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/compare_backends.hpp>

#include <eucv/nn/activation.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/dropout.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/pool2d.hpp>
#include <eucv/nn/residual.hpp>

#include <string>
#include <type_traits>

using namespace eucv::nn;

namespace {

// Every kind of layer, deep enough to be frozen in parts.
auto layers() {
  return sequence{named("stem", sequence{conv2d{.out = 16, .bias = false}, batch_norm{}, relu{}, max_pool{}}),
                  named("block", residual{sequence{conv2d{.out = 24, .stride = 2}, batch_norm{}, relu{}},
                                          projection{.out = 24, .stride = 2}}),
                  relu{},
                  global_average_pool{},
                  dropout{.probability = 0.3},
                  named("head", dense{.out = 5})};
}
using net_layers = decltype(layers());
constexpr shape picture{1, 3, 20, 18};

template <class Backend>
struct trainer {
  explicit trainer(Backend backend, std::uint64_t seed = 1)
      : engine(seed), net(layers(), picture, engine, std::move(backend)) {}

  // One step on random pictures towards random logits, with plain gradient descent.
  void step(std::size_t images) {
    Backend& on = net.backend();
    const shape extents = picture.with_images(images);
    auto x = test::tensor_of(on, extents, test::normal_values(extents.size(), engine));
    net.zero_gradients();
    auto y = net.forward(std::move(x), mode::train);
    const auto wanted = test::tensor_of(on, y.shape, test::normal_values(y.size(), engine));
    on.map([](auto& each, const auto& goal) { each = each - goal; }, y, wanted);
    net.backward(std::move(y));
    for (auto& each : net.parameters())
      if (each.gradient)
        on.map(
            [](auto& value, const auto& gradient) {
              using same = std::remove_cvref_t<decltype(value)>;
              value = value - same(typename Backend::scalar(0.01)) * gradient;
            },
            each.value, std::as_const(each.gradient));
  }

  std::vector<double> weights() {
    std::vector<double> all;
    for (const auto& each : net.parameters())
      for (const double value : test::values_of(net.backend(), each.value)) all.push_back(value);
    for (const auto& each : net.buffers())
      for (const double value : test::values_of(net.backend(), each.value)) all.push_back(value);
    return all;
  }

  eucv::random engine;
  model<Backend, net_layers> net;
};

} // namespace

TEST_CASE_TEMPLATE("training has the same bits for 1, 2 and 8 threads", Scalar, float, double) {
  std::vector<double> first;
  for (const std::size_t threads : {1U, 2U, 8U}) {
    eucv::thread_pool pool(threads);
    trainer<host<Scalar>> run{host<Scalar>(pool)};
    for (const std::size_t images : {9U, 9U, 4U}) run.step(images);
    const auto weights = run.weights();
    if (threads == 1) first = weights;
    CHECK(weights == first);
  }
}

TEST_CASE("the host trains as the reference does") {
  eucv::thread_pool pool(2);
  trainer<host<double>> fast{host<double>(pool)};
  trainer<test::reference_backend<double>> plain{test::reference_backend<double>{}};
  for (const std::size_t images : {3U, 2U}) {
    fast.step(images);
    plain.step(images);
  }
  CHECK(test::distance(fast.weights(), plain.weights()) < 1e-11);
}

TEST_CASE("from the second step on no memory is asked of the system, and all of it comes back") {
  eucv::thread_pool pool(2);
  trainer<host<float>> run{host<float>(pool)};
  run.step(8);
  const auto after_first = run.net.backend().memory().count();
  for (int i = 0; i < 4; ++i) run.step(8);
  const auto after_all = run.net.backend().memory().count();
  CHECK(after_all.system_requests == after_first.system_requests);
  CHECK(after_all.step_peak == after_first.step_peak);
  run.net.zero_gradients();
  CHECK(run.net.backend().memory().count().step_bytes == 0);
}

TEST_CASE("a prediction keeps no activation and makes no gradient") {
  eucv::thread_pool pool(1);
  trainer<host<float>> run{host<float>(pool)};
  auto& on = run.net.backend();
  const auto y =
      run.net.forward(test::tensor_of(on, picture, test::normal_values(picture.size(), run.engine)), mode::eval);
  CHECK(y.shape == shape{.c = 5});
  for (const auto& each : run.net.parameters()) CHECK_FALSE(each.gradient);
  CHECK(on.memory().count().step_bytes <= 64 + 64); // the logits and what stands before them

  run.step(8);
  run.net.zero_gradients();
  const std::size_t training_peak = on.memory().count().step_peak;
  trainer<host<float>> other{host<float>(pool)};
  const shape images = picture.with_images(8);
  static_cast<void>(other.net.forward(
      test::tensor_of(other.net.backend(), images, test::normal_values(images.size(), run.engine)), mode::eval));
  CHECK(other.net.backend().memory().count().step_peak < training_peak);
}

TEST_CASE("what is frozen gets no gradient, costs none, and keeps its statistics") {
  eucv::thread_pool pool(1);
  trainer<host<float>> run{host<float>(pool)};
  CHECK(run.net.freeze("stem") == 3);
  const auto statistics = test::values_of(run.net.backend(), run.net.buffers()[0].value);
  run.step(6);
  for (const auto& each : run.net.parameters()) {
    CHECK(each.frozen == each.name.starts_with("stem."));
    CHECK(static_cast<bool>(each.gradient) == !each.frozen);
  }
  CHECK(test::values_of(run.net.backend(), run.net.buffers()[0].value) == statistics);
  CHECK(run.net.unfreeze("stem") == 3);
  run.step(6);
  CHECK(run.net.parameters()[0].gradient);

  trainer<host<float>> whole{host<float>(pool)};
  CHECK(whole.net.freeze_first(2) == whole.net.parameters().size() - 2);
  whole.step(6);
  CHECK_FALSE(whole.net.parameters()[0].gradient);
  CHECK(whole.net.parameters().back().gradient);
  CHECK(whole.net.freeze("head") == 2);
  whole.step(6);
  CHECK_FALSE(whole.net.parameters().back().gradient);
  CHECK(whole.net.backend().memory().count().step_bytes == 0);
  CHECK(test::code_of([&] { whole.net.freeze("sten"); }) == eucv::errc::not_found);
  CHECK(test::code_of([&] { whole.net.unfreeze("ste"); }) == eucv::errc::not_found);
}

TEST_CASE("gradients add up until they are emptied") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model net(dense{.out = 2}, {.c = 3}, engine, host<double>(pool));
  auto& on = net.backend();
  const auto pass_once = [&] {
    auto y = net.forward(test::tensor_of(on, {.c = 3}, {1, 2, 3}), mode::train);
    on.fill(y, 1);
    net.backward(std::move(y));
    return test::values_of(on, net.parameters()[0].gradient);
  };
  CHECK(pass_once() == std::vector<double>{1, 2, 3, 1, 2, 3});
  CHECK(pass_once() == std::vector<double>{2, 4, 6, 2, 4, 6});
  net.zero_gradients();
  CHECK_FALSE(net.parameters()[0].gradient);
  CHECK(pass_once() == std::vector<double>{1, 2, 3, 1, 2, 3});
}

TEST_CASE("the gradient of the input is there only when asked for") {
  eucv::thread_pool pool(1);
  trainer<host<double>> run{host<double>(pool)};
  auto& on = run.net.backend();
  const auto gradient = [&] {
    const auto x = test::tensor_of(on, picture.with_images(2), test::normal_values(2 * picture.size(), run.engine));
    return run.net.backward(run.net.forward(x, mode::train));
  };
  CHECK_FALSE(gradient());
  run.net.differentiate(gradients::of_parameters_and_input);
  CHECK(gradient().shape == picture.with_images(2));
  run.net.freeze_first(3); // all of it: the input still gets its gradient
  CHECK(gradient().shape == picture.with_images(2));
  run.net.differentiate(gradients::of_parameters);
  CHECK_FALSE(gradient());
}

TEST_CASE("the same seed gives the same network, another one another") {
  eucv::thread_pool pool(1);
  CHECK(trainer<host<float>>(host<float>(pool), 7).weights() == trainer<host<float>>(host<float>(pool), 7).weights());
  CHECK(trainer<host<float>>(host<float>(pool), 7).weights() != trainer<host<float>>(host<float>(pool), 8).weights());
}

TEST_CASE("what does not fit is refused with both shapes") {
  eucv::thread_pool pool(1);
  trainer<host<float>> run{host<float>(pool)};
  auto& on = run.net.backend();
  const auto wrong = test::failure_of([&] { static_cast<void>(run.net.forward(on.make({2, 3, 20, 20}), mode::eval)); });
  REQUIRE(wrong);
  CHECK(wrong->code() == eucv::errc::shape_mismatch);
  CHECK(std::string(wrong->what())
            .find("it takes {n 1, c 3, h 20, w 18} for one image, but gets {n 2, c 3, h 20, w 20}") !=
        std::string::npos);
  CHECK(test::code_of([&] { static_cast<void>(run.net.forward({}, mode::eval)); }) == eucv::errc::shape_mismatch);
  CHECK(test::code_of([&] { run.net.backward(on.make({.c = 5})); }) == eucv::errc::invalid_argument);

  const auto images = test::tensor_of(on, picture.with_images(2), test::normal_values(2 * picture.size(), run.engine));
  auto y = run.net.forward(images, mode::train);
  CHECK(test::code_of([&] { run.net.backward(on.make({.n = 3, .c = 5})); }) == eucv::errc::shape_mismatch);
  CHECK(test::code_of([&] { run.net.backward(std::move(y)); }) == eucv::errc::invalid_argument);
  CHECK(test::code_of([&] { model(relu{}, {1, 0, 2, 2}, run.engine, on); }) == eucv::errc::shape_mismatch);
}

TEST_CASE("a model may be moved, and lives on where it was moved to") {
  eucv::thread_pool pool(1);
  trainer<host<float>> run{host<float>(pool)};
  run.step(4);
  auto moved = std::move(run.net);
  auto& on = moved.backend();
  const auto x = test::tensor_of(on, picture, test::normal_values(picture.size(), run.engine));
  CHECK(moved.forward(x, mode::eval).shape == moved.output_shape());
}
