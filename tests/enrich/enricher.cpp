#include <eucv/enrich/enricher.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "support/code_of.hpp"
#include "support/spoken_evidence.hpp"

using namespace eucv::enrich;

namespace {

constexpr const char* now = "2026-01-31T12:03:45Z";

classified said(std::string id, const std::string& label, double probability, std::vector<std::string> concepts = {}) {
  std::string uri;
  for (const auto& each : test::judged_model().labels)
    if (each.name == label) uri = each.uri;
  item what{
      .name = "x", .address = "http://museum.example/x.jpg", .id = std::move(id), .concepts = std::move(concepts)};
  return {std::move(what),
          std::vector<eucv::classify::ranked_label>{{label, uri, probability}, {"map", "", 1 - probability}}, "hash"};
}

} // namespace

TEST_CASE("only a label that may be stated, at its threshold, is stated, with all that traces it") {
  enricher rule(test::judged_model(), "digest");
  const auto made = rule.judge(said("/1/a", "map", 0.6), now);
  REQUIRE(made.statements.size() == 1);
  CHECK(made.statements[0] == statement{"http://data.europeana.eu/concept/43", "map", 0.6, 0.6});
  CHECK(made.known.empty());
  CHECK(made.id == "/1/a");
  CHECK(made.image == "http://museum.example/x.jpg");
  CHECK(made.sha256 == "hash");
  CHECK(made.model == "digest");
  CHECK(made.data_set == "123 bytes, 456");
  CHECK(made.time == now);

  CHECK(rule.judge(said("/1/b", "map", 0.59), now).statements.empty());
  CHECK(rule.judge(said("/1/c", "toy", 0.79), now).statements.empty());
  CHECK(rule.judge(said("/1/d", "coin", 1), now).statements.empty());  // a person must look
  CHECK(rule.judge(said("/1/e", "photo", 1), now).statements.empty()); // no concept to name
  CHECK(rule.judge(said("/1/f", "other", 1), now).statements.empty());
}

TEST_CASE("of several labels a picture each is stated that reaches its own threshold") {
  auto about = test::judged_model();
  classified one = said("/1/a", "toy", 0.9);
  one.ranked = std::vector<eucv::classify::ranked_label>{{"toy", "http://data.europeana.eu/concept/56", 0.9},
                                                         {"map", "http://data.europeana.eu/concept/43", 0.7},
                                                         {"coin", "http://example.org/coin", 0.7}};
  CHECK(enricher(about, "digest").judge(one, now).statements.size() == 1);
  about.task = &eucv::judge::multi_label;
  const auto made = enricher(about, "digest").judge(one, now);
  REQUIRE(made.statements.size() == 2);
  CHECK(made.statements[0].label == "toy");
  CHECK(made.statements[1].label == "map");
}

TEST_CASE("what the record says already is not repeated, under whichever URI it says it") {
  for (const char* has : {"http://data.europeana.eu/concept/43", "http://data.europeana.eu/concept/base/43",
                          "http://vocab.getty.edu/aat/300028094", "https://vocab.getty.edu/page/aat/300028094"}) {
    enricher rule(test::judged_model(), "digest");
    const auto made = rule.judge(said("/1/a", "map", 0.9, {"http://example.org/other", has}), now);
    CHECK(made.statements.empty());
    REQUIRE(made.known.size() == 1);
    CHECK(made.known[0].label == "map");
    CHECK(rule.judge(said("/1/b", "toy", 0.9, {has}), now).statements.size() == 1);
  }
}

TEST_CASE("nothing is stated twice, by any model, and a model speaks on a record once") {
  enricher first(test::judged_model(), "first");
  CHECK(first.wants(said("/1/a", "map", 1).what));
  const auto made = first.judge(said("/1/a", "map", 0.9), now);
  CHECK_FALSE(first.wants(said("/1/a", "map", 1).what));
  CHECK(first.wants(said("/1/b", "map", 1).what));
  CHECK(first.judge(said("/1/a", "map", 0.9), now).statements.empty());

  enricher again(test::judged_model(), "first"), second(test::judged_model(), "second");
  again.remember(made);
  second.remember(made);
  CHECK_FALSE(again.wants(said("/1/a", "map", 1).what));
  CHECK(second.wants(said("/1/a", "map", 1).what)); // another model may see more
  CHECK(second.judge(said("/1/a", "map", 0.9), now).statements.empty());
  CHECK(second.judge(said("/1/a", "toy", 0.9), now).statements.size() == 1);
}

TEST_CASE("a model without thresholds states nothing unless its user says from when on it is to be believed") {
  auto about = test::judged_model();
  about.decisions = {};
  const auto refused = test::failure_of([&] { enricher(about, "x"); });
  REQUIRE(refused);
  CHECK(refused->code() == eucv::errc::invalid_argument);
  CHECK(refused->text().advice.find("least_probability") != std::string::npos);
  enricher rule(about, "x", {.least_probability = 0.7});
  CHECK(rule.judge(said("/1/a", "coin", 0.7), now).statements.size() == 1);
  CHECK(rule.judge(said("/1/b", "coin", 0.69), now).statements.empty());
}

TEST_CASE("a least probability raises thresholds and lowers none") {
  enricher rule(test::judged_model(), "x", {.least_probability = 0.7});
  CHECK(rule.judge(said("/1/a", "map", 0.65), now).statements.empty());
  CHECK(rule.judge(said("/1/b", "map", 0.7), now).statements.size() == 1);
  CHECK(rule.judge(said("/1/c", "toy", 0.75), now).statements.empty());
  CHECK(rule.judge(said("/1/d", "coin", 1), now).statements.empty());
}

TEST_CASE("a model for several labels a picture states each that may be, one for one label the first alone") {
  auto about = test::judged_model();
  classified one = said("/1/a", "map", 0.9, {"http://vocab.getty.edu/aat/300211037"}); // it is about toys already
  one.ranked = std::vector<eucv::classify::ranked_label>{{"coin", about.labels[2].uri, 0.99},
                                                         {"toy", about.labels[1].uri, 0.95},
                                                         {"map", about.labels[0].uri, 0.9},
                                                         {"photo", "", 0.8}};
  CHECK(enricher(about, "x").judge(one, now).statements.empty());
  about.task = &eucv::judge::multi_label;
  const auto made = enricher(about, "x").judge(one, now);
  REQUIRE(made.statements.size() == 1);
  CHECK(made.statements[0].label == "map");
  REQUIRE(made.known.size() == 1);
  CHECK(made.known[0].label == "toy");
}

TEST_CASE("a rule that can state nothing, or a picture of no record, is refused") {
  using eucv::errc;
  auto about = test::judged_model();
  CHECK(test::code_of([&] { enricher(about, "x", {.least_probability = 1.5}); }) == errc::invalid_argument);
  for (auto& each : about.decisions.categories) each.decision = eucv::judge::verdict::review;
  CHECK(test::code_of([&] { enricher(about, "x"); }) == errc::invalid_argument);
  enricher rule(test::judged_model(), "x");
  CHECK(test::code_of([&] { (void)rule.judge(said("", "map", 1), now); }) == errc::invalid_argument);
}
