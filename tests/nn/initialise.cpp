#include <eucv/nn/initialise.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

TEST_CASE("there are as many values as the dimensions say") {
  eucv::random engine(1);
  CHECK(eucv::nn::constant({3, 4}, 2.0F) == std::vector<float>(12, 2.0F));
  CHECK(eucv::nn::kaiming_normal<float>({8, 3, 5, 5}, engine).size() == 600);
  CHECK(eucv::nn::uniform<double>({7}, 1, engine).size() == 7);
}

TEST_CASE("Kaiming's normal values have the variance 2 / (out * kh * kw)") {
  eucv::random engine(1);
  const auto values = eucv::nn::kaiming_normal<double>({64, 100, 3, 3}, engine);
  double sum = 0, squares = 0;
  for (const double each : values) sum += each, squares += each * each;
  const double count = static_cast<double>(values.size());
  CHECK(std::abs(sum / count) < 1e-3);
  CHECK(std::abs(squares / count * 64 * 9 / 2 - 1) < 0.02);
}

TEST_CASE("normal values have the deviation that is asked for") {
  eucv::random engine(1);
  double squares = 0;
  const auto values = eucv::nn::normal<double>({100, 200}, 0.01, engine);
  for (const double each : values) squares += each * each;
  CHECK(std::sqrt(squares / static_cast<double>(values.size())) == doctest::Approx(0.01).epsilon(0.02));
}

TEST_CASE("the bound of PyTorch's Linear and bias") {
  CHECK(eucv::nn::fan_in_bound({10, 16}) == 0.25);
  CHECK(eucv::nn::fan_in_bound({10, 4, 2, 2}) == 0.25);
  eucv::random engine(1);
  const auto values = eucv::nn::uniform<float>({1000}, 0.25, engine);
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  CHECK(*least < -0.24F);
  CHECK(*least >= -0.25F);
  CHECK(*most > 0.24F);
  CHECK(*most < 0.25F);
}

TEST_CASE("the same seed gives the same values") {
  eucv::random first(5), second(5);
  CHECK(eucv::nn::kaiming_normal<float>({4, 4, 3, 3}, first) == eucv::nn::kaiming_normal<float>({4, 4, 3, 3}, second));
}
