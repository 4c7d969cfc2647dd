#include <eucv/europeana/query.hpp>

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

TEST_CASE("a search becomes one request line, encoded once") {
  auto search = query();
  search.match("vase & \"cup\"")
      .filter(field("skos_concept", "http://data.europeana.eu/concept/31"))
      .filter("TYPE:IMAGE")
      .reuse({reusability::permission, reusability::open})
      .with_media()
      .shuffle(7)
      .rows(100);
  CHECK(search.target("/record/v2/search.json", "AoE/+==") ==
        "/record/v2/search.json?query=vase%20%26%20%22cup%22"
        "&qf=skos_concept%3A%22http%3A%2F%2Fdata.europeana.eu%2Fconcept%2F31%22&qf=TYPE%3AIMAGE"
        "&reusability=open%2Cpermission&media=true&sort=random_7%20asc%2Ceuropeana_id%20asc"
        "&profile=standard&rows=100&cursor=AoE%2F%2B%3D%3D");
}

TEST_CASE("what is left out stays out") {
  CHECK(query().target("/s", "") == "/s?query=%2A%3A%2A&profile=standard&rows=100");
  CHECK(query().rows(500).rows() == 100);
  CHECK(query().rows(0).target("/s?a=b", "*") == "/s?a=b&query=%2A%3A%2A&profile=standard&rows=0&cursor=%2A");
  // The service answers 400-SE to a blank query.
  CHECK(query().match(" ").target("/s", "") == query().target("/s", ""));
  CHECK(query().sort("europeana_id asc").target("/s", "").find("europeana_id%20asc%2C") == std::string::npos);
}

TEST_CASE("a second filter on a field is refused, since the service would OR them") {
  auto search = query();
  search.filter("skos_concept:\"a\"");
  for (const char* second : {"skos_concept:\"b\"", "(skos_concept:\"b\" AND TYPE:IMAGE)"}) try {
      search.filter(second);
      FAIL("accepted");
    } catch (const eucv::error& failure) {
      CHECK(failure.code() == eucv::errc::invalid_argument);
      CHECK(std::string(failure.what()).find("skos_concept already") != std::string::npos);
    }
  search.filter("(TYPE:IMAGE AND skos_concept:\"b\")");
}
