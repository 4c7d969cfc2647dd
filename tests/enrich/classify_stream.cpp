#include <eucv/enrich/classify_stream.hpp>

#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/image/decode.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/canned_transport.hpp"
#include "support/code_of.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_model.hpp"
#include "support/tiny_picture.hpp"

using namespace eucv::enrich;
namespace net = eucv::net;

namespace {

// /picture/N is an image, /status/N that status, /page/N a page; there is no robots.txt.
net::response picture_host(const net::request& question) {
  const std::string& target = question.target.target;
  const auto number = static_cast<unsigned>(std::stoul("0" + target.substr(target.rfind('/') + 1)));
  if (target.starts_with("/picture/")) return test::canned(200, test::tiny_jpeg(number), "image/jpeg");
  if (target.starts_with("/status/")) return test::canned(static_cast<int>(number), "no");
  return test::canned(target == "/robots.txt" ? 404 : 200, "<html>gone</html>", "text/html");
}

item web_item(const std::string& path, std::size_t number) {
  item one;
  one.address = one.name = "http://host" + std::to_string(number % 5) + ".example" + path;
  return one;
}

// How far the feed and the sink of a stream are.
struct progress_of {
  std::size_t fed = 0, sunk = 0, most_between = 0;
};
net::task<void> feed_items(item_channel& to, std::vector<item> all, progress_of* far) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    co_await to.room(i);
    to.put(i, std::move(all[i]));
    ++far->fed;
    far->most_between = std::max(far->most_between, far->fed - far->sunk);
  }
  to.close(all.size());
}
net::task<void> failing_feed(item_channel& to) {
  co_await to.room(0);
  to.put(0, web_item("/picture/1", 0));
  throw eucv::error(eucv::errc::invalid_api_key, {"search", "x", "no", "y"});
}

struct streamed {
  std::vector<classified> rows;
  progress_of far;
  std::size_t requests = 0, most_open = 0;
};
streamed stream(std::vector<item> items, const stream_options& options, item_filter wanted = {}) {
  auto model = eucv::classify::classifier::load(test::tiny_model(), {.threads = 1});
  test::canned_transport transport(picture_host);
  streamed result;
  const item_feed feed = [&](item_channel& to) { return feed_items(to, items, &result.far); };
  classified_sink sink = [&](classified one) {
    ++result.far.sunk;
    result.rows.push_back(std::move(one));
  };
  net::run(classify_stream(transport, model, feed, std::move(sink), std::move(wanted), options));
  result.requests = transport.requests.size();
  result.most_open = transport.most_open;
  return result;
}

stream_options small_stream() {
  stream_options options;
  options.threads = 2;
  options.window = 16;
  options.jobs = 8;
  options.batch = 4;
  return options;
}

} // namespace

TEST_CASE("pictures of the web and of the disk come classified, in order, failures in their places") {
  const test::temporary_folder folder;
  eucv::write_file_atomically(folder / "a.jpg", test::tiny_jpeg(200));
  std::vector<item> items;
  for (std::size_t i = 0; i < 60; ++i) {
    const std::string number = std::to_string(i);
    items.push_back(web_item(i % 10 == 3 ? "/status/404" : i % 10 == 7 ? "/page/" + number : "/picture/" + number, i));
  }
  items[20] = {.name = "a file", .file = folder / "a.jpg"};
  items[21] = {.name = "no file", .file = folder / "b.jpg"};
  items[22] = web_item("/picture/1", 1);
  items[22].fault.emplace(eucv::errc::bad_record, eucv::error_text{"search", "", "bad", ""});
  items[24] = {.name = "no address", .address = "http://"};

  const auto got = stream(items, small_stream());
  REQUIRE(got.rows.size() == 60);
  auto model = eucv::classify::classifier::load(test::tiny_model());
  for (std::size_t i = 0; i < 60; ++i) {
    CAPTURE(i);
    const auto& row = got.rows[i];
    CHECK(row.what.name == items[i].name);
    const std::string reason = i == 21       ? "not_found"
                               : i == 22     ? "bad_record"
                               : i == 24     ? "bad_url"
                               : i % 10 == 3 ? "http_404"
                               : i % 10 == 7 ? "not_an_image"
                                             : "";
    if (!reason.empty()) {
      REQUIRE_FALSE(row.ranked);
      CHECK(row.ranked.error().reason() == reason);
      CHECK(std::string(row.ranked.error().what())
                .find(i == 22   ? "bad"
                      : i == 24 ? "http://"
                                : items[i].name) != std::string::npos);
      CHECK(row.sha256.empty());
      continue;
    }
    REQUIRE(row.ranked);
    const std::string bytes = test::tiny_jpeg(i == 20 ? 200 : static_cast<unsigned>(i));
    CHECK(row.sha256 == eucv::sha256_text(bytes));
    const auto alone = model.predict(*eucv::image::decode(bytes));
    REQUIRE(row.ranked->size() == alone.size());
    CHECK(row.ranked->front().label == alone.front().label);
    for (std::size_t k = 0; k < alone.size(); ++k)
      CHECK((*row.ranked)[k].probability == doctest::Approx(alone[k].probability).epsilon(1e-3));
  }
  CHECK(got.requests == 5 + 60 - 4); // each host's robots.txt, and each picture of the web once
}

TEST_CASE("the same items give the same bits, whatever the order of replies and the number of requests at a time") {
  std::vector<item> items;
  for (std::size_t i = 0; i < 50; ++i)
    items.push_back(web_item((i % 7 == 2 ? "/status/" : "/picture/") + std::to_string(i % 7 == 2 ? 404 : i), i));
  auto options = small_stream();
  const auto many = stream(items, options);
  options.jobs = 1;
  options.window = 5;
  const auto one = stream(items, options);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!many.rows[i].ranked) continue;
    for (std::size_t k = 0; k < 3; ++k)
      CHECK((*many.rows[i].ranked)[k].probability == (*one.rows[i].ranked)[k].probability);
  }
}

TEST_CASE("what lies between the feed and the sink does not grow with the number of items") {
  for (const std::size_t count : {100U, 400U}) {
    std::vector<item> items;
    for (std::size_t i = 0; i < count; ++i) items.push_back(web_item("/picture/" + std::to_string(i % 9), i));
    const auto got = stream(std::move(items), small_stream());
    CHECK(got.rows.size() == count);
    // 4 from the feed, one in hand, 16 to the classifier, and a batch there; items without end that fail: 8 batches.
    CHECK(got.far.most_between <= 4 + 1 + 16 + 4 + 1);
    CHECK(got.most_open <= 8);
  }
}

TEST_CASE("nothing is fetched for an item that is not wanted, and no stream is no trouble") {
  std::vector<item> items;
  for (std::size_t i = 0; i < 20; ++i) items.push_back(web_item("/picture/" + std::to_string(i), 0));
  const auto got = stream(items, small_stream(), [](const item& one) { return one.name.ends_with("7"); });
  CHECK(got.rows.size() == 2);
  CHECK(got.requests == 3);
  CHECK(stream({}, small_stream()).rows.empty());
}

TEST_CASE("a feed or a sink that fails ends the stream with its error") {
  auto model = eucv::classify::classifier::load(test::tiny_model(), {.threads = 1});
  test::canned_transport transport(picture_host);
  const item_feed bad = [](item_channel& to) { return failing_feed(to); };
  CHECK(test::code_of([&] { net::run(classify_stream(transport, model, bad, [](classified) {})); }) ==
        eucv::errc::invalid_api_key);

  progress_of far;
  std::vector<item> items;
  for (std::size_t i = 0; i < 40; ++i) items.push_back(web_item("/picture/" + std::to_string(i), i));
  const item_feed good = [&](item_channel& to) { return feed_items(to, items, &far); };
  std::size_t kept = 0;
  classified_sink full = [&](const classified&) {
    if (++kept == 10) throw eucv::error(eucv::errc::disk_full, {"write", "x", "no space", "y"});
  };
  CHECK(test::code_of([&] { net::run(classify_stream(transport, model, good, full, {}, small_stream())); }) ==
        eucv::errc::disk_full);
  CHECK(kept == 10);
}
