#include <eucv/europeana/page.hpp>

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace eucv::europeana;

namespace {

eucv::errc code_of(const std::string& body) {
  try {
    (void)parse_page(body, "http://api.example/search.json");
  } catch (const eucv::error& failure) {
    CHECK(std::string(failure.what()).find("http://api.example/search.json") != std::string::npos);
    return failure.code();
  }
  return {};
}

} // namespace

TEST_CASE("a page with good and bad items") {
  const auto found = parse_page(R"({"apikey":"K","success":true,"requestNumber":999,"itemsCount":3,"totalResults":12345,
    "nextCursor":"AoE/+=","items":[{"id":"/1/a","type":"IMAGE"},{"id":"nonsense","type":"IMAGE"},
    {"id":"/1/b","type":"TEXT"}]})",
                                "x");
  CHECK(found.total == 12345);
  CHECK(found.next == "AoE/+=");
  REQUIRE(found.items.size() == 3);
  CHECK(found.items[0]->id == "/1/a");
  CHECK_FALSE(found.items[1]);
  CHECK(found.items[2]->type == "TEXT");
}

TEST_CASE("the last page has no mark") {
  const auto found = parse_page(R"({"success":true,"totalResults":0,"items":[]})", "x");
  CHECK(found.next.empty());
  CHECK(found.items.empty());
}

TEST_CASE("what is no page is refused with its code") {
  using eucv::errc;
  CHECK(code_of("<html>") == errc::bad_response);
  CHECK(code_of("") == errc::bad_response);
  CHECK(code_of(R"({"success":true,"totalResults":1,"items":[)") == errc::bad_response);
  CHECK(code_of(R"({"success":false,"totalResults":1,"items":[]})") == errc::bad_response);
  CHECK(code_of("[]") == errc::bad_record);
  CHECK(code_of(R"({"success":true,"items":[]})") == errc::bad_record);
  CHECK(code_of(R"({"success":true,"totalResults":"7","items":[]})") == errc::bad_record);
  CHECK(code_of(R"({"success":true,"totalResults":-1,"items":[]})") == errc::bad_record);
  CHECK(code_of(R"({"success":true,"totalResults":1})") == errc::bad_record);
  CHECK(code_of(R"({"success":true,"totalResults":1,"items":{}})") == errc::bad_record);
  CHECK(code_of(R"({"success":true,"totalResults":1,"items":[],"nextCursor":7})") == errc::bad_record);
}

TEST_CASE("a real page without cursor and without images") {
  const std::filesystem::path file =
      std::filesystem::path(EUCV_SHARED) / "fixtures/search/search_standard_2015_12items.json";
  if (!std::filesystem::exists(file)) {
    MESSAGE("skipped: no " << file.string());
    return;
  }
  const auto found = parse_page(eucv::read_file(file), file.string());
  CHECK(found.total == 354);
  CHECK(found.next.empty());
  REQUIRE(found.items.size() == 12);
  for (const auto& item : found.items) {
    REQUIRE(item);
    CHECK(item->image.empty());
    CHECK(item->rights.starts_with("http://www.europeana.eu/rights/rr-"));
    // The second item's rights are ["http://www.europeana.eu/rights/rr-f/", ""]: the empty one says nothing.
    CHECK(item->reuse == reusability::permission);
    CHECK(item->landing_page.find("REDACTED") == std::string::npos);
  }
}
