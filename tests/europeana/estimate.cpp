#include <eucv/europeana/estimate.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <string>

#include "support/canned_transport.hpp"
#include "support/code_of.hpp"
#include "support/search_replay.hpp"

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

TEST_CASE("totals by subject and rights, without rows") {
  test::search_replay index;
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
  CHECK(index.requests == 4);
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
