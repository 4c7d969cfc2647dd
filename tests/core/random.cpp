#include <eucv/core/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

TEST_CASE("the numbers of a seed never change") {
  // From the reference C code of xoshiro256** seeded by SplitMix64(1).
  eucv::random engine(1);
  CHECK(engine() == 0xb3f2af6d0fc710c5ULL);
  CHECK(engine() == 0x853b559647364ceaULL);
  CHECK(engine() != eucv::random(2)());
}

TEST_CASE("uniform numbers fill their interval evenly") {
  eucv::random engine(7);
  std::vector<int> histogram(10);
  for (int i = 0; i < 100'000; ++i) {
    const double value = engine.uniform();
    REQUIRE(value >= 0.0);
    REQUIRE(value < 1.0);
    ++histogram[static_cast<std::size_t>(value * 10)];
  }
  for (int count : histogram) CHECK(std::abs(count - 10'000) < 400);
}

TEST_CASE("below() is unbiased and in range") {
  eucv::random engine(7);
  std::vector<int> histogram(3);
  for (int i = 0; i < 30'000; ++i) ++histogram[engine.below(3)];
  for (int count : histogram) CHECK(std::abs(count - 10'000) < 400);
  CHECK(engine.below(1) == 0);
}

TEST_CASE("normal numbers have mean 0 and variance 1") {
  eucv::random engine(7);
  double sum = 0, squares = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double value = engine.normal();
    sum += value;
    squares += value * value;
  }
  CHECK(std::abs(sum / 100'000) < 0.02);
  CHECK(std::abs(squares / 100'000 - 1) < 0.02);
}

TEST_CASE("a shuffle is a permutation, the same for the same seed") {
  std::vector<int> first(100), second(100);
  std::iota(first.begin(), first.end(), 0);
  std::iota(second.begin(), second.end(), 0);
  eucv::random(3).shuffle(std::span(first));
  eucv::random(3).shuffle(std::span(second));
  CHECK(first == second);
  CHECK_FALSE(std::is_sorted(first.begin(), first.end()));
  std::sort(first.begin(), first.end());
  CHECK(first.front() == 0);
  CHECK(std::adjacent_find(first.begin(), first.end()) == first.end());
}

TEST_CASE("forks differ by item and leave the parent as it was") {
  const eucv::random parent(5);
  CHECK(parent.fork(1)() == parent.fork(1)());
  CHECK(parent.fork(1)() != parent.fork(2)());
  CHECK(parent == eucv::random(5));
  CHECK(eucv::random(parent.state()) == parent);
}
