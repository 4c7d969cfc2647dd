#include <eucv/core/error.hpp>

#include <doctest/doctest.h>

#include <set>

TEST_CASE("a message says what was tried, on what, why it failed and what to do") {
  const eucv::error failure(eucv::errc::disk_full, {"write", "a.csv", "no space left on device", "free some space"});
  CHECK(failure.what() == std::string("write, a.csv: no space left on device; free some space"));
  CHECK(failure.reason() == "disk_full");
  CHECK(failure.status() == 0);
  CHECK(eucv::error(eucv::errc::io, {"read", "", "it broke", ""}).what() == std::string("read: it broke"));
}

TEST_CASE("a refusal by status carries it in its reason") {
  const eucv::error failure(404, {"download", "http://host/x.jpg", "the host answered 404", ""});
  CHECK(failure.code() == eucv::errc::http_status);
  CHECK(failure.reason() == "http_404");
}

TEST_CASE("every code has a word of its own") {
  std::set<std::string_view> words;
  int codes = 0;
  for (int code = 1; code <= static_cast<int>(eucv::errc::non_finite); ++code, ++codes)
    words.insert(to_string(static_cast<eucv::errc>(code)));
  CHECK(words.count("unknown") == 0);
  CHECK(static_cast<int>(words.size()) == codes);
}
