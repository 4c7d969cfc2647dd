#include <eucv/nn/drop.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

using namespace eucv::nn;

TEST_CASE("a part of the factors is what it is in the whole, and each is 0 or what keeps the sum") {
  const drop_pattern how{0x0123456789abcdef, 0.25};
  std::vector<double> whole(1000), part(77);
  how.write_factors(0, std::span(whole));
  for (const std::size_t first : {0U, 1U, 500U, 923U}) {
    how.write_factors(first, std::span(part));
    CHECK(std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(first)));
  }
  for (const double factor : whole) CHECK((factor == 0 || factor == 1 / 0.75));
  std::vector<double> none(1000);
  drop_pattern{7, 0}.write_factors(0, std::span(none));
  CHECK(none == std::vector<double>(1000, 1));
}

TEST_CASE("what is dropped has no pattern that would show from place to place or from pass to pass") {
  constexpr std::size_t count = 1 << 18;
  for (const double probability : {0.1, 0.5, 0.9}) {
    std::vector<float> factors(count), before(count);
    double dropped = 0, neighbours = 0, again = 0;
    constexpr std::uint64_t passes = 8;
    for (std::uint64_t key = 0; key < passes; ++key) { // keys that are much alike
      std::swap(factors, before);
      drop_pattern{key, probability}.write_factors(0, std::span(factors));
      for (std::size_t i = 1; i < count; ++i) {
        dropped += factors[i] == 0;
        neighbours += factors[i] == 0 && factors[i - 1] == 0;
        again += key != 0 && factors[i] == 0 && before[i] == 0;
      }
    }
    const double all = double(passes) * (count - 1), some = double(passes - 1) * (count - 1);
    CHECK(std::abs(dropped / all - probability) < 0.002); // four deviations
    CHECK(std::abs(neighbours / all - probability * probability) < 0.002);
    CHECK(std::abs(again / some - probability * probability) < 0.002);
  }
}
