#include <eucv/europeana/harvest_plan.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "support/code_of.hpp"
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

TEST_CASE("a plan that cannot be harvested is refused by its fault") {
  const auto fault_of_plan = [](const auto& change) -> std::string {
    harvest_plan plan;
    plan.table = "a.csv";
    plan.subjects = {{"map", "http://data.europeana.eu/concept/43", ""}};
    change(plan);
    const auto failure = test::failure_of([&] { detail::check_plan(plan); });
    return failure ? failure->what() : "";
  };
  CHECK(fault_of_plan([](harvest_plan&) {}).empty());
  CHECK(fault_of_plan([](harvest_plan& plan) { plan.table = "folder/"; }).find("no name") != std::string::npos);
  CHECK(fault_of_plan([](harvest_plan& plan) { plan.subjects.clear(); }).find("no subject") != std::string::npos);
  CHECK(fault_of_plan([](harvest_plan& plan) { plan.per_class = 0; }).find("it is 0") != std::string::npos);
  CHECK(fault_of_plan([](harvest_plan& plan) { plan.subjects.push_back(plan.subjects[0]); }).find("twice") !=
        std::string::npos);
  const auto with_blank = [](harvest_plan& plan) { plan.subjects[0].label = "old map"; };
  CHECK(fault_of_plan(with_blank).empty());
  CHECK(fault_of_plan([&](harvest_plan& plan) {
          with_blank(plan);
          plan.mode = harvest_mode::multi_label;
        }).find("blank") != std::string::npos);
}

TEST_CASE("the first difference of two plans is named") {
  harvest_plan plan;
  plan.subjects = {{"map", "http://data.europeana.eu/concept/43", ""}};
  harvest_plan other = plan;
  other.seed = 2;
  const auto differ = [&] {
    return detail::first_difference(detail::plan_text(plan, "http://e/"), detail::plan_text(other, "http://e/"));
  };
  CHECK(differ() == std::pair<std::string, std::string>{"\"seed\":1", "\"seed\":2"});
  other.seed = 1;
  other.subjects[0].label = "chart";
  CHECK(differ().first == "another vocabulary");
}
