#include <eucv/nn/simd.hpp>

#include <eucv/nn/elementwise.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

using eucv::nn::packet;
using eucv::nn::zero_unless_positive;

namespace {

template <class Scalar>
using lanes_array = std::array<Scalar, packet<Scalar>::size>;

// Lane i of f(packets) must be f(scalars i).
template <class Scalar, class Function>
void check_lanes(Function f) {
  constexpr std::size_t size = packet<Scalar>::size;
  lanes_array<Scalar> a, b, result;
  for (std::size_t i = 0; i < size; ++i) {
    a[i] = static_cast<Scalar>(i) - Scalar(1.5);
    b[i] = Scalar(0.25) + static_cast<Scalar>(i * i);
  }
  f(packet<Scalar>::load(a.data()), packet<Scalar>::load(b.data())).store(result.data());
  for (std::size_t i = 0; i < size; ++i) CHECK(result[i] == doctest::Approx(f(a[i], b[i])));
}

} // namespace

TEST_CASE_TEMPLATE("packets compute as their lanes do", Scalar, float, double) {
  using std::sqrt;
  check_lanes<Scalar>([](auto a, auto b) { return a + b; });
  check_lanes<Scalar>([](auto a, auto b) { return a - b; });
  check_lanes<Scalar>([](auto a, auto b) { return a * b; });
  check_lanes<Scalar>([](auto a, auto b) { return a / b; });
  check_lanes<Scalar>([](auto, auto b) { return sqrt(b); });
  check_lanes<Scalar>([](auto a, auto b) { return zero_unless_positive(a, b); });
  check_lanes<Scalar>([](auto a, auto b) { return a * decltype(b)(Scalar(3)); });
}

TEST_CASE_TEMPLATE("broadcast, multiply-add and the sum of lanes", Scalar, float, double) {
  using lanes = packet<Scalar>;
  const Scalar three = 3;
  CHECK(lanes::broadcast(&three).sum() == Scalar(3 * lanes::size));
  const lanes result = lanes::multiply_add(lanes(Scalar(2)), lanes(Scalar(5)), lanes(Scalar(1)));
  CHECK(result.sum() == Scalar(11 * lanes::size));
}

TEST_CASE_TEMPLATE("what is not a number passes a rectifier and wins a comparison", Scalar, float, double) {
  using lanes = packet<Scalar>;
  const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
  CHECK(std::isnan(zero_unless_positive(nan, nan)));
  CHECK(std::isnan(zero_unless_positive(lanes(nan), lanes(nan)).sum()));
  const lanes one(Scalar(1)), two(Scalar(2));
  CHECK(lanes::where_less_or_nan({one, two}, two, one).sum() == Scalar(2 * lanes::size));
  CHECK(lanes::where_less_or_nan({two, one}, one, two).sum() == Scalar(2 * lanes::size));
  CHECK(lanes::where_less_or_nan({two, lanes(nan)}, one, two).sum() == Scalar(lanes::size));
  CHECK(lanes::where_less_or_nan({lanes(nan), one}, one, two).sum() == Scalar(2 * lanes::size));
}

TEST_CASE("unroll calls in order with constants") {
  std::array<std::size_t, 5> seen{};
  std::size_t next = 0;
  eucv::nn::unroll<5>([&](auto i) {
    static_assert(decltype(i)::value < 5);
    seen[next++] = i;
  });
  CHECK(seen == std::array<std::size_t, 5>{0, 1, 2, 3, 4});
}
