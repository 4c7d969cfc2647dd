#include <eucv/nn/layer.hpp>

#include <doctest/doctest.h>

#include <support/gradient_check.hpp>

#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>

#include <string>

using namespace eucv::nn;

namespace {

/// A layer written against the protocol alone: each channel times a learned factor.
struct channel_scale {
  template <class Backend>
  struct state {
    eucv::nn::place place;
    std::size_t factor = 0;
    tensor<Backend> x;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    state<Backend> made;
    made.place = at.start();
    made.factor = at.add_parameter("factor", {extents.c}, std::vector<typename Backend::scalar>(extents.c, 1));
    made.place = at.finish(made.place);
    return made;
  }
  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    if (now.records(own.place)) own.x = x;
    return scaled(std::move(x), own, now);
  }
  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    auto product = now.backend.copy(dy);
    now.backend.map([](auto& each, const auto& x) { each = each * x; }, product, std::as_const(own.x));
    now.add_gradient(own.factor, now.backend.channel_sums(product));
    own.x = {};
    return now.propagates(own.place) ? scaled(std::move(dy), own, now) : tensor<Backend>{};
  }

private:
  template <class Backend>
  static tensor<Backend> scaled(tensor<Backend> x, const state<Backend>& own, pass<Backend>& now) {
    auto zero = now.backend.make(now.value(own.factor).shape);
    now.backend.fill(zero, 0);
    return now.backend.affine(std::move(x), now.value(own.factor), zero);
  }
};

struct no_layer {
  template <class Backend>
  struct state {};
};

} // namespace

static_assert(layer<channel_scale, host<float>>);
static_assert(layer<channel_scale, test::reference_backend<double>>);
static_assert(!layer<no_layer, host<float>>);
static_assert(!layer<conv2d, int>);

TEST_CASE("a layer of one's own takes part in networks and gradients") {
  const double worst = test::gradient_check{{2, 3, 5, 4}}(sequence{conv2d{.out = 4}, channel_scale{}});
  CHECK(worst < 1e-6);
}

TEST_CASE("a place knows its name and its parameters") {
  eucv::thread_pool pool(1);
  host<float> backend(pool);
  eucv::random engine(1);
  builder<host<float>> site(backend, engine);
  const auto outer = site.start();
  {
    const auto first = site.enter("first");
    site.add_parameter("a", {1}, std::vector<float>{1});
    const auto nothing = site.enter("");
    const auto second = site.enter("second");
    const auto inner = site.start();
    site.add_parameter("b", {1}, std::vector<float>{1});
    CHECK(site.finish(inner).name == "first.second");
    CHECK(site.finish(inner).first == 1);
    CHECK(site.finish(inner).last == 2);
  }
  CHECK(site.parameters()[1].name == "first.second.b");
  CHECK(site.finish(outer).name.empty());
  CHECK(site.finish(outer).last == 2);
}

TEST_CASE("a pass records where something behind wants a gradient, and propagates where something before does") {
  eucv::thread_pool pool(1);
  host<float> backend(pool);
  eucv::random engine(1);
  pass<host<float>> now{backend, {}, {}, mode::train, engine, 2};
  const place before{"", 0, 2}, first{"", 2, 3}, after{"", 3, 3};
  CHECK_FALSE(now.records(before));
  CHECK(now.records(first));
  CHECK_FALSE(now.propagates(first));
  CHECK(now.records(after));
  CHECK(now.propagates(after));
  now.mode = mode::eval;
  CHECK_FALSE(now.records(first));
  now.mode = mode::train;
  now.first_wanted = -1;
  CHECK(now.propagates(before));
}
