#include <eucv/core/option_fields.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <limits>
#include <optional>

namespace {

// What a description may lack, each beside a whole one of the same members.
struct inner {
  double x = 0, y = 0;
};
template <int Which>
struct described {
  double first = 0;
  inner nested = {};
  std::optional<double> second = {};
  double third = 0;
  std::function<void()> last = {};

  static constexpr auto fields() {
    using self = described;
    using eucv::runtime_field;
    const auto first = eucv::option("first", &self::first, ""), third = eucv::option("third", &self::third, "");
    const auto second = eucv::option("second", &self::second, "");
    const runtime_field nested(&self::nested);
    const runtime_field last(&self::last);
    if constexpr (Which == 0) return eucv::field_list{first, nested, second, third, last};
    if constexpr (Which == 1) return eucv::field_list{nested, second, third, last};
    if constexpr (Which == 2) return eucv::field_list{first, second, third, last};
    if constexpr (Which == 3) return eucv::field_list{first, nested, second, last};
    if constexpr (Which == 4) return eucv::field_list{first, nested, second, third};
    if constexpr (Which == 5)
      return eucv::field_list{first, nested, second, first, last}; // twice, and the third missing
    if constexpr (Which == 6) return eucv::field_list{first, nested, third, second, last}; // in another order
    if constexpr (Which == 7) return eucv::field_list{};
  }
};

} // namespace

TEST_CASE("a description that lacks a member is found at compile time") {
  CHECK(eucv::describes_all_fields<described<0>>);
  CHECK_FALSE(eucv::describes_all_fields<described<1>>);
  CHECK_FALSE(eucv::describes_all_fields<described<2>>);
  CHECK_FALSE(eucv::describes_all_fields<described<3>>);
  CHECK_FALSE(eucv::describes_all_fields<described<4>>);
  CHECK_FALSE(eucv::describes_all_fields<described<5>>);
  CHECK_FALSE(eucv::describes_all_fields<described<6>>);
  CHECK_FALSE(eucv::describes_all_fields<described<7>>);
}

TEST_CASE("ranges hold what they say") {
  CHECK(eucv::at_least(1).contains(1));
  CHECK_FALSE(eucv::above(1).contains(1));
  CHECK(eucv::above(1).contains(1.5));
  CHECK(eucv::between(0, 1).contains(1));
  CHECK_FALSE(eucv::at_least(0).below(1).contains(1));
  CHECK_FALSE(eucv::number_range{}.contains(std::numeric_limits<double>::infinity()));
  CHECK_FALSE(eucv::number_range{}.contains(std::numeric_limits<double>::quiet_NaN()));
  CHECK(eucv::above(0).at_most(0.5).text() == "above 0 and at most 0.5");
  CHECK(eucv::number_range{}.below(3).text() == "below 3");
  CHECK(eucv::number_range{}.text().empty());
}
