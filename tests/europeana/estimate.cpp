#include <eucv/europeana/estimate.hpp>
#include <eucv/europeana/harvest.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <string>

#include "support/canned_transport.hpp"
#include "support/code_of.hpp"
#include "support/search_replay.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::europeana;

namespace {

harvest_plan plan_of_two() {
  harvest_plan plan;
  plan.subjects = {{"toy", "http://data.europeana.eu/concept/56", ""},
                   {"map", "http://data.europeana.eu/concept/43", ""}};
  plan.reuse = {reusability::open, reusability::permission};
  return plan;
}

} // namespace

TEST_CASE("totals by subject and rights, without rows, in one request a subject or, without facets, one more a word") {
  test::search_replay index;
  index.gives_facets = true;
  SUBCASE("with facets") {}
  SUBCASE("without facets") {
    index.gives_facets = false;
  }
  const std::string in_copyright = "http://rightsstatements.org/vocab/InC/1.0/";
  const auto plan = plan_of_two();
  for (int i = 0; i < 250; ++i)
    index.items.push_back({"/1/i" + std::to_string(i),
                           {plan.subjects[i % 2 == 0 ? 0 : 1].uri},
                           i % 10 < 2 ? in_copyright : "http://creativecommons.org/licenses/by/4.0/",
                           "http://x/"});
  test::canned_transport transport(std::ref(index));
  client<test::canned_transport> api(transport, eucv::net::secret_string(index.key));
  const auto found = eucv::net::run(estimate(api, plan));
  REQUIRE(found.size() == 2);
  CHECK(found[0].label == "toy");
  CHECK(found[0].totals == std::array<std::uint64_t, 4>{100, 0, 25, 0});
  CHECK(found[1].totals == std::array<std::uint64_t, 4>{100, 0, 25, 0});
  CHECK(found[0].total == 125);
  CHECK(index.requests == (index.gives_facets ? 2 : 6));
  if (index.gives_facets) {
    REQUIRE(found[1].statements.size() == 2);
    CHECK(found[1].statements[1].label == in_copyright);
    CHECK(found[1].statements[1].count == 25);
  }
  for (const auto& question : transport.requests) {
    CHECK(question.target.target.find("rows=0") != std::string::npos);
    CHECK(question.target.target.find("cursor") == std::string::npos);
  }
}

TEST_CASE("a wrong key costs one request") {
  test::search_replay index;
  test::canned_transport transport(std::ref(index));
  client<test::canned_transport> api(transport, eucv::net::secret_string("another-key"));
  const auto plan = plan_of_two();
  CHECK(test::code_of([&] { (void)eucv::net::run(estimate(api, plan)); }) == eucv::errc::invalid_api_key);
  CHECK(index.requests == 1);
}

TEST_CASE("the requests foretold are those that the harvest takes") {
  const test::temporary_folder folder;
  test::search_replay index;
  for (int i = 0; i < 1234; ++i) {
    const std::string number = std::to_string(i % 3 == 0 ? 56 : 43);
    index.items.push_back({"/1/i" + std::to_string(i),
                           {"http://data.europeana.eu/concept/" + number},
                           "http://creativecommons.org/licenses/by/4.0/",
                           "http://x/"});
  }
  for (const std::size_t per_class : {50, 100, 250, 412, 2000})
    for (const auto mode : {harvest_mode::single_label, harvest_mode::multi_label}) {
      CAPTURE(per_class);
      auto plan = plan_of_two();
      plan.reuse = {reusability::open};
      plan.per_class = per_class;
      plan.mode = mode;
      plan.table = folder / (std::to_string(per_class) + std::string(to_string(mode)) + ".csv");
      test::canned_transport transport(std::ref(index));
      client<test::canned_transport> api(transport, eucv::net::secret_string(index.key));
      const auto found = eucv::net::run(estimate(api, plan));
      const auto foretold = requests_of(found, plan);
      const auto report = eucv::net::run(harvest(api, plan));
      // No item has two labels here, so the search for them ends with its first page.
      const bool asked = mode == harvest_mode::multi_label && per_class < 411;
      CHECK(report.requests == foretold - (asked ? 1 : 0));
    }
}
