#include <eucv/nn/elementwise.hpp>

#include <eucv/nn/simd.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <type_traits>

using namespace eucv::nn;

namespace {

// One function on a scalar, and on all lanes of a packet, which must give the same.
template <class Function, class... Scalars>
float apply(const Function& function, float to, Scalars... from) {
  auto lanes = [](float value) { return packet<float>(packet<float>::broadcast(&value)); };
  float scalar = to;
  function(scalar, std::as_const(from)...);
  packet<float> all = lanes(to);
  [&](auto... others) { function(all, std::as_const(others)...); }(lanes(from)...);
  float stored[packet<float>::size];
  all.store(stored);
  for (const float each : stored) CHECK((each == scalar || (std::isnan(each) && std::isnan(scalar))));
  return scalar;
}

} // namespace

TEST_CASE("functions of elements do what their comments say, on scalars and on packets") {
  CHECK(apply(elementwise::copy{}, 1.0F, 5.0F) == 5);
  CHECK(apply(elementwise::add{}, 1.0F, 5.0F) == 6);
  CHECK(apply(elementwise::multiply{}, 3.0F, 5.0F) == 15);
  CHECK(apply(elementwise::product{}, 0.0F, 3.0F, 5.0F) == 15);
  CHECK(apply(elementwise::weighted_sum<float>{0.5F, 2}, 3.0F, 5.0F) == 11.5F);
  CHECK(apply(elementwise::approach<float>{0.25F}, 3.0F, 5.0F) == 3.5F);
  CHECK(apply(elementwise::approach<float>{0.1F}, 0.3F, 0.3F) == 0.3F);
  CHECK(apply(elementwise::rectify{}, 3.0F) == 3);
  CHECK(apply(elementwise::rectify{}, -3.0F) == 0);
  CHECK(apply(elementwise::rectify_gradient{}, 7.0F, 2.0F) == 7);
  CHECK(apply(elementwise::rectify_gradient{}, 7.0F, 0.0F) == 0);
  CHECK(apply(elementwise::add_and_rectify{}, 3.0F, -5.0F) == 0);
  CHECK(apply(elementwise::add_and_rectify{}, 3.0F, 5.0F) == 8);
  CHECK(apply(elementwise::inverse_deviation<float>{1}, 0.0F, 3.0F) == 0.5F);
  CHECK(apply(elementwise::normalisation_shift{}, 0.0F, 2.0F, 3.0F, 10.0F) == 4);
}

TEST_CASE("what is not a number passes a rectifier, so that the loss shows it") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(apply(elementwise::rectify{}, nan)));
  CHECK(std::isnan(apply(elementwise::add_and_rectify{}, nan, 1.0F)));
  CHECK(zero_unless_positive(nan, 4.0F) == 4);
  CHECK(zero_unless_positive(-1.0, 4.0) == 0);
}

TEST_CASE("the functions can be the arguments of a kernel: bytes that may be copied") {
  CHECK(std::is_trivially_copyable_v<elementwise::weighted_sum<float>>);
  CHECK(std::is_trivially_copyable_v<elementwise::add_and_rectify>);
}
