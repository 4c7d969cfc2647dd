#include <eucv/europeana/expression.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace eucv::europeana;

TEST_CASE("what has a meaning in a query is escaped") {
  CHECK(escape("a+b-c & (d) [e] {f} ^\"~*?:/\\|!") ==
        "a\\+b\\-c \\& \\(d\\) \\[e\\] \\{f\\} \\^\\\"\\~\\*\\?\\:\\/\\\\\\|\\!");
  CHECK(escape("Mona Lisa é") == "Mona Lisa é");
  CHECK(quote("say \"a\\b\" (now)") == "\"say \\\"a\\\\b\\\" (now)\"");
  CHECK(field("skos_concept", "http://data.europeana.eu/concept/48") ==
        "skos_concept:\"http://data.europeana.eu/concept/48\"");
}

TEST_CASE("expressions are joined in parentheses") {
  const std::array<std::string, 2> two{"a:1", "b:2"};
  CHECK(all_of(two) == "(a:1 AND b:2)");
  CHECK(any_of(two) == "(a:1 OR b:2)");
  CHECK(all_of(std::span(two).first(1)) == "a:1");
  CHECK(any_of(std::span(two).first(1)) == "a:1");
  CHECK(all_of(std::span(two).first(0)) == "*:*");
}
