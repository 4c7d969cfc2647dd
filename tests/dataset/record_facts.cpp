#include <eucv/dataset/record_facts.hpp>

#include <doctest/doctest.h>

#include "support/code_of.hpp"

using namespace eucv;

TEST_CASE("values are looked up by ID, and what is not known is empty") {
  const auto table = dataset::parse_table("ID,provider\n/1/a,Museum A\n/1/b,Museum B\n/1/a,Another\n", "there");
  const std::vector<std::string> ids{"/1/b", "/1/x", "/1/a"};
  CHECK(dataset::values_of(table, "provider", ids) == std::vector<std::string>{"Museum B", "", "Museum A"});
  CHECK(test::code_of([&] { (void)dataset::values_of(table, "country", ids); }) == errc::missing_column);
}
