#include <eucv/core/json_text.hpp>

#include <doctest/doctest.h>

#include <limits>

TEST_CASE("strings are quoted and escaped") {
  CHECK(eucv::json_string("") == "\"\"");
  CHECK(eucv::json_string("a\"b\\c\n\x01") == R"("a\"b\\c\u000a\u0001")");
  CHECK(eucv::json_string("M\u00fcnze \U0001F3FA") == "\"M\u00fcnze \U0001F3FA\"");
}

TEST_CASE("what is no UTF-8 is replaced byte by byte") {
  CHECK(eucv::json_string("M\xfcnze") == "\"M\uFFFDnze\"");
  CHECK(eucv::json_string("\xc0\x80") == "\"\uFFFD\uFFFD\"");
  CHECK(eucv::json_string("\xed\xa0\x80") == "\"\uFFFD\uFFFD\uFFFD\"");
  CHECK(eucv::json_string("\xf0\x9f\x8f") == "\"\uFFFD\uFFFD\uFFFD\"");
}

TEST_CASE("numbers read back as they were") {
  CHECK(eucv::json_number(0.1) == "0.1");
  CHECK(eucv::json_number(1) == "1");
  CHECK(std::stod(eucv::json_number(1.0 / 3)) == 1.0 / 3);
  CHECK(eucv::json_number(std::numeric_limits<double>::quiet_NaN()) == "null");
  CHECK(eucv::json_number(std::numeric_limits<double>::infinity()) == "null");
}
