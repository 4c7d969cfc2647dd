#include <eucv/nn/optimizer.hpp>

#include <eucv/core/random.hpp>
#include <eucv/nn/host.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "support/code_of.hpp"

using namespace eucv;
using backend_type = nn::host<float>;

namespace {

nn::tensor<backend_type> tensor_of(backend_type& backend, const nn::named_array& array) {
  auto made = backend.make(nn::shape_of(array.extents), nn::lifetime::model);
  backend.assign(made, array.values, nn::order::channels_first);
  return made;
}

// A parameter of random values and gradient.
nn::parameter<backend_type> random_parameter(backend_type& backend, std::string name, std::vector<std::size_t> dims,
                                             eucv::random& engine) {
  nn::parameter<backend_type> made{std::move(name), dims, {}, {}, false};
  nn::named_array array{"", dims, std::vector<float>(nn::shape_of(dims).size())};
  for (float& value : array.values) value = static_cast<float>(engine.normal());
  made.value = tensor_of(backend, array);
  for (float& value : array.values) value = static_cast<float>(engine.normal());
  made.gradient = tensor_of(backend, array);
  return made;
}

std::vector<float> flat(backend_type& backend, const nn::tensor<backend_type>& values) {
  return backend.values(values, nn::order::channels_first);
}

} // namespace

TEST_CASE("each rule takes the steps that PyTorch takes") {
  thread_pool pool(1);
  backend_type backend(pool);
  const auto golden = nn::read_safetensors(EUCV_TEST_DATA "/steps.safetensors");
  const auto& rates = golden.find("rates")->values;
  const std::pair<std::string, nn::optimizer_rule> rules[] = {
      {"sgd", nn::sgd{.momentum = 0}},
      {"momentum", nn::sgd{.momentum = 0.9, .weight_decay = 0.01}},
      {"nesterov", nn::sgd{.momentum = 0.8, .weight_decay = 0.01, .nesterov = true}},
      {"adam", nn::adam{.weight_decay = 0.01}},
      {"adam_w", nn::adam_w{.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6, .weight_decay = 0.1}}};
  for (const auto& [name, rule] : rules) {
    CAPTURE(name);
    const auto at = [&](const char* what, std::size_t step) -> const nn::named_array& {
      return *golden.find("optimizer." + name + "." + what + "." + std::to_string(step));
    };
    nn::optimizer<backend_type> optimizer(rule);
    nn::parameter<backend_type> weight{"w", {5, 7}, tensor_of(backend, at("value", 0)), {}, false};
    for (std::size_t step = 0; step < rates.size(); ++step) {
      weight.gradient = tensor_of(backend, at("gradient", step));
      optimizer.step(backend, std::span(&weight, 1), {.rate = static_cast<double>(rates[step])});
      const auto mine = flat(backend, weight.value);
      for (std::size_t i = 0; i < mine.size(); ++i) CHECK(std::abs(mine[i] - at("value", step + 1).values[i]) < 1e-6F);
    }
  }
}

TEST_CASE("frozen parameters, and those without a gradient, stay as they are") {
  thread_pool pool(1);
  backend_type backend(pool);
  eucv::random engine(1);
  std::vector<nn::parameter<backend_type>> parameters;
  for (const char* name : {"a", "b", "c"}) parameters.push_back(random_parameter(backend, name, {9}, engine));
  parameters[0].frozen = true;
  parameters[1].gradient = {};
  const auto a = flat(backend, parameters[0].value), b = flat(backend, parameters[1].value),
             c = flat(backend, parameters[2].value);
  nn::optimizer<backend_type> optimizer(nn::adam_w{});
  optimizer.step(backend, parameters, {.rate = 0.1});
  CHECK(flat(backend, parameters[0].value) == a);
  CHECK(flat(backend, parameters[1].value) == b);
  CHECK(flat(backend, parameters[2].value) != c);
}

TEST_CASE("a saved and loaded optimizer goes on bit for bit, and the threads leave no trace") {
  for (const nn::optimizer_rule rule :
       {nn::optimizer_rule(nn::sgd{.momentum = 0.9}), nn::optimizer_rule(nn::sgd{.momentum = 0}),
        nn::optimizer_rule(nn::sgd{.nesterov = true}), nn::optimizer_rule(nn::adam{}),
        nn::optimizer_rule(nn::adam_w{})}) {
    std::vector<std::vector<float>> results;
    for (const std::size_t threads : {1U, 2U, 3U})
      for (const bool broken_off : {false, true}) {
        thread_pool pool(threads);
        backend_type backend(pool);
        eucv::random engine(4);
        std::vector<nn::parameter<backend_type>> parameters{random_parameter(backend, "w", {300, 301}, engine),
                                                            random_parameter(backend, "v", {3, 2, 3, 3}, engine)};
        nn::optimizer<backend_type> optimizer(rule);
        optimizer.step(backend, parameters, {.rate = 0.1});
        parameters[1].gradient = {};
        optimizer.step(backend, parameters, {.rate = 0.2});
        parameters[1] = random_parameter(backend, "v", {3, 2, 3, 3}, engine);
        if (broken_off) {
          nn::tensor_file content;
          optimizer.save(backend, parameters, content);
          content = nn::parse_safetensors(nn::safetensors_bytes(content), "test");
          optimizer = nn::optimizer<backend_type>(rule);
          optimizer.load(backend, parameters, content);
        }
        optimizer.step(backend, parameters, {.rate = 0.3, .gradient_scale = 0.5});
        results.push_back(flat(backend, parameters[0].value));
        const auto second = flat(backend, parameters[1].value);
        results.back().insert(results.back().end(), second.begin(), second.end());
      }
    for (const auto& result : results) CHECK(result == results.front());
  }
}

TEST_CASE("a state of another network is refused") {
  thread_pool pool(1);
  backend_type backend(pool);
  eucv::random engine(4);
  std::vector<nn::parameter<backend_type>> parameters{random_parameter(backend, "w", {4}, engine)},
      other{random_parameter(backend, "w", {5}, engine)};
  nn::optimizer<backend_type> adam(nn::adam{}), sgd(nn::sgd{});
  nn::tensor_file of_adam, of_sgd;
  adam.step(backend, parameters, {});
  adam.save(backend, parameters, of_adam);
  sgd.step(backend, parameters, {});
  sgd.save(backend, parameters, of_sgd);
  CHECK(test::code_of([&] { adam.load(backend, other, of_adam); }) == errc::shape_mismatch);
  CHECK(test::code_of([&] { adam.load(backend, parameters, of_sgd); }) == errc::missing_tensor);
}

TEST_CASE("the norm of gradients") {
  thread_pool pool(1);
  backend_type backend(pool);
  std::vector<nn::parameter<backend_type>> parameters(3);
  parameters[0].gradient = tensor_of(backend, {"", {2}, {3, 0}});
  parameters[1].gradient = tensor_of(backend, {"", {1}, {4}});
  CHECK(nn::gradient_norm<backend_type>(backend, parameters) == doctest::Approx(5));
  backend.fill(parameters[0].gradient, std::numeric_limits<float>::quiet_NaN());
  CHECK(std::isnan(nn::gradient_norm<backend_type>(backend, parameters)));
  parameters[0].frozen = true;
  CHECK(nn::gradient_norm<backend_type>(backend, parameters) == doctest::Approx(4));
}
