#include <eucv/dataset/same_concept.hpp>

#include <doctest/doctest.h>

using eucv::dataset::canonical_concept_uri;

TEST_CASE("all URIs of one concept are one") {
  for (const char* map : {"http://data.europeana.eu/concept/43", "https://data.europeana.eu/concept/43",
                          "http://data.europeana.eu/concept/base/43", " http://data.europeana.eu/concept/43/ ",
                          "http://vocab.getty.edu/aat/300028094", "https://vocab.getty.edu/aat/300028094",
                          "http://vocab.getty.edu/page/aat/300028094", "https://vocab.getty.edu/page/aat/300028094/"}) {
    CAPTURE(map);
    CHECK(canonical_concept_uri(map) == "http://data.europeana.eu/concept/43");
  }
  // A subject of the pilot that is a term of the AAT itself, and one that the pilot does not have.
  CHECK(canonical_concept_uri("https://vocab.getty.edu/aat/300036926") == "http://vocab.getty.edu/aat/300036926");
  CHECK(canonical_concept_uri("http://vocab.getty.edu/aat/300000001") == "http://vocab.getty.edu/aat/300000001");
}

TEST_CASE("other concepts stay apart") {
  for (const char* other : {"http://data.europeana.eu/concept/4", "http://data.europeana.eu/concept/430",
                            "http://data.europeana.eu/agent/43", "http://vocab.getty.edu/aat/30002809",
                            "http://www.wikidata.org/entity/Q4006"})
    CHECK(canonical_concept_uri(other) != "http://data.europeana.eu/concept/43");
  CHECK(canonical_concept_uri("") == "");
}
