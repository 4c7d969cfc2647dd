#include <eucv/core/json.hpp>

#include <doctest/doctest.h>

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
