#include <eucv/enrich/search_items.hpp>

#include <eucv/net/run.hpp>
#include <eucv/net/when_all.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "support/canned_transport.hpp"
#include "support/code_of.hpp"

using namespace eucv::enrich;
namespace europeana = eucv::europeana;
namespace net = eucv::net;

namespace {

constexpr const char* open_rights = "http://creativecommons.org/licenses/by/4.0/";

std::string item_json(const std::string& id, const std::string& image, const std::string& rights = open_rights) {
  return R"({"id":")" + id + R"(","type":"IMAGE","rights":[")" + rights + R"("],)" +
         (image.empty() ? "" : R"("edmIsShownBy":[")" + image + R"("],)") +
         R"("edmConcept":["http://data.europeana.eu/concept/43"]})";
}
std::string page_json(const std::vector<std::string>& items, const std::string& next, int total = 9) {
  std::string text;
  for (const auto& each : items) text += (text.empty() ? "" : ",") + each;
  return R"({"success":true,"totalResults":)" + std::to_string(total) + R"(,"items":[)" + text + "]" +
         (next.empty() ? "" : R"(,"nextCursor":")" + next + "\"") + "}";
}

net::task<void> take_all(item_channel& items, std::vector<item>& taken) {
  while (auto next = co_await items.next()) taken.push_back(std::move(*next));
}
net::task<void> both(net::task<void> one, net::task<void> other) {
  std::vector<net::task<void>> tasks;
  tasks.push_back(std::move(one));
  tasks.push_back(std::move(other));
  co_await net::when_all(std::move(tasks));
}

// The items of a search whose pages are those, in order.
std::vector<item> found(const std::vector<std::string>& pages, const search_limits& limits, std::size_t* asked = {}) {
  std::size_t next = 0;
  test::canned_transport transport([&](const net::request&) { return test::canned(200, pages.at(next++)); });
  europeana::client<test::canned_transport> api(transport, net::secret_string("key-of-tests"));
  item_channel items(2);
  std::vector<item> taken;
  net::run(both(search_items(api, picture_query("what:ever", limits), limits, items), take_all(items, taken)));
  if (asked != nullptr) *asked = transport.requests.size();
  return taken;
}

} // namespace

TEST_CASE("a search asks for pictures of the wanted rights in an order that stays") {
  const std::string target = picture_query("cat", {}).target("/s", "*");
  for (const char* part : {"query=cat", "qf=TYPE%3AIMAGE", "qf=provider_aggregation_edm_isShownBy%3A%2A", "media=true",
                           "reusability=open", "sort=europeana_id%20asc", "rows=100"}) {
    CAPTURE(target);
    CAPTURE(part);
    CHECK(target.find(part) != std::string::npos);
  }
  CHECK(picture_query("cat", {.most = 7}).target("/s", "*").find("rows=7") != std::string::npos);
}

TEST_CASE("items of all pages come in order, each record once, those that serve not with what is wrong") {
  const auto items = found(
      {page_json({item_json("/1/a", "http://m.example/a.jpg"), item_json("/1/b", "")}, "x"),
       page_json({item_json("/1/a", "http://m.example/a.jpg"), item_json("/1/c", "http://m.example/c.jpg", "http://x/"),
                  "{\"id\":7}", item_json("/1/d", "http://m.example/d.jpg")},
                 "")},
      {});
  REQUIRE(items.size() == 5);
  CHECK(items[0].id == "/1/a");
  CHECK(items[0].address == "http://m.example/a.jpg");
  CHECK(items[0].concepts == std::vector<std::string>{"http://data.europeana.eu/concept/43"});
  CHECK_FALSE(items[0].fault);
  CHECK(items[1].fault.value().code() == eucv::errc::not_found);  // no picture
  CHECK(items[2].fault.value().code() == eucv::errc::bad_record); // other rights
  CHECK(items[3].fault.value().code() == eucv::errc::bad_record); // no record at all
  CHECK(items[4].id == "/1/d");
}

TEST_CASE("a limit ends the search, and asks for no page beyond it") {
  std::size_t asked = 0;
  const std::string page =
      page_json({item_json("/1/a", "http://m.example/a.jpg"), item_json("/1/b", "http://m.example/b.jpg")}, "x");
  CHECK(found({page}, {.most = 2}, &asked).size() == 2);
  CHECK(asked == 1);
  CHECK(found({page}, {.most = 1}, &asked).size() == 1);
}

TEST_CASE("a search that goes in circles under new marks ends") {
  std::vector<std::string> pages;
  for (int i = 0; i < 600; ++i)
    pages.push_back(
        page_json({item_json("/1/a", "http://m.example/a.jpg"), item_json("/1/b", "")}, "mark" + std::to_string(i), 2));
  CHECK(test::code_of([&] { (void)found(pages, {}); }) == eucv::errc::bad_cursor);
}
