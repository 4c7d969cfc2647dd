#include <eucv/explain/grad_cam.hpp>

#include <doctest/doctest.h>

#include <support/code_of.hpp>
#include <support/compare_backends.hpp>

#include <eucv/nn/activation.hpp>
#include <eucv/nn/concatenate.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/dropout.hpp>
#include <eucv/nn/flatten.hpp>
#include <eucv/nn/loss.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/nn/pool2d.hpp>
#include <eucv/nn/residual.hpp>
#include <eucv/zoo/resnet.hpp>
#include <eucv/zoo/small.hpp>
#include <eucv/zoo/squeezenet.hpp>

#include <cmath>
#include <memory>

using namespace eucv::nn;
namespace explain = eucv::explain;

namespace {

// Adds an amount to one element of what passes by, so that the logits can be differentiated by it.
struct nudge {
  struct amount {
    std::size_t element = 0;
    double by = 0;
  };
  std::shared_ptr<amount> set = std::make_shared<amount>();

  template <class Backend>
  struct state {};
  template <class Backend>
  state<Backend> build(builder<Backend>&, shape&) const {
    return {};
  }
  template <class Backend>
  tensor<Backend> forward(state<Backend>&, tensor<Backend> x, pass<Backend>& now) const {
    auto values = now.backend.values(x, order::channels_first);
    values[set->element] += static_cast<typename Backend::scalar>(set->by);
    auto y = now.backend.make(x.shape);
    now.backend.assign(y, values, order::channels_first);
    return y;
  }
  template <class Backend>
  tensor<Backend> backward(state<Backend>&, tensor<Backend> dy, pass<Backend>&) const {
    return dy;
  }
};

template <class Network>
auto ones_at(Network& net, std::size_t images, std::size_t label) {
  const shape logits = shape(net.output_shape()).with_images(images);
  std::vector<double> values(logits.size());
  for (std::size_t i = 0; i < images; ++i) values[i * logits.c + label] = 1;
  return test::tensor_of(net.backend(), logits, values);
}

// All that a network holds, as bits.
template <class Network>
std::vector<double> all_of(Network& net) {
  std::vector<double> all;
  const auto add = [&](const auto& x) {
    if (!x) return all.push_back(-1);
    const auto values = test::values_of(net.backend(), x);
    all.insert(all.end(), values.begin(), values.end());
  };
  for (const auto& each : net.parameters()) {
    add(each.value);
    add(each.gradient);
    all.push_back(each.frozen ? 1 : 0);
  }
  for (const auto& each : net.buffers()) add(each.value);
  auto random = net.random();
  for (int i = 0; i < 4; ++i) all.push_back(random.uniform());
  return all;
}

// Batch normalisations in the middle of their work, so that mode::eval is another thing than mode::train.
template <class Network>
void disturb_statistics(Network& net, eucv::random& engine) {
  for (auto& each : net.buffers()) {
    auto values = test::normal_values(each.value.size(), engine);
    for (auto& value : values) value = 0.5 + value * value;
    net.backend().assign(each.value, std::vector<typename Network::backend_type::scalar>(values.begin(), values.end()),
                         order::channels_first);
  }
}

} // namespace

TEST_CASE("before a mean and a dense layer the map is the class activation map of Zhou et al.") {
  eucv::thread_pool pool(2);
  eucv::random engine(4);
  model net(sequence{named("conv", conv2d{.out = 5}), relu{}, global_average_pool{}, named("head", dense{.out = 3})},
            {1, 2, 7, 6}, engine, host<double>(pool));
  auto& on = net.backend();
  const shape images{2, 2, 7, 6};
  const auto x = test::tensor_of(on, images, test::normal_values(images.size(), engine));
  const auto a = test::values_of(on, net.features(x, 2));
  const auto w = test::values_of(on, net.parameters()[2].value); // [3][5]
  CHECK(explain::find_layer(net, "1") == explain::last_layer(net));
  const std::vector<std::size_t> classes{2, 0};
  const auto maps = explain::grad_cam(net, x, classes);
  REQUIRE(maps.size() == 2);
  for (std::size_t image = 0; image < 2; ++image) {
    REQUIRE(maps[image].height == 7);
    REQUIRE(maps[image].width == 6);
    for (std::size_t i = 0; i < 42; ++i) {
      double sum = 0;
      for (std::size_t c = 0; c < 5; ++c) sum += w[classes[image] * 5 + c] / 42 * a[(image * 5 + c) * 42 + i];
      CHECK(maps[image].values[i] == doctest::Approx(std::max(sum, 0.0)).epsilon(1e-12));
    }
  }
}

TEST_CASE("Grad-CAM++ weights by the formula of its paper") {
  const shape one{1, 2, 1, 3};
  const std::vector<double> a{1, 0, 2, 0.5, 3, 0}, g{0.2, -0.1, 0.4, -0.3, 0, 0.6};
  std::vector<double> expected(3);
  for (std::size_t c = 0; c < 2; ++c) {
    const double sum = a[3 * c] + a[3 * c + 1] + a[3 * c + 2];
    double weight = 0;
    for (std::size_t i = 3 * c; i < 3 * c + 3; ++i) {
      const double below = 2 * g[i] * g[i] + sum * g[i] * g[i] * g[i]; // equation 19
      if (below != 0) weight += g[i] * g[i] / below * std::max(g[i], 0.0);
    }
    for (std::size_t i = 0; i < 3; ++i) expected[i] += weight * a[3 * c + i];
  }
  const auto map = explain::class_activation<double>(a, g, one, explain::method::grad_cam_plus_plus);
  for (std::size_t i = 0; i < 3; ++i) CHECK(map.values[i] == doctest::Approx(expected[i]).epsilon(1e-14));
  const std::vector<double> negative{-9, -9, -9, 0, 0, 0};
  for (const double each :
       explain::class_activation<double>(negative, g, one, explain::method::grad_cam_plus_plus).values)
    CHECK(each == 0);
}

TEST_CASE("gradients at every place equal central differences of the logit, however deep the place") {
  eucv::thread_pool pool(2);
  eucv::random engine(6);
  const nudge a, b, c, d;
  const auto block = [](const nudge& inside) {
    return residual{
        sequence{conv2d{.out = 4, .bias = false}, batch_norm{}, named("nudge", inside), relu{}, conv2d{.out = 4}},
        identity{}};
  };
  model net(sequence{named("stem", conv2d{.out = 4}), named("first", a), batch_norm{}, relu{}, max_pool{},
                     named("stage", stack<decltype(block(b))>{{block(b), block(b)}}),
                     named("fire", concatenate{named("left", sequence{conv2d{.out = 3, .kernel = 1}, c}),
                                               named("right", conv2d{.out = 2})}),
                     relu{}, dropout{}, named("last", sequence{conv2d{.out = 3}, d, relu{}}), global_average_pool{},
                     named("head", dense{.out = 3})},
            {1, 2, 6, 6}, engine, host<double>(pool));
  disturb_statistics(net, engine);
  auto& on = net.backend();
  const shape images{2, 2, 6, 6};
  const auto x = test::tensor_of(on, images, test::normal_values(images.size(), engine));
  const std::size_t label = 1;
  const auto logit_sum = [&] {
    const auto y = test::values_of(on, net.forward(x, mode::eval));
    return y[label] + y[3 + label];
  };
  double worst = 0;
  const auto check = [&](const std::string& name, const nudge& by) {
    const auto seen = net.look_into(x, explain::find_layer(net, name), ones_at(net, 2, label));
    REQUIRE(seen.gradient.shape == seen.output.shape);
    CHECK(test::distance(test::values_of(on, seen.logits), test::values_of(on, net.forward(x, mode::eval))) < 1e-13);
    const auto gradient = test::values_of(on, seen.gradient);
    double scale = 1e-9;
    for (const double each : gradient) scale = std::max(scale, std::abs(each));
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      by.set->element = i;
      by.set->by = 1e-5;
      const double above = logit_sum();
      by.set->by = -1e-5;
      const double below = logit_sum();
      by.set->by = 0;
      worst = std::max(worst, std::abs((above - below) / 2e-5 - gradient[i]) / scale);
    }
  };
  check("first", a);
  check("fire.left.1", c);
  check("last.1", d);
  MESSAGE("places: largest error as a share of the largest gradient " << worst);
  CHECK(worst < 1e-6);
  // Two blocks of the stack share one nudge: moving it moves both, so their gradients add up.
  const auto at = [&](const char* name) {
    return test::values_of(on, net.look_into(x, explain::find_layer(net, name), ones_at(net, 2, label)).gradient);
  };
  const auto first = at("stage.0.body.nudge"), second = at("stage.1.body.nudge");
  double apart = 0, scale = 1e-9;
  for (std::size_t i = 0; i < first.size(); ++i) {
    b.set->element = i;
    b.set->by = 1e-5;
    const double above = logit_sum();
    b.set->by = -1e-5;
    const double below = logit_sum();
    b.set->by = 0;
    scale = std::max(scale, std::abs(first[i] + second[i]));
    apart = std::max(apart, std::abs((above - below) / 2e-5 - first[i] - second[i]));
  }
  CHECK(apart < 1e-6 * scale);
}

TEST_CASE_TEMPLATE("nothing is left behind, at whichever layer one looks", Scalar, float, double) {
  eucv::thread_pool pool(2);
  eucv::random engine(2);
  model net(eucv::zoo::resnet18({.classes = 4, .width = 4}), {1, 3, 32, 32}, engine, host<Scalar>(pool));
  auto& on = net.backend();
  const shape images{2, 3, 32, 32};
  const auto values = test::normal_values(images.size(), engine);
  const auto picture = [&] { return test::tensor_of(on, images, values); };
  auto logits = net.forward(picture(), mode::train);
  net.backward(std::move(logits)); // gradients and statistics of some training
  net.freeze("layer1.0");
  const auto before = all_of(net);
  const auto memory = on.memory().count().step_bytes;
  const auto predicted = test::values_of(on, net.forward(picture(), mode::eval));
  const std::vector<std::size_t> classes{1, 3};
  std::size_t looked = 0;
  for (std::size_t place = 0; place < net.places().size(); ++place) {
    const auto maps = explain::grad_cam(net, picture(), classes, {.place = place});
    CHECK(maps.front().values.size() == net.places()[place].extents.pixels());
    CHECK(all_of(net) == before);
    CHECK(on.memory().count().step_bytes == memory);
    ++looked;
  }
  CHECK(looked > 60);
  CHECK(test::values_of(on, net.forward(picture(), mode::eval)) == predicted);
  const auto frozen = explain::grad_cam(net, picture(), classes);
  for (auto& each : net.parameters()) each.frozen = !each.frozen;
  CHECK(explain::grad_cam(net, picture(), classes)[1].values == frozen[1].values);

  // What a training had kept for its way back is gone, and it says so.
  auto kept = net.forward(picture(), mode::train);
  static_cast<void>(explain::grad_cam(net, picture(), classes));
  CHECK(test::code_of([&] { net.backward(std::move(kept)); }) == eucv::errc::invalid_argument);
}

TEST_CASE("the layer that is looked at by itself is the last of the last block, before it pools") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  const auto check = [&](auto layers, shape input, const char* name, std::size_t side) {
    any_model<host<float>> net(model(std::move(layers), input, engine, host<float>(pool)));
    const std::size_t place = explain::last_layer(net);
    CHECK(net.places()[place].name == name);
    CHECK(place == explain::find_layer(net, name));
    const auto maps = explain::grad_cam(net, net.backend().make(input), std::vector<std::size_t>{0});
    CHECK(maps.front().height == side);
  };
  check(eucv::zoo::small({.width = 2}), {1, 3, 48, 48}, "block4.2", 6);
  check(eucv::zoo::small({.width = 2}), {1, 3, 75, 32}, "block4.2", 9);
  check(eucv::zoo::resnet18({.width = 2}), {1, 3, 96, 64}, "layer4", 3);
  check(eucv::zoo::resnet50({.width = 2}), {1, 3, 64, 64}, "layer4", 2);
  check(eucv::zoo::squeezenet1_1(), {1, 3, 64, 64}, "features.12", 3);
}

TEST_CASE("unknown layers and classes are refused, and the layers are named") {
  eucv::thread_pool pool(1);
  eucv::random engine(1);
  model net(eucv::zoo::small({.classes = 3, .width = 2}), {1, 3, 32, 32}, engine, host<float>(pool));
  const auto failure = test::failure_of([&] { static_cast<void>(explain::find_layer(net, "block7")); });
  REQUIRE(failure);
  CHECK(failure->code() == eucv::errc::not_found);
  CHECK(std::string(failure->what()).find("block1.0, block1.1, block1.2, block1.3, block1, block2.0") !=
        std::string::npos);
  CHECK(test::code_of([&] { static_cast<void>(explain::find_layer(net, "head")); }) == eucv::errc::not_found);
  const auto image = [&] { return net.backend().make({1, 3, 32, 32}); };
  const auto explained = [&](std::vector<std::size_t> classes) {
    return test::code_of([&] { static_cast<void>(explain::grad_cam(net, image(), classes)); });
  };
  CHECK(explained({3}) == eucv::errc::invalid_argument);
  CHECK(explained({0, 1}) == eucv::errc::invalid_argument);
  CHECK(test::code_of([&] { static_cast<void>(net.look_into(image(), net.places().size(), ones_at(net, 1, 0))); }) ==
        eucv::errc::invalid_argument);
  CHECK(test::code_of([&] { static_cast<void>(net.look_into(image(), 0, ones_at(net, 2, 0))); }) ==
        eucv::errc::shape_mismatch);
  model flat(sequence{flatten{}, dense{.out = 2}}, {1, 3, 4, 4}, engine, host<float>(pool));
  CHECK(test::code_of([&] { static_cast<void>(explain::last_layer(flat)); }) == eucv::errc::not_found);
}

// Adebayo et al. (2018, arXiv:1810.03292) ask of a map that it depends on what the network learned.
TEST_CASE("maps cover planted patches, one for each class in a picture, and depend on the weights") {
  eucv::thread_pool pool(2);
  eucv::random engine(3);
  constexpr std::size_t side = 32, patch = 8;
  struct corner {
    std::size_t x, y;
  };
  const auto plant = [&](std::vector<double>& pixels, std::size_t colour, corner at) {
    for (std::size_t y = at.y; y < at.y + patch; ++y)
      for (std::size_t x = at.x; x < at.x + patch; ++x) pixels[(colour * side + y) * side + x] += 2.5;
  };
  const auto noise = [&] {
    auto pixels = test::normal_values(3 * side * side, engine);
    for (double& each : pixels) each *= 0.5;
    return pixels;
  };
  const auto layers = eucv::zoo::small({.classes = 3, .width = 6, .dropout = 0});
  model net(layers, {1, 3, side, side}, engine, host<float>(pool));
  auto& on = net.backend();
  optimizer<host<float>> steps(adam{});
  for (int step = 0; step < 60; ++step) {
    std::vector<double> batch;
    std::vector<std::size_t> labels;
    for (std::size_t item = 0; item < 18; ++item) {
      auto pixels = noise();
      if (item % 3 != 2) plant(pixels, item % 3, {engine.below(side - patch + 1), engine.below(side - patch + 1)});
      batch.insert(batch.end(), pixels.begin(), pixels.end());
      labels.push_back(item % 3); // 0: a red patch, 1: a green one, 2: none
    }
    auto result =
        softmax_cross_entropy{}(on, net.forward(test::tensor_of(on, {18, 3, side, side}, batch), mode::train), labels);
    net.backward(std::move(result.gradient));
    steps.step(on, net.parameters(), {.rate = 0.01});
    net.zero_gradients();
  }

  // The part of a map, seen at the picture's size, that lies within 4 pixels of a patch: 16 x 16 of 32 x 32 at most.
  const auto share = [&](const explain::heat_map& map, corner at) {
    double inside = 0, all = 0;
    for (std::size_t y = 0; y < side; ++y)
      for (std::size_t x = 0; x < side; ++x) {
        const double value = map.at((static_cast<double>(x) + 0.5) / side, (static_cast<double>(y) + 0.5) / side);
        all += value;
        if (x + 4 >= at.x && x < at.x + patch + 4 && y + 4 >= at.y && y < at.y + patch + 4) inside += value;
      }
    return all > 0 ? inside / all : 0;
  };
  model fresh(layers, {1, 3, side, side}, engine, host<float>(pool));
  for (const auto how : {explain::method::grad_cam, explain::method::grad_cam_plus_plus}) {
    double red = 0, green = 0, crossed = 0, fresh_red = 0, fresh_crossed = 0;
    constexpr int pictures = 8;
    for (int i = 0; i < pictures; ++i) {
      auto pixels = noise();
      const corner red_at{engine.below(9), engine.below(25)}, green_at{16 + engine.below(9), engine.below(25)};
      plant(pixels, 0, red_at);
      plant(pixels, 1, green_at);
      const shape one{1, 3, side, side};
      const auto map_of = [&](auto& of, std::size_t label) {
        const explain::grad_cam_options at{explain::find_layer(of, "block3.2"), how};
        return explain::grad_cam(of, test::tensor_of(of.backend(), one, pixels), std::vector<std::size_t>{label}, at)
            .front();
      };
      const auto map = map_of(net, 0);
      red += share(map, red_at) / pictures;
      green += share(map_of(net, 1), green_at) / pictures;
      crossed += share(map, green_at) / pictures;
      const auto untrained = map_of(fresh, 0);
      fresh_red += share(untrained, red_at) / pictures;
      fresh_crossed += share(untrained, green_at) / pictures;
      CHECK(untrained.values != map.values);
    }
    MESSAGE("at the right patch " << red << " and " << green << ", at the other class's " << crossed
                                  << "; with fresh weights " << fresh_red << " and " << fresh_crossed);
    CHECK(red > 0.5); // by chance it would be at most 0.25
    CHECK(green > 0.5);
    CHECK(crossed < 0.2);
    CHECK(fresh_red < red / 2); // what is not learned is not found
  }
}
