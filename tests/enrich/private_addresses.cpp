// Whatever a reply of the service holds: nothing that is made of it connects to an address that is not public.
#include <eucv/dataset/table.hpp>
#include <eucv/download/fetch.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/harvest.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "support/code_of.hpp"
#include "support/fetch.hpp"
#include "support/loopback_server.hpp"
#include "support/private_urls.hpp"
#include "support/search_replay.hpp"
#include "support/temporary_folder.hpp"

using eucv::errc;

namespace {

// The service stands at 127.0.0.2, which is allowed as if it were public; every other name leads to the trap.
std::unique_ptr<eucv::net::client> client_of_service() {
  const auto public_one = boost::asio::ip::make_address("127.0.0.2");
  auto rules = test::local_options();
  rules.addresses = eucv::net::address_rule::only_public;
  rules.own_addresses = [public_one](const auto& found) { return found == public_one; };
  return std::make_unique<eucv::net::client>(
      rules, std::make_shared<eucv::net::resolver>(eucv::net::resolver_options{.keep = std::chrono::milliseconds(0)},
                                                   [public_one](const std::string& host) -> eucv::net::address_list {
                                                     if (host == "api.example") return {public_one};
                                                     return test::hostile_lookup(host);
                                                   }));
}

test::reply answer_of(test::search_replay& index, const test::received& asked) {
  eucv::net::request question;
  question.target.target = asked.target;
  question.headers = asked.headers;
  return test::reply::text(index(question).body);
}

} // namespace

TEST_CASE("no form of a private address is connected to: by the addresses of a reply, harvested and downloaded") {
  const test::trap_listener trap;
  const std::string subject = "http://data.europeana.eu/concept/43";
  test::search_replay index;
  for (const auto& form : test::private_urls(trap.port())) {
    test::replayed_item item;
    item.id = "/1/item_" + std::to_string(index.items.size());
    item.concepts = {subject};
    item.image = form;
    index.items.push_back(item);
  }
  const std::size_t forms = index.items.size();
  REQUIRE(forms >= 100);
  test::loopback_server server([&](const test::received& asked) { return answer_of(index, asked); },
                               {.address = "127.0.0.2"});
  const test::temporary_folder folder;
  eucv::europeana::harvest_plan plan;
  plan.subjects = {{"map", subject, {}}};
  plan.table = folder / "all.csv";
  const auto web = client_of_service();
  eucv::europeana::client api(*web, eucv::net::secret_string(index.key));
  api.at(eucv::europeana::search_endpoint(server.url("/", "api.example").origin()));
  const auto report = eucv::net::run(eucv::europeana::harvest(api, plan));
  REQUIRE(report.subjects.size() == 1);
  const auto& state = report.subjects[0].state;
  CHECK(report.rows() >= 60); // those that are no http address at all end here
  CHECK(report.rows() + state.without_image + state.malformed == forms);

  eucv::download::fetch_job job;
  job.table = eucv::dataset::read_table(plan.table);
  job.folder = folder / "images";
  const auto done = eucv::net::run(eucv::download::fetch(*web, job));
  CHECK(done.failed == report.rows());
  CHECK(done.reasons.at("private_address") + done.reasons.at("bad_url") == report.rows());
  CHECK(trap.connections() == 0);
}

TEST_CASE("no form of a private address is connected to: by a reply that sends the next request there") {
  const test::trap_listener trap;
  test::search_replay index;
  std::string location;
  test::loopback_server server(
      [&](const test::received& asked) {
        return asked.target.find("cursor=*") != std::string::npos ||
                       asked.target.find("cursor=%2A") != std::string::npos
                   ? answer_of(index, asked)
                   : test::reply::redirect(location);
      },
      {.address = "127.0.0.2"});
  const std::string subject = "http://data.europeana.eu/concept/43";
  for (int i = 0; i < 150; ++i) { // two pages
    test::replayed_item item;
    item.id = "/1/item_" + std::to_string(i);
    item.concepts = {subject};
    item.image = "http://images.example/1.jpg";
    index.items.push_back(item);
  }
  eucv::europeana::harvest_plan plan;
  plan.subjects = {{"map", subject, {}}};
  const auto what = eucv::europeana::subject_query(plan, plan.subjects[0]);
  const auto web = client_of_service();
  eucv::europeana::client api(*web, eucv::net::secret_string(index.key));
  api.at(eucv::europeana::search_endpoint(server.url("/", "api.example").origin()));
  // A reply that is none is asked for again; nobody needs to wait for that here.
  api.with_time({.wait = [](std::chrono::milliseconds, const eucv::error&) {
    return eucv::net::wait(std::chrono::milliseconds(0));
  }});
  const auto first = eucv::net::run(api.search(what, "*"));
  REQUIRE_FALSE(first.next.empty());
  for (const auto& form : test::private_urls(trap.port())) {
    CAPTURE(form);
    location = form;
    const auto code = test::code_of([&] { (void)eucv::net::run(api.search(what, first.next)); });
    // What is no absolute address is one below the service's own: a loop there.
    CHECK_MESSAGE((code == errc::private_address || code == errc::bad_redirect || code == errc::bad_response ||
                   code == errc::too_many_redirects),
                  to_string(code));
    // The mark of the next page is no address, whatever it looks like.
    const auto by_mark = test::code_of([&] { (void)eucv::net::run(api.search(what, form)); });
    CHECK(by_mark != errc::timeout);
  }
  CHECK(trap.connections() == 0);
}
