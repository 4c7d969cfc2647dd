#include <eucv/core/json.hpp>

#include <eucv/core/json_text.hpp>
#include <eucv/core/random.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace {

std::string message_of(std::string_view text) {
  try {
    (void)eucv::parse_json(text, "page.json");
  } catch (const eucv::error& failure) {
    CHECK(failure.code() == eucv::errc::bad_format);
    return failure.what();
  }
  return {};
}

} // namespace

TEST_CASE("a JSON text becomes a value") {
  const auto value = eucv::parse_json(R"({"a":[1,-2,3.5,"x\u00e9",true,null],"b":{"a":18446744073709551615}})", "text");
  CHECK(value.at("a").as_array().size() == 6);
  CHECK(value.at("a").as_array()[3].as_string() == "x\u00e9");
  CHECK(value.at("b").at("a").as_uint64() == 18446744073709551615ULL);
  CHECK(eucv::parse_json(" 7 ", "text").as_int64() == 7);
}

TEST_CASE("what Boost.JSON lets pass is refused") {
  CHECK(message_of("{\"id\":1,\n\"id\":2}") ==
        "read JSON, page.json line 2: the key \"id\" stands twice in one object; mend the file, or write it anew");
  CHECK(message_of(R"({"a":{"x":1},"x":2})").empty());
  CHECK(message_of("[1e999]").find("too large for a double") != std::string::npos);
  CHECK(message_of("{\"" + std::string(3000, 'k') + "\":1,\"" + std::string(3000, 'k') + "\":2}").find("twice") !=
        std::string::npos);
}

TEST_CASE("what is no JSON is refused with its line") {
  for (const char* text : {"", "{", "{\"a\":1,}", "[1 2]", "\xff", "\"\xc3\x28\"", "NaN", "1 2", "<html>"})
    CHECK(message_of(text).find("it is no JSON") != std::string::npos);
  CHECK(message_of("{\n\n}x").find("line 3") != std::string::npos);
  CHECK_FALSE(message_of(std::string(40, '[') + std::string(40, ']')).empty());
}

TEST_CASE("a double that was written reads back as the same double") {
  eucv::random engine(5);
  std::vector<double> values{0.1, 1e23, 5e-324, std::numeric_limits<double>::max(), 0.7071067811865476, 4.35};
  for (int i = 0; i < 20000; ++i) {
    values.push_back(engine.uniform()); // thresholds, temperatures
    values.push_back(-3 * engine.normal());
    std::uint64_t bits = 0; // any exponent
    for (int part = 0; part < 4; ++part) bits = bits << 16U | engine.below(1U << 16U);
    if (const auto any = std::bit_cast<double>(bits); std::isfinite(any)) values.push_back(any);
  }
  std::size_t changed = 0;
  for (const double value : values) {
    const auto read = eucv::parse_json("[" + eucv::json_number(value) + "]", "text").as_array()[0].to_number<double>();
    changed += read == value ? 0 : 1;
  }
  CHECK(changed == 0);
  CHECK(eucv::parse_json("1e-400", "text").to_number<double>() == 0);
  CHECK(eucv::parse_json("0.125E+1", "text").as_double() == 1.25);
}
