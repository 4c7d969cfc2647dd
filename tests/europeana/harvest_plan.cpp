#include <eucv/europeana/harvest_plan.hpp>

#include <doctest/doctest.h>

#include <string>

#include "support/search_replay.hpp"

using namespace eucv::europeana;

TEST_CASE("the search for a subject") {
  harvest_plan plan;
  plan.text = "vase OR cup";
  plan.seed = 5;
  plan.reuse = {reusability::open, reusability::restricted};
  // The pilot's address of 2021 becomes today's.
  const auto what = subject_query(plan, {"ceramics", "http://data.europeana.eu/concept/base/31", ""});
  using pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(test::decoded_query(what.target("/s", "*")) ==
        pairs{{"query", "vase OR cup"},
              {"qf", "skos_concept:\"http://data.europeana.eu/concept/31\""},
              {"qf", "TYPE:IMAGE"},
              {"qf", "provider_aggregation_edm_isShownBy:*"},
              {"reusability", "open,restricted"},
              {"media", "true"},
              {"sort", "random_5 asc,europeana_id asc"},
              {"profile", "standard"},
              {"rows", "100"},
              {"cursor", "*"}});
  plan.text.clear();
  CHECK(test::decoded_query(subject_query(plan, {"toy", "http://x/", ""}).target("/s", "*")).front().second == "*:*");
}

TEST_CASE("the search for images of a subject that have others besides") {
  const harvest_plan plan;
  const eucv::dataset::vocabulary others{{"map", "http://data.europeana.eu/concept/43", ""},
                                         {"toy", "http://data.europeana.eu/concept/base/56", ""}};
  const auto what = several_query(plan, {"ceramics", "http://data.europeana.eu/concept/31", ""}, others);
  CHECK(test::decoded_query(what.target("/s", "*"))[1].second ==
        "(skos_concept:\"http://data.europeana.eu/concept/31\" AND "
        "(skos_concept:\"http://data.europeana.eu/concept/43\" OR "
        "skos_concept:\"http://data.europeana.eu/concept/56\"))");
  const auto one = several_query(plan, others[1], {others[0]});
  CHECK(test::decoded_query(one.target("/s", "*"))[1].second ==
        "(skos_concept:\"http://data.europeana.eu/concept/56\" AND "
        "skos_concept:\"http://data.europeana.eu/concept/43\")");
}
