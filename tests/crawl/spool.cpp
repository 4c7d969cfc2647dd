#include <eucv/crawl/spool.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <utility>

#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"

using eucv::crawl::spool;

TEST_CASE("a body comes out as it went in, long or short, and leaves no file") {
  const test::temporary_folder folder;
  for (const std::size_t length : {0U, 1U, 99U, 100U, 101U, 1000U, 100'000U}) {
    spool body(folder.path(), 100);
    std::string expected;
    for (std::size_t i = 0; expected.size() < length; ++i) {
      const std::string piece(std::min<std::size_t>(1 + i % 37, length - expected.size()),
                              static_cast<char>('a' + i % 26));
      body.append(piece);
      expected += piece;
    }
    CHECK(body.size() == length);
    spool moved = std::move(body);
    CHECK(moved.take() == expected);
    CHECK(moved.size() == 0);
    CHECK(std::filesystem::is_empty(folder.path()));
  }
}

TEST_CASE("a folder that is not there is named") {
  spool body("/nonexistent", 10);
  body.append("short");
  CHECK(test::code_of([&] { body.append("too long for memory"); }) == eucv::errc::not_found);
}
