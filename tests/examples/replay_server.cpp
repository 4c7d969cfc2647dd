#include "replay_server.hpp"

#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/net/url.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace http = boost::beast::http;

// A client so plain that it shares nothing with eucv's: one connection, one request after the other.
class raw_client {
public:
  explicit raw_client(const replay::server& server) : socket_(context_) {
    const std::string port = server.origin().substr(server.origin().rfind(':') + 1);
    socket_.connect({boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::stoi(port))});
  }
  http::response<http::string_body> post(const std::string& target, const std::string& body) {
    http::request<http::string_body> request(http::verb::post, target, 11);
    request.set(http::field::host, "127.0.0.1");
    request.set("X-Api-Key", "replay");
    request.body() = body;
    request.prepare_payload();
    http::write(socket_, request);
    http::response<http::string_body> reply;
    http::read(socket_, buffer_, reply);
    return reply;
  }
  http::response<http::string_body> get(const std::string& target, const std::string& key = "replay",
                                        http::verb verb = http::verb::get) {
    http::request<http::empty_body> request(verb, target, 11);
    request.set(http::field::host, "127.0.0.1");
    if (!key.empty()) request.set("X-Api-Key", key);
    http::write(socket_, request);
    http::response_parser<http::string_body> parser;
    parser.skip(verb == http::verb::head);
    http::read(socket_, buffer_, parser);
    return parser.release();
  }
  boost::json::object search(const std::string& query, const std::string& key = "replay") {
    return eucv::parse_json(get("/record/v2/search.json?" + query, key).body(), "the reply").as_object();
  }

private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

constexpr const char* map_concept = "http://data.europeana.eu/concept/43";
constexpr const char* painting_concept = "http://data.europeana.eu/concept/47";

replay::collection two_subjects(const std::filesystem::path& folder, std::size_t maps, std::size_t paintings) {
  eucv::write_file_atomically(folder / "a map.png", "PNG bytes");
  std::vector<replay::item> items;
  for (std::size_t i = 0; i < maps + paintings; ++i) {
    replay::item made;
    made.id = "/123/item_" + std::to_string(1000 + i);
    made.concepts = {i < maps ? map_concept : painting_concept};
    made.title = i < maps ? "Map of Crete" : "Portrait of a Lady";
    made.file = folder / "a map.png";
    items.push_back(made);
  }
  items[0].answer = replay::picture::missing;
  items[1].answer = replay::picture::page;
  items[2].rights = "http://rightsstatements.org/vocab/InC/1.0/";
  items[3].file.clear();
  items[4].type = "TEXT";
  return replay::collection(std::move(items));
}

std::string encoded(std::string_view text) {
  return eucv::net::percent_encode(text);
}
std::string code_of(const boost::json::object& body) {
  const auto* code = body.if_contains("code");
  return code == nullptr ? std::string("none") : std::string(code->as_string());
}
std::vector<std::string> ids(const boost::json::object& body) {
  std::vector<std::string> found;
  for (const auto& item : body.at("items").as_array()) found.emplace_back(item.at("id").as_string());
  return found;
}
const std::string by_concept =
    "query=*:*&qf=" + encoded("(skos_concept:\"" + std::string(map_concept) + "\" AND TYPE:IMAGE)");

} // namespace

TEST_CASE("the replay checks the key as the service does") {
  const test::temporary_folder folder;
  const replay::server server(two_subjects(folder.path(), 10, 0));
  raw_client client(server);
  const auto none = client.get("/record/v2/search.json?query=*:*", "");
  CHECK(none.result_int() == 401);
  CHECK(none.body() ==
        R"({"success":false,"error":"Unauthorized","message":"Invalid API key provided!","code":"missing_apikey"})");
  const auto wrong = client.get("/record/v2/search.json?query=*:*", "guess");
  CHECK(wrong.result_int() == 401);
  CHECK(code_of(eucv::parse_json(wrong.body(), "reply").as_object()) == "401_key_invalid");
  CHECK(wrong.find("RateLimit") == wrong.end());
  for (const char* path : {"/record/v2/search.json", "/api/v2/search.json", "/record/search.json"})
    CHECK(client.get(std::string(path) + "?query=*:*&wskey=replay", "").result_int() == 200);
  const auto right = client.get("/record/v2/search.json?query=*:*");
  CHECK(right.find("RateLimit-Policy")->value() == "\"personal\";q=1000000;w=3600");
  CHECK(std::string(right.find("RateLimit")->value()).starts_with("\"personal\";r=999996;t="));
  CHECK(server.searches() == 6);
}

TEST_CASE("a search finds by concept, type, reusability, media and words, and shows items as the service does") {
  const test::temporary_folder folder;
  const replay::server server(two_subjects(folder.path(), 30, 7));
  raw_client client(server);
  const auto total = [&](const std::string& query) {
    return client.search(query + "&rows=0").at("totalResults").to_number<int>();
  };

  CHECK(total("query=*:*") == 37);
  CHECK(total(by_concept) == 29); // one is a TEXT
  CHECK(total(by_concept + "&media=true") == 28);
  CHECK(total(by_concept + "&reusability=permission") == 1);
  CHECK(total(by_concept + "&reusability=open") == 28);
  CHECK(total(by_concept + "&reusability=open,permission") == 29);
  CHECK(total("query=*:*&qf=" + encoded("skos_concept:\"http://data.europeana.eu/concept/base/43\"")) == 0);
  CHECK(total("query=lady") == 7);
  CHECK(total("query=lad") == 0);
  CHECK(total("query=" + encoded("portrait OR crete NOT TYPE:text")) == 36);
  // two filters on one field are joined by OR, on two fields by AND
  CHECK(total("query=*:*&qf=" + encoded("skos_concept:\"" + std::string(map_concept) + "\"") +
              "&qf=" + encoded("skos_concept:\"" + std::string(painting_concept) + "\"")) == 37);
  CHECK(total("query=*:*&qf=" + encoded("skos_concept:\"" + std::string(map_concept) + "\"") + "&qf=TYPE:TEXT") == 1);

  const auto page = client.search(by_concept + "&sort=europeana_id+asc");
  CHECK(page.at("itemsCount").to_number<int>() == 12);
  CHECK(page.at("requestNumber").to_number<int>() == 999);
  CHECK_FALSE(page.contains("nextCursor"));
  const auto& first = page.at("items").as_array().front().as_object();
  CHECK(first.at("id").as_string() == "/123/item_1000");
  CHECK(first.at("edmIsShownBy").as_array().front().as_string() == server.origin() + "/images/0/a%20map.png");
  CHECK(first.at("rights").as_array().front().as_string() == "http://creativecommons.org/publicdomain/mark/1.0/");
  CHECK(first.at("guid").as_string().ends_with("utm_campaign=replay"));
  CHECK(first.at("link").as_string().ends_with("wskey=replay"));
  CHECK_FALSE(first.contains("dcCreator")); // empty fields are left out
  CHECK_FALSE(page.at("items").as_array()[3].as_object().contains("edmIsShownBy"));
  CHECK(client.search(by_concept + "&rows=500").at("itemsCount").to_number<int>() == 29);
}

TEST_CASE("cursor marks lead to every item once, and are refused when they are not sent as they came") {
  const test::temporary_folder folder;
  const replay::server server(two_subjects(folder.path(), 250, 10));
  raw_client client(server);
  const std::string seeded = by_concept + "&rows=100&sort=" + encoded("random_7 asc,europeana_id asc");
  std::vector<std::string> all;
  std::string mark = "*";
  std::vector<std::size_t> sizes;
  while (true) {
    const auto page = client.search(seeded + "&cursor=" + encoded(mark));
    const auto part = ids(page);
    sizes.push_back(part.size());
    all.insert(all.end(), part.begin(), part.end());
    if (!page.contains("nextCursor")) break;
    mark = page.at("nextCursor").as_string();
    CHECK(mark.find('+') != std::string::npos);
    CHECK(mark.find('/') != std::string::npos);
    CHECK(mark.ends_with('='));
  }
  CHECK(sizes == std::vector<std::size_t>{100, 100, 49, 0}); // the mark of the last page leads to an empty one
  CHECK(std::set(all.begin(), all.end()).size() == 249);
  CHECK_FALSE(std::ranges::is_sorted(all));
  CHECK(ids(client.search(seeded + "&cursor=*")) == std::vector(all.begin(), all.begin() + 100));

  CHECK(code_of(client.search(seeded + "&cursor=" + mark)) == "400-SC"); // not percent-encoded
  CHECK(code_of(client.search(seeded + "&cursor=" + encoded(encoded(mark)))) == "400-SC");
  CHECK(code_of(client.search(seeded + "&cursor=" + encoded(mark.substr(0, mark.size() - 4)))) == "400-SC");
  CHECK(code_of(client.search(seeded + "&cursor=*&start=2")) == "400-SD");
  CHECK(code_of(client.search(by_concept + "&cursor=*&sort=random_7")) == "400-SA");
}

TEST_CASE("a random order without a seed is another one at every page, as at the service") {
  const test::temporary_folder folder;
  const replay::server server(two_subjects(folder.path(), 400, 0));
  raw_client client(server);
  std::vector<std::string> all;
  std::string mark = "*";
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = client.search("query=*:*&rows=100&sort=random,europeana_id&cursor=" + encoded(mark));
    const auto part = ids(page);
    all.insert(all.end(), part.begin(), part.end());
    mark = page.at("nextCursor").as_string();
  }
  CHECK(all.size() == 400);
  const std::size_t distinct = std::set(all.begin(), all.end()).size();
  CHECK(distinct > 240); // 1 - (3/4)^4 = 68 % of 400 are expected
  CHECK(distinct < 310);
}

TEST_CASE("bad searches are refused with the codes of the service") {
  const test::temporary_folder folder;
  const replay::server server(two_subjects(folder.path(), 10, 0));
  raw_client client(server);
  CHECK(client.search("rows=3").at("error").as_string() == "Required parameter 'query' missing");
  CHECK(code_of(client.search("query=+")) == "400-SE");
  CHECK(code_of(client.search("query=*:*&start=950&rows=100")) == "400-SL");
  CHECK(code_of(client.search("query=*:*&start=901&rows=100")) == "none");
  CHECK(code_of(client.search("query=" + encoded("(crete"))) == "400-SA");
  CHECK(code_of(client.search("query=" + encoded("no_field:x"))) == "400-SA");
  CHECK(code_of(client.search("query=*:*&sort=no_field")) == "400-SA");
  CHECK(client.get("/record/v2/search.json?query=*:*&rows=abc").result_int() == 400);
  // two groups on one field become one broken filter
  const std::string group = "&qf=" + encoded("(skos_concept:\"a\" AND TYPE:IMAGE)");
  CHECK(code_of(client.search("query=*:*" + group + group)) == "400-SA");
}

TEST_CASE("faults come in the order in which they were queued, and the limit of the key is kept") {
  const test::temporary_folder folder;
  replay::server server(two_subjects(folder.path(), 10, 0), {.requests_per_hour = 2});
  raw_client client(server);
  server.queue(replay::fault::limit_reached);
  server.queue(replay::fault::internal_error);
  server.queue(replay::fault::gateway_page);
  server.queue(replay::fault::search_timeout);
  const auto limited = client.get("/record/v2/search.json?query=*:*");
  CHECK(limited.result_int() == 429);
  CHECK(limited.find("RateLimit")->value() == "\"personal\";r=0;t=1");
  CHECK(limited.find(http::field::retry_after) == limited.end());
  CHECK(client.get("/record/v2/search.json?query=*:*").result_int() == 500);
  const auto gateway = client.get("/record/v2/search.json?query=*:*");
  CHECK(gateway.result_int() == 503);
  CHECK(gateway.find(http::field::content_type)->value() == "text/html; charset=UTF-8");
  CHECK(code_of(client.search("query=*:*")) == "504-SA");
  CHECK(client.get("/record/v2/search.json?query=*:*").result_int() == 200);
  CHECK(client.get("/record/v2/search.json?query=*:*").result_int() == 200);
  CHECK(code_of(client.search("query=*:*")) == "429_limit_personal");
}

TEST_CASE("the image host serves files, dead links and pages that are no image") {
  const test::temporary_folder folder;
  const replay::server server(two_subjects(folder.path(), 10, 0), {.robots = "User-agent: *\nDisallow: /private/\n"});
  raw_client client(server);
  const auto file = client.get("/images/5/a%20map.png");
  CHECK(file.result_int() == 200);
  CHECK(file.body() == "PNG bytes");
  CHECK(file.find(http::field::content_type)->value() == "image/png");
  const auto head = client.get("/images/5/a%20map.png", "", http::verb::head);
  CHECK(head.find(http::field::content_length)->value() == "9");
  CHECK(client.get("/images/0/a%20map.png").result_int() == 404);
  const auto page = client.get("/images/1/a%20map.png");
  CHECK(page.result_int() == 200);
  CHECK(page.body().starts_with("<!DOCTYPE html>"));
  CHECK(client.get("/images/5/other.png").result_int() == 404);
  CHECK(client.get("/images/99/a%20map.png").result_int() == 404);
  CHECK(client.get("/images/5/../../etc/passwd").result_int() == 404);
  CHECK(client.get("/robots.txt").body() == "User-agent: *\nDisallow: /private/\n");
  CHECK(server.images() == 7);
}

TEST_CASE("an invented collection answers without holding its records") {
  const test::temporary_folder folder;
  const replay::server server(replay::invented(20'000, {map_concept, painting_concept}, folder / "a.jpg"));
  raw_client client(server);
  const auto page = client.search(by_concept + "&rows=100&cursor=*&sort=" + encoded("europeana_id asc"));
  CHECK(page.at("totalResults").to_number<int>() == 10'000);
  CHECK(ids(page)[1] == "/9000/invented_000000002");
}

TEST_CASE("a search may be posted, and counts the values of a field") {
  const test::temporary_folder folder;
  const replay::server server(two_subjects(folder.path(), 10, 3));
  raw_client client(server);
  const std::string question = "{\"query\":\"*:*\",\"qf\":[\"TYPE:IMAGE\"],\"profile\":[\"minimal,facets\"],"
                               "\"facet\":[\"RIGHTS\"],\"rows\":0,\"media\":true}";
  const auto posted = client.post("/record/v2/search.json", question);
  const auto got =
      client.get("/record/v2/search.json?query=*:*&qf=TYPE:IMAGE&profile=minimal,facets&facet=RIGHTS&rows=0"
                 "&media=true");
  CHECK(posted.body() == got.body());
  CHECK(
      posted.body().find(R"("facets":[{"name":"RIGHTS","fields":[{"label":"http://creativecommons.org/)"
                         R"(publicdomain/mark/1.0/","count":10},{"label":"http://rightsstatements.org/vocab/InC/1.0/",)"
                         R"("count":1}]}])") != std::string::npos);
  CHECK(client.post("/record/v2/search.json", "{").result_int() == 400);
}

TEST_CASE("the Entity and Record APIs answer for the pilot's subjects and the records of the collection") {
  const test::temporary_folder folder;
  const replay::server server(two_subjects(folder.path(), 10, 3));
  raw_client client(server);
  CHECK(client.get("/entity/concept/43.json").body().find(R"("prefLabel":{"en":"map","de":"Landkarte"})") !=
        std::string::npos);
  CHECK(client.get("/entity/concept/4711.json").result_int() == 404);
  CHECK(client.get("/entity/concept/43.json", "wrong").result_int() == 401);
  const auto resolved = client.get("/entity/resolve?uri=" + encoded("http://vocab.getty.edu/aat/300028094"));
  CHECK(resolved.result_int() == 301);
  CHECK(resolved.at(http::field::location) == "http://data.europeana.eu/concept/43");
  CHECK(client.get("/entity/resolve?uri=x").result_int() == 404);
  const auto record = client.get("/record/v2/123/item_1005.json");
  CHECK(record.result_int() == 200);
  CHECK(record.body().find(R"("ebucoreHasMimeType":"image/png","ebucoreFileByteSize":9)") != std::string::npos);
  CHECK(client.get("/record/v2/123/none.json").result_int() == 404);
}
