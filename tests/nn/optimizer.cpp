#include <eucv/nn/optimizer.hpp>

#include <eucv/core/options.hpp>
#include <eucv/core/random.hpp>
#include <eucv/nn/host.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

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

// Each alternative with its defaults, and what else keeps a state of another kind.
std::vector<nn::any_optimizer> any_of_each() {
  std::vector<nn::any_optimizer> all{nn::sgd{.momentum = 0}, nn::sgd{.nesterov = true}};
  for (const auto name : choices_of<nn::any_optimizer>()) REQUIRE(choose(all.emplace_back(), name));
  return all;
}

std::vector<float> flat(backend_type& backend, const nn::tensor<backend_type>& values) {
  return backend.values(values, nn::order::channels_first);
}

} // namespace

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
  for (const nn::any_optimizer& method : any_of_each()) {
    std::vector<std::vector<float>> results;
    for (const std::size_t threads : {1U, 2U, 3U})
      for (const bool broken_off : {false, true}) {
        thread_pool pool(threads);
        backend_type backend(pool);
        eucv::random engine(4);
        std::vector<nn::parameter<backend_type>> parameters{random_parameter(backend, "w", {300, 301}, engine),
                                                            random_parameter(backend, "v", {3, 2, 3, 3}, engine)};
        nn::optimizer<backend_type> optimizer(method);
        optimizer.step(backend, parameters, {.rate = 0.1});
        parameters[1].gradient = {};
        optimizer.step(backend, parameters, {.rate = 0.2});
        parameters[1] = random_parameter(backend, "v", {3, 2, 3, 3}, engine);
        if (broken_off) {
          nn::tensor_file content;
          optimizer.save(backend, parameters, content);
          content = nn::parse_safetensors(nn::safetensors_bytes(content), "test");
          optimizer = nn::optimizer<backend_type>(method);
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

TEST_CASE("the number of steps is exact beyond 2^24, and files of version 0.1 are read") {
  thread_pool pool(1);
  backend_type backend(pool);
  eucv::random engine(4);
  std::vector<nn::parameter<backend_type>> parameters{random_parameter(backend, "w", {4}, engine)};
  const auto saved_after = [&](std::vector<float> digits) {
    nn::optimizer<backend_type> optimizer(nn::sgd{.momentum = 0});
    nn::tensor_file content;
    const std::size_t count = digits.size();
    content.arrays.push_back({"optimizer.w.steps", {count}, std::move(digits)});
    optimizer.load(backend, parameters, content);
    optimizer.step(backend, parameters, {});
    nn::tensor_file after;
    optimizer.save(backend, parameters, after);
    return after.at("optimizer.w.steps", std::vector<std::size_t>{2}).values;
  };
  CHECK(saved_after({7}) == std::vector<float>{8, 0});
  CHECK(saved_after({16'777'215}) == std::vector<float>{0, 1});
  CHECK(saved_after({0, 1}) == std::vector<float>{1, 1}); // 2^24 + 1 is no float
  CHECK(saved_after({16'777'215, 3}) == std::vector<float>{0, 4});
  CHECK(test::code_of([&] { saved_after({-1}); }) == errc::bad_format);
  CHECK(test::code_of([&] { saved_after({1, 1, 1}); }) == errc::bad_format);
}

TEST_CASE("a hyper-parameter out of range is refused by name") {
  const auto failure = test::failure_of([] { nn::optimizer<backend_type> bad(nn::lamb{.beta2 = 1}); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::invalid_argument);
  CHECK(std::string(failure->what()) ==
        "make the optimizer, the option beta2: it is \"1\", which is not at least 0 and below 1; the default is "
        "\"0.999\"");
}

TEST_CASE("optimizers are chosen by name") {
  CHECK(choices_of<nn::any_optimizer>() == std::vector<std::string_view>{"sgd", "adam", "adamw", "lamb"});
}

// What a user gets who forgets a part.
struct no_update {
  static constexpr std::string_view name = "none";
  static constexpr auto fields() { return eucv::field_list{}; }
  [[nodiscard]] std::size_t tensors() const { return 0; }
};
static_assert(nn::optimizer_method<nn::sgd, backend_type>);
static_assert(nn::optimizer_method<nn::lamb, backend_type>);
static_assert(!nn::optimizer_method<no_update, backend_type>);

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
