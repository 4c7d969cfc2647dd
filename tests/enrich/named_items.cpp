#include <eucv/enrich/named_items.hpp>

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

using api_type = europeana::client<test::canned_transport>;

net::task<void> take_named(item_channel& items, std::vector<item>& taken) {
  while (auto next = co_await items.next()) taken.push_back(std::move(*next));
}
net::task<void> side_by_side(net::task<void> one, net::task<void> other) {
  std::vector<net::task<void>> tasks;
  tasks.push_back(std::move(one));
  tasks.push_back(std::move(other));
  co_await net::when_all(std::move(tasks));
}

// Records whose names begin with 'm' are missing; the others have a picture.
net::response record_reply(const net::request& question) {
  const std::string& target = question.target.target;
  const std::string id = target.substr(10, target.size() - 15); // between "/record/v2" and ".json"
  if (id.find("/m") != std::string::npos) return test::canned(404, R"({"success":false,"error":"Invalid record"})");
  return test::canned(200, R"({"object":{"about":")" + id + R"(","type":"IMAGE","aggregations":[{"edmIsShownBy":)" +
                               "\"http://museum.example" + id + R"(.jpg"}]}})");
}

struct named {
  std::vector<item> items;
  std::size_t requests = 0, most_open = 0;
  bool asked = false;
};
named items_of_names(const std::vector<std::string>& all, std::size_t capacity,
                     test::canned_transport::function reply = record_reply) {
  test::canned_transport transport(std::move(reply));
  api_type api(transport, net::secret_string("key-of-tests"));
  named result;
  std::size_t next = 0;
  const name_source names = [&]() -> std::optional<std::string> {
    return next == all.size() ? std::nullopt : std::optional(all[next++]);
  };
  const std::function<api_type&()> service = [&]() -> api_type& { return result.asked = true, api; };
  item_channel items(capacity);
  net::run(side_by_side(named_items(names, service, items), take_named(items, result.items)));
  result.requests = transport.requests.size();
  result.most_open = transport.most_open;
  return result;
}

} // namespace

TEST_CASE("names become items in their order, however the records come in") {
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i)
    names.push_back(i % 3 == 0   ? "/1/record_" + std::to_string(i)
                    : i % 3 == 1 ? "http://museum.example/" + std::to_string(i) + ".jpg"
                                 : "folder/" + std::to_string(i) + ".jpg");
  for (const std::size_t capacity : {1U, 3U, 64U}) {
    const auto got = items_of_names(names, capacity);
    REQUIRE(got.items.size() == 100);
    for (std::size_t i = 0; i < 100; ++i) {
      const item& one = got.items[i];
      if (i % 3 == 0) CHECK((one.id == names[i] && one.address == "http://museum.example" + names[i] + ".jpg"));
      if (i % 3 == 1) CHECK((one.id.empty() && one.address == names[i]));
      if (i % 3 == 2) CHECK((one.address.empty() && one.file == names[i]));
    }
    CHECK(got.requests == 34);
    CHECK(got.most_open <= 8);
  }
}

TEST_CASE("a record that there is not is an item with a fault, and the others go on") {
  const auto got = items_of_names({"/1/missing", "/1/there"}, 8);
  REQUIRE(got.items.size() == 2);
  CHECK(got.items[0].fault.value().status() == 404);
  CHECK(got.items[0].id == "/1/missing");
  CHECK_FALSE(got.items[1].fault);
}

TEST_CASE("no key is needed where no record is named, and a refused one costs one request") {
  CHECK_FALSE(items_of_names({"a.jpg", "http://museum.example/a.jpg"}, 8).asked);
  CHECK(items_of_names({}, 8).items.empty());
  std::size_t requests = 0;
  const auto refuse = [&](const net::request&) {
    ++requests;
    return test::canned(401, R"({"success":false,"error":"API key is invalid","code":"401_key_invalid"})");
  };
  const std::vector<std::string> names(20, "/1/there");
  CHECK(test::code_of([&] { (void)items_of_names(names, 8, refuse); }) == eucv::errc::invalid_api_key);
  CHECK(requests == 1);
}
