#pragma once

#include <eucv/classify/description.hpp>
#include <eucv/enrich/evidence.hpp>

#include <cstddef>
#include <string>

namespace test {

/// A model of four labels: map and toy may be stated from 0.6 and 0.8 on, coin needs a person, photo has no concept.
inline eucv::classify::description judged_model() {
  using eucv::judge::verdict;
  eucv::classify::description about;
  about.labels = {{"map", "http://data.europeana.eu/concept/43"},
                  {"toy", "http://data.europeana.eu/concept/56"},
                  {"coin", "http://vocab.getty.edu/aat/300037222"},
                  {"photo", ""}};
  about.decisions.categories = {
      {verdict::automatic, 0.6}, {verdict::automatic, 0.8}, {verdict::review, 0}, {verdict::automatic, 0.5}};
  about.provenance["pictures"] = "123 bytes, 456";
  return about;
}

/// What a model said of record `number`: nothing of every third, one statement of the others.
inline eucv::enrich::evidence spoken_evidence(std::size_t number) {
  const std::string text = std::to_string(number);
  eucv::enrich::evidence all{"/1/item_" + text,    "http://museum.example/" + text + ".jpg?a=\"b\"",
                             std::string(64, 'a'), std::string(64, 'm'),
                             "123 bytes, 456",     "2026-01-31T12:03:45Z"};
  if (number % 3 != 0) all.statements.push_back({"http://data.europeana.eu/concept/43", "map", 0.9, 0.6});
  if (number % 3 == 0) all.known.push_back({"http://data.europeana.eu/concept/43", "map", 0.1 + 0.2, 0.2});
  return all;
}

} // namespace test
