// Whatever a table holds: no row of it makes a download connect to an address that is not public.
#include <eucv/dataset/table.hpp>
#include <eucv/download/fetch.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>

#include "support/fetch.hpp"
#include "support/private_urls.hpp"
#include "support/temporary_folder.hpp"

TEST_CASE("no form of a private address is connected to: by a table") {
  const test::trap_listener trap;
  const test::temporary_folder folder;
  eucv::download::fetch_job job;
  job.folder = folder.path();
  job.table.columns = {"category", "ID", "URL"};
  for (const auto& form : test::private_urls(trap.port()))
    job.table.rows.push_back({"picture", std::to_string(job.table.rows.size()), form});
  const std::size_t forms = job.table.rows.size();
  REQUIRE(forms >= 100);
  // A table that was written and read again, as the program meets it.
  eucv::dataset::write_table(folder / "table.csv", job.table);
  job.table = eucv::dataset::read_table(folder / "table.csv");
  REQUIRE(job.table.rows.size() == forms);

  auto rules = test::local_options();
  rules.addresses = eucv::net::address_rule::only_public;
  const eucv::net::resolver_options names{.keep = std::chrono::milliseconds(0)};
  for (const auto robots : {eucv::crawl::robots_rule::honour, eucv::crawl::robots_rule::ignore}) {
    eucv::net::client web(rules, std::make_shared<eucv::net::resolver>(names, test::hostile_lookup));
    job.options.robots = robots;
    job.options.failed = eucv::download::failures::retry;
    const auto done = eucv::net::run(eucv::download::fetch(web, job));
    CHECK(done.items == forms);
    CHECK(done.fetched == forms);
    CHECK(done.failed == forms);
    CHECK(done.reasons.size() == 2);
    CHECK(done.reasons.at("private_address") + done.reasons.at("bad_url") == forms);
    CHECK(trap.connections() == 0);
  }
}
