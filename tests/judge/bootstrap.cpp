#include <eucv/judge/bootstrap.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/code_of.hpp"

using namespace eucv;

namespace {

judge::figures_of_items mean_of(const std::vector<double>& values) {
  return [&values](std::span<const std::size_t> items) {
    double sum = 0;
    for (const std::size_t i : items) sum += values[i];
    return std::vector<double>{sum / static_cast<double>(items.size())};
  };
}
std::vector<std::string> each_alone(std::size_t count) {
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < count; ++i) groups.push_back(std::to_string(i));
  return groups;
}

} // namespace

TEST_CASE("intervals of 95 % hold the true value in about 95 % of the samples") {
  eucv::random engine(5);
  std::size_t held = 0;
  constexpr std::size_t samples = 300;
  for (std::size_t sample = 0; sample < samples; ++sample) {
    std::vector<double> values(100);
    for (double& value : values) value = engine.uniform() < 0.7 ? 1 : 0;
    const auto range = judge::bootstrap(each_alone(100), mean_of(values), {.replicates = 300, .seed = sample}).front();
    held += range.low <= 0.7 && 0.7 <= range.high ? 1 : 0;
  }
  CHECK(held > samples * 0.91);
  CHECK(held < samples * 0.99);
}

TEST_CASE("items of one group are one witness") {
  std::vector<double> values(100);
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < 100; ++i) {
    values[i] = i / 10 % 2 == 0 ? 1 : 0; // ten groups of ten equal items
    groups.push_back(std::to_string(i / 10));
  }
  const auto alone = judge::bootstrap(each_alone(100), mean_of(values)).front();
  const auto grouped = judge::bootstrap(groups, mean_of(values)).front();
  CHECK(grouped.value == alone.value);
  CHECK(grouped.high - grouped.low > 2.5 * (alone.high - alone.low));
}

TEST_CASE("the same seed gives the same range, and figures that do not exist are left out") {
  const std::vector<double> values{0, 1, 1, 0, 1};
  const auto one = judge::bootstrap(each_alone(5), mean_of(values), {.seed = 3}).front();
  const auto two = judge::bootstrap(each_alone(5), mean_of(values), {.seed = 3}).front();
  CHECK(one.low == two.low);
  CHECK(one.high == two.high);
  CHECK(one.value == 0.6);
  const auto none = judge::bootstrap(each_alone(2), [](auto) { return std::vector<double>{std::nan("")}; }).front();
  CHECK(std::isnan(none.low));
}

TEST_CASE("options that make no sense are refused") {
  const std::vector<double> values{1};
  const auto code = [&](std::size_t items, const judge::bootstrap_options& options) {
    return test::code_of([&] { (void)judge::bootstrap(each_alone(items), mean_of(values), options); });
  };
  CHECK(code(0, {}) == errc::invalid_argument);
  CHECK(code(1, {.replicates = 0}) == errc::invalid_argument);
  CHECK(code(1, {.level = 1}) == errc::invalid_argument);
}
