#include <eucv/europeana/cursor.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "support/canned_transport.hpp"
#include "support/search_replay.hpp"

using namespace eucv::europeana;

namespace {

const std::string uri = "http://data.europeana.eu/concept/31";

query ceramics() {
  query what;
  what.filter(field("skos_concept", uri)).shuffle(3).rows(100);
  return what;
}

eucv::net::task<std::vector<std::string>> all_ids(cursor<test::canned_transport>& pages, std::size_t limit) {
  std::vector<std::string> ids;
  for (; limit > 0; --limit) {
    const std::optional<page> found = co_await pages.next();
    if (!found) break;
    for (const auto& item : found->items) ids.push_back(item->id);
  }
  co_return ids;
}

std::string page_of(const std::string& id, const std::string& next) {
  return R"({"success":true,"totalResults":9,"items":[{"id":")" + id + R"(","type":"IMAGE"}])" +
         (next.empty() ? "" : ",\"nextCursor\":\"" + next + "\"") + "}";
}

// The ids and the end over pages that follow the marks of a table.
std::pair<std::vector<std::string>, cursor_end> walk(const std::vector<std::pair<std::string, std::string>>& table) {
  test::canned_transport transport([&](const eucv::net::request& question) {
    std::string mark;
    for (const auto& [name, value] : test::decoded_query(question.target.target))
      if (name == "cursor") mark = value;
    for (const auto& [from, to] : table)
      if (from == mark) return test::canned(200, page_of("/1/" + std::string(1, from == "*" ? '0' : from[0]), to));
    return test::canned(200, R"({"success":true,"totalResults":9,"items":[]})");
  });
  client<test::canned_transport> api(transport, eucv::net::secret_string("key-of-tests"));
  cursor<test::canned_transport> pages(api, ceramics());
  auto ids = eucv::net::run(all_ids(pages, 100));
  CHECK(pages.done());
  CHECK_FALSE(eucv::net::run(pages.next()));
  return {std::move(ids), pages.end()};
}

} // namespace

TEST_CASE("every item comes once, over marks with +, / and =") {
  test::search_replay index;
  for (int i = 0; i < 357; ++i) index.items.push_back({"/1/i" + std::to_string(i), {uri}, {}, "http://x/"});
  REQUIRE(test::search_replay::mark(100).find_first_of("+") != std::string::npos);
  REQUIRE(test::search_replay::mark(100).find_first_of("/") != std::string::npos);
  REQUIRE(test::search_replay::mark(10).find_first_of("=") != std::string::npos);
  test::canned_transport transport(std::ref(index));
  client<test::canned_transport> api(transport, eucv::net::secret_string(index.key));
  cursor<test::canned_transport> pages(api, ceramics());
  const auto ids = eucv::net::run(all_ids(pages, 1000));
  CHECK(ids.size() == 357);
  CHECK(std::set(ids.begin(), ids.end()).size() == 357);
  CHECK(index.requests == 5); // four pages, and the empty one that ends the list
  CHECK(pages.end() == cursor_end::empty_page);

  // A second cursor with the mark of the first goes on where that one was.
  cursor<test::canned_transport> first(api, ceramics());
  auto resumed = eucv::net::run(all_ids(first, 2));
  cursor<test::canned_transport> second(api, ceramics(), first.mark());
  for (auto& id : eucv::net::run(all_ids(second, 1000))) resumed.push_back(std::move(id));
  CHECK(resumed == ids);
}

TEST_CASE("a list ends without a mark, with an empty page, with the same mark, and in a loop") {
  using ids = std::vector<std::string>;
  CHECK(walk({{"*", "A"}, {"A", ""}}) == std::pair(ids{"/1/0", "/1/A"}, cursor_end::no_mark));
  CHECK(walk({{"*", "A"}, {"A", "B"}}) == std::pair(ids{"/1/0", "/1/A"}, cursor_end::empty_page));
  CHECK(walk({{"*", "A"}, {"A", "A"}}) == std::pair(ids{"/1/0", "/1/A"}, cursor_end::repeated_mark));
  CHECK(walk({{"*", "A"}, {"A", "B"}, {"B", "A"}}) == std::pair(ids{"/1/0", "/1/A", "/1/B"}, cursor_end::loop));
  CHECK(walk({{"*", "*"}}) == std::pair(ids{"/1/0"}, cursor_end::repeated_mark));
  CHECK(walk({}) == std::pair(ids{}, cursor_end::empty_page));
}

TEST_CASE("a page that failed is asked for again by the next call") {
  test::search_replay index;
  for (int i = 0; i < 150; ++i) index.items.push_back({"/1/i" + std::to_string(i), {uri}, {}, "http://x/"});
  index.fault = [](std::size_t request) {
    return request == 2 ? std::optional(test::search_replay::refusal(400, "400-SA", "no")) : std::nullopt;
  };
  test::canned_transport transport(std::ref(index));
  client<test::canned_transport> api(transport, eucv::net::secret_string(index.key));
  cursor<test::canned_transport> pages(api, ceramics());
  CHECK(eucv::net::run(pages.next())->items.size() == 100);
  CHECK_THROWS_AS((void)eucv::net::run(pages.next()), eucv::error);
  CHECK(eucv::net::run(pages.next())->items.size() == 50);
}
