#include <eucv/europeana/rights.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace eucv::europeana;

TEST_CASE("a rights statement is sorted by its prefix") {
  using enum reusability;
  CHECK(reusability_of("http://creativecommons.org/publicdomain/mark/1.0/") == open);
  CHECK(reusability_of("https://creativecommons.org/publicdomain/zero/1.0/") == open);
  CHECK(reusability_of("http://creativecommons.org/licenses/by/4.0/") == open);
  CHECK(reusability_of("http://creativecommons.org/licenses/by-sa/3.0/de/") == open);
  CHECK(reusability_of("http://creativecommons.org/licenses/by-nc/4.0/") == restricted);
  CHECK(reusability_of("http://creativecommons.org/licenses/by-nc-nd/3.0/nl/") == restricted);
  CHECK(reusability_of("http://creativecommons.org/licenses/by-nd/2.5/") == restricted);
  CHECK(reusability_of("http://www.europeana.eu/rights/out-of-copyright-non-commercial/") == restricted);
  CHECK(reusability_of("http://rightsstatements.org/vocab/NoC-OKLR/1.0/") == restricted);
  CHECK(reusability_of("http://rightsstatements.org/vocab/InC-EDU/1.0/") == restricted);
  CHECK(reusability_of("http://rightsstatements.org/vocab/InC/1.0/") == permission);
  CHECK(reusability_of("http://rightsstatements.org/vocab/InC-OW-EU/1.0/") == permission);
  CHECK(reusability_of("http://www.europeana.eu/rights/rr-f/") == permission);
  CHECK(reusability_of("http://creativecommons.org/licenses/by/") == open);
}

TEST_CASE("a missing slash at the end is forgiven, a longer word is not") {
  CHECK(reusability_of("http://creativecommons.org/publicdomain/zero/1.0") == reusability::open);
  CHECK(reusability_of("http://creativecommons.org/licenses/by-something/4.0/") == reusability::uncategorized);
  CHECK(reusability_of("http://rightsstatements.org/vocab/InC-RUU/1.0/") == reusability::uncategorized);
  CHECK(reusability_of("ftp://creativecommons.org/licenses/by/4.0/") == reusability::uncategorized);
  CHECK(reusability_of("http://example.org/http://creativecommons.org/licenses/by/4.0/") == reusability::uncategorized);
  CHECK(reusability_of("") == reusability::uncategorized);
}

TEST_CASE("the words are read and written") {
  CHECK(parse_reusability("open") == reusability_set{reusability::open});
  CHECK(to_string(parse_reusability("permission, open")) == "open,permission");
  CHECK(to_string(parse_reusability("uncategorized,restricted,permission,open")) ==
        "open,restricted,permission,uncategorized");
  for (const reusability word : all_reusabilities) CHECK(parse_reusability(to_string(word)) == reusability_set{word});
}

TEST_CASE("an unknown word is named together with the known ones") {
  for (const char* text : {"opne", "open,,restricted", "", "Open", "open restricted"}) {
    CAPTURE(text);
    try {
      (void)parse_reusability(text);
      FAIL("accepted");
    } catch (const eucv::error& failure) {
      CHECK(failure.code() == eucv::errc::invalid_argument);
      CHECK(std::string(failure.what()).find("use open, restricted, permission, uncategorized") != std::string::npos);
    }
  }
}
