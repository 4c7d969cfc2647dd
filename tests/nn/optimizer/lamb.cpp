#include <eucv/nn/optimizer/lamb.hpp>

#include <eucv/core/options.hpp>
#include <eucv/core/random.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/optimizer.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "support/reference_backend.hpp"

using namespace eucv;

namespace {

// Algorithm 2 of You et al. (2020), line by line.
struct plain_lamb {
  nn::lamb how;
  std::vector<double> w, m = std::vector<double>(w.size()), v = m;
  int steps = 0;

  void step(const std::vector<double>& g, double rate) {
    ++steps;
    std::vector<double> r(w.size());
    double norm_w = 0, norm_r = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      m[i] = how.beta1 * m[i] + (1 - how.beta1) * g[i];
      v[i] = how.beta2 * v[i] + (1 - how.beta2) * g[i] * g[i];
      const double mean = m[i] / (1 - std::pow(how.beta1, steps)), square = v[i] / (1 - std::pow(how.beta2, steps));
      r[i] = mean / (std::sqrt(square) + how.epsilon) + how.weight_decay * w[i];
      norm_w += w[i] * w[i];
      norm_r += r[i] * r[i];
    }
    const double ratio = norm_w > 0 && norm_r > 0 ? std::sqrt(norm_w) / std::sqrt(norm_r) : 1;
    for (std::size_t i = 0; i < w.size(); ++i) w[i] -= rate * ratio * r[i];
  }
};

template <class Backend>
nn::tensor<Backend> tensor_of(Backend& backend, const std::vector<double>& values) {
  auto made = backend.make(nn::shape{.n = 1, .c = values.size()}, nn::lifetime::model);
  backend.assign(made, std::vector<typename Backend::scalar>(values.begin(), values.end()), nn::order::channels_first);
  return made;
}

// The parameter after steps with these gradients, all at the rate 0.1 but the last, which is at half of it.
template <class Backend>
std::vector<double> after_steps(Backend& backend, const std::vector<double>& begin,
                                const std::vector<std::vector<double>>& gradients, nn::lamb how = {}) {
  nn::optimizer<Backend> optimizer(how);
  nn::parameter<Backend> weight{"w", {begin.size()}, tensor_of(backend, begin), {}, false};
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    weight.gradient = tensor_of(backend, gradients[i]);
    optimizer.step(backend, std::span(&weight, 1), {.rate = i + 1 < gradients.size() ? 0.1 : 0.05});
  }
  const auto values = backend.values(weight.value, nn::order::channels_first);
  return {values.begin(), values.end()};
}

std::vector<double> drawn(std::size_t count, eucv::random& engine) {
  std::vector<double> values(count);
  for (double& each : values) each = engine.normal();
  return values;
}

} // namespace

TEST_CASE("lamb takes the steps of a calculation by hand") {
  // In Python, with m, v and w as lists and t from 1 on:
  //   m = [b1*a + (1-b1)*x for a, x in zip(m, g)]; v = [b2*a + (1-b2)*x*x for a, x in zip(v, g)]
  //   r = [a/(1-b1**t) / (sqrt(c/(1-b2**t)) + 1e-6) + 0.01*x for a, c, x in zip(m, v, w)]
  //   w = [x - rate*sqrt(sum(z*z for z in w))/sqrt(sum(z*z for z in r))*y for x, y in zip(w, r)]
  thread_pool pool(1);
  nn::host<double> backend(pool);
  const std::vector<double> begin{3, -4, 0.5};
  const std::vector<std::vector<double>> gradients{{1, 0.5, -2}, {-0.5, 0.25, 1}, {2, -1, 0}};
  const std::vector<double> expected{2.2977630719902034, -4.656772772265079, 0.9973974082186703};
  const auto mine = after_steps(backend, begin, gradients);
  for (std::size_t i = 0; i < 3; ++i) CHECK(mine[i] == doctest::Approx(expected[i]).epsilon(1e-13));
}

TEST_CASE("lamb takes the steps of its plain algorithm on every backend") {
  eucv::random engine(1);
  const nn::lamb how{.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-5, .weight_decay = 0.1};
  const auto begin = drawn(1003, engine); // no multiple of the width of a packet
  std::vector<std::vector<double>> gradients;
  for (int i = 0; i < 8; ++i) gradients.push_back(drawn(begin.size(), engine));
  plain_lamb plain{.how = how, .w = begin};
  for (std::size_t i = 0; i < gradients.size(); ++i) plain.step(gradients[i], i + 1 < gradients.size() ? 0.1 : 0.05);
  thread_pool pool(2);
  nn::host<double> fast(pool);
  nn::host<float> single(pool);
  test::reference_backend<double> slow;
  const auto a = after_steps(fast, begin, gradients, how), b = after_steps(slow, begin, gradients, how),
             c = after_steps(single, begin, gradients, how);
  for (std::size_t i = 0; i < begin.size(); ++i) {
    CHECK(std::abs(a[i] - plain.w[i]) < 1e-12);
    CHECK(std::abs(b[i] - plain.w[i]) < 1e-12);
    CHECK(std::abs(c[i] - plain.w[i]) < 1e-4);
  }
}

TEST_CASE("lamb moves a parameter of zeros by its rate alone, and one without gradient or decay not at all") {
  thread_pool pool(1);
  nn::host<double> backend(pool);
  const auto moved = after_steps(backend, {0, 0}, {{1, -2}});
  CHECK(moved[0] == doctest::Approx(-0.05).epsilon(1e-5));
  CHECK(moved[1] == doctest::Approx(0.05).epsilon(1e-5));
  CHECK(after_steps(backend, {3, 4}, {{0, 0}}, {.weight_decay = 0}) == std::vector<double>{3, 4});
}

TEST_CASE("lamb describes itself") {
  CHECK(nn::lamb::name == "lamb");
  CHECK(nn::lamb{}.tensors() == 2);
  CHECK(identity_of(nn::lamb{}).size() == 4);
}
