#include <eucv/europeana/record.hpp>

#include <eucv/core/file.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace eucv::europeana;

namespace {

eucv::result<record> read(const std::string& text) {
  return parse_record(eucv::parse_json(text, "item"));
}

} // namespace

TEST_CASE("an item with all its fields") {
  const auto found = read(R"({"id":"/90402/RP_P_1909_557","type":"IMAGE",
    "title":["  Gedenkteken\n voor\tAdolf ","second"],
    "dcCreator":["http://data.europeana.eu/agent/1","Rembrandt"],
    "edmIsShownBy":["ftp://a.example/x.tif","HTTPS://a.example/i.jpg?wskey=KEY&w=1","http://b.example/"],
    "edmIsShownAt":["http://a.example/page?id=1&utm_campaign=KEY#top"],
    "edmPreview":["https://api.europeana.eu/thumbnail/v2/url.json?uri=http%3A%2F%2Fa&type=IMAGE"],
    "rights":["http://creativecommons.org/licenses/by/4.0/",""],"dataProvider":["Rijksmuseum"],
    "provider":["NL"],"country":["Netherlands"],"score":1.5,"link":"http://x?wskey=KEY"})");
  REQUIRE(found);
  CHECK(found->id == "/90402/RP_P_1909_557");
  CHECK(found->uri() == "http://data.europeana.eu/item/90402/RP_P_1909_557");
  CHECK(found->title == "Gedenkteken voor Adolf");
  CHECK(found->creator == "Rembrandt");
  CHECK(found->image == "HTTPS://a.example/i.jpg?w=1");
  CHECK(found->landing_page == "http://a.example/page?id=1#top");
  CHECK(found->preview == "https://api.europeana.eu/thumbnail/v2/url.json?uri=http%3A%2F%2Fa&type=IMAGE");
  CHECK(found->rights == "http://creativecommons.org/licenses/by/4.0/");
  CHECK(found->reuse == reusability::open);
  CHECK(found->data_provider == "Rijksmuseum");
  CHECK(found->provider == "NL");
  CHECK(found->country == "Netherlands");
}

TEST_CASE("every array may be missing") {
  const auto found = read(R"({"id":"/1/a","type":"IMAGE","title":null})");
  REQUIRE(found);
  CHECK(found->image.empty());
  CHECK(found->title.empty());
  CHECK(found->rights.empty());
  CHECK(found->reuse == reusability::uncategorized);
  CHECK(found->landing_page == "https://www.europeana.eu/item/1/a");
}

TEST_CASE("the strictest of several rights statements counts") {
  const auto found = read(R"({"id":"/1/a","type":"IMAGE","rights":["http://creativecommons.org/licenses/by/4.0/",
    "http://rightsstatements.org/vocab/InC/1.0/"]})");
  REQUIRE(found);
  CHECK(found->reuse == reusability::permission);
}

TEST_CASE("an item that breaks the rules is a bad record") {
  for (const char* text :
       {"[]", "7", "{}", R"({"id":7,"type":"IMAGE"})", R"({"id":"/1/a"})", R"({"id":"/1/a","type":["IMAGE"]})",
        R"({"id":"/1/a","type":"IMAGE","title":"no array"})", R"({"id":"/1/a","type":"IMAGE","title":[7]})",
        R"({"id":"/1/a","type":"IMAGE","edmIsShownBy":"http://a.example/"})", R"({"id":"/../etc","type":"IMAGE"})",
        R"({"id":"/1/a\u0000","type":"IMAGE"})"}) {
    CAPTURE(text);
    const auto found = read(text);
    REQUIRE_FALSE(found);
    CHECK(found.error().code() == eucv::errc::bad_record);
  }
}

TEST_CASE("an id is two words after slashes") {
  CHECK(is_record_id("/90402/RP_P_1909_557"));
  CHECK(is_record_id("/a_1/b"));
  for (const char* text : {"", "/", "//", "/a", "/a/", "//a", "a/b", "/a/b/c", "/a/b.c", "/a/%2e", "/a/b ", "/../b"})
    CHECK_FALSE(is_record_id(text));
  CHECK_FALSE(is_record_id("/1/" + std::string(600, 'a')));
}

TEST_CASE("an address that is unfit for a table is passed over") {
  const auto found = read(R"({"id":"/1/a","type":"IMAGE","edmIsShownBy":["http://a.example/\n=cmd","javascript:1"]})");
  REQUIRE(found);
  CHECK(found->image.empty());
}

TEST_CASE("keys are cut out of addresses") {
  CHECK(without_key("http://a/?wskey=K") == "http://a/");
  CHECK(without_key("http://a/?WSKEY=K&b=1") == "http://a/?b=1");
  CHECK(without_key("http://a/?b=1&wskey=K") == "http://a/?b=1");
  CHECK(without_key("http://a/?b=1&wskey=K&c=2#f") == "http://a/?b=1&c=2#f");
  CHECK(without_key("http://a/?b&&c=") == "http://a/?b&&c=");
  CHECK(without_key("http://a/#wskey") == "http://a/#wskey");
}

TEST_CASE("the items of a real page") {
  const std::filesystem::path file =
      std::filesystem::path(EUCV_SHARED) / "fixtures/search/items_standard_2024_50items.json";
  if (!std::filesystem::exists(file)) {
    MESSAGE("skipped: no " << file.string());
    return;
  }
  const auto items = eucv::parse_json(eucv::read_file(file), file.string());
  std::size_t open = 0, with_image = 0;
  for (const auto& item : items.as_array()) {
    const auto found = parse_record(item);
    REQUIRE(found);
    open += found->reuse == reusability::open ? 1 : 0;
    with_image += found->image.empty() ? 0 : 1;
    CHECK(found->country.size() + found->data_provider.size() > 2);
  }
  CHECK(items.as_array().size() == 50);
  CHECK(open == 50);
  CHECK(with_image == 50);
}
