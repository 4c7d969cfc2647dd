#include <eucv/train/detail/run_state.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <map>

#include "support/code_of.hpp"

using namespace eucv;

namespace {

train::run_state example() {
  train::run_state state;
  state.epoch = 3;
  state.batch = 7;
  state.steps = std::numeric_limits<std::uint64_t>::max();
  state.loss_sum = 0.1;
  state.weight_sum = -0.0;
  state.best_score = -std::numeric_limits<double>::infinity();
  state.random = {1, 2, 3, ~std::uint64_t{0}};
  state.history = {{1, 0.5, 0.25, 0.125, 1, 0, 0.1, 3}};
  return state;
}

} // namespace

TEST_CASE("a state goes into metadata and back, bit for bit") {
  std::map<std::string, std::string> metadata;
  train::save(example(), metadata);
  const auto back = train::load_run_state(metadata, "test");
  std::map<std::string, std::string> again;
  train::save(back, again);
  CHECK(metadata == again);
  CHECK(back.steps == example().steps);
  CHECK(std::signbit(back.weight_sum));
  CHECK(back.best_score == example().best_score);
  CHECK(back.random == example().random);
  CHECK(back.history.at(0).seconds == 3);
}

TEST_CASE("what is missing or no number is refused") {
  std::map<std::string, std::string> metadata;
  train::save(example(), metadata);
  for (const auto& [name, value] : metadata) {
    for (const char* other : {"", "x", "1x", "-1", "99999999999999999999"}) {
      auto broken = metadata;
      broken[name] = other;
      CHECK(test::code_of([&] { (void)train::load_run_state(broken, "test"); }) == errc::bad_format);
    }
    auto shorter = metadata;
    shorter.erase(name);
    CHECK(test::code_of([&] { (void)train::load_run_state(shorter, "test"); }) == errc::bad_format);
  }
}
