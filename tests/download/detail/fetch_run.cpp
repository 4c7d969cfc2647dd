#include <eucv/download/detail/fetch_run.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "support/canned_transport.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv::download;
namespace crawl = eucv::crawl;

namespace {

using clock_type = std::chrono::steady_clock;

// A run of two items of one host.
struct by_hand {
  test::temporary_folder folder;
  fetch_options options;
  std::vector<item> items{{"map", "1", "http://a.example/1", ""}, {"map", "2", "http://a.example/2", ""}};
  journal log{folder / "images", "original"};
  detail::picture_writer writer{folder.path(), 1};
  crawl::host_queue queue{options.politeness};
  crawl::dispatcher dispatch{queue};
  eucv::net::semaphore memory{1000};
  eucv::net::semaphore busy{2};
  test::canned_transport transport{[](const auto&) { return test::canned(200, ""); }};
  detail::fetch_run<test::canned_transport> run{
      options,
      items,
      log,
      writer,
      queue,
      dispatch,
      crawl::polite_fetcher<test::canned_transport>(transport, queue, dispatch, {}, eucv::random(1)),
      memory,
      busy,
      {}};

  by_hand() {
    queue.add("a.example", 0);
    queue.add("a.example", 1);
  }
  crawl::host_queue::ticket take() { return queue.take(clock_type::now() + std::chrono::hours(1)).value(); }
};

} // namespace

TEST_CASE("the end of an item is written, counted at the host that had the last word, and shown") {
  by_hand here;
  std::string note;
  here.run.sink = [&](const eucv::progress& at) { note = std::to_string(at.done) + ": " + std::string(at.note); };
  outcome row;
  row.id = "1";
  row.category = "map";
  row.reason = "http_404";
  const auto taken = here.take();
  here.run.finish(taken, row);
  REQUIRE(here.run.done.hosts.size() == 1);
  CHECK(here.run.done.hosts[0].name == "a.example");
  CHECK(here.run.done.hosts[0].failed == 1);
  CHECK(note == "1: 1 failed");
  CHECK(here.log.open_items(here.items, failures::keep) == std::vector<std::size_t>{1});
}
