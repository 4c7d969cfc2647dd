#pragma once

#include <eucv/nn/host.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/nn/safetensors.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <span>
#include <string>

namespace test {

/// Checks that an optimizer takes the steps that PyTorch took, as tests/data/make_steps.py wrote them under this name.
inline void check_steps_of_torch(const std::string& name, const eucv::nn::any_optimizer& method) {
  using namespace eucv;
  using backend_type = nn::host<float>;
  thread_pool pool(1);
  backend_type backend(pool);
  const auto golden = nn::read_safetensors(EUCV_TEST_DATA "/steps.safetensors");
  const auto at = [&](const char* what, std::size_t step) -> const nn::named_array& {
    return *golden.find("optimizer." + name + "." + what + "." + std::to_string(step));
  };
  const auto tensor_of = [&](const nn::named_array& array) {
    auto made = backend.make(nn::shape_of(array.extents), nn::lifetime::model);
    backend.assign(made, array.values, nn::order::channels_first);
    return made;
  };
  const auto& rates = golden.find("rates")->values;
  REQUIRE(rates.size() == 6);
  nn::optimizer<backend_type> optimizer(method);
  nn::parameter<backend_type> weight{"w", {5, 7}, tensor_of(at("value", 0)), {}, false};
  for (std::size_t step = 0; step < rates.size(); ++step) {
    weight.gradient = tensor_of(at("gradient", step));
    optimizer.step(backend, std::span(&weight, 1), {.rate = static_cast<double>(rates[step])});
    const auto mine = backend.values(weight.value, nn::order::channels_first);
    for (std::size_t i = 0; i < mine.size(); ++i) CHECK(std::abs(mine[i] - at("value", step + 1).values[i]) < 1e-6F);
  }
}

} // namespace test
