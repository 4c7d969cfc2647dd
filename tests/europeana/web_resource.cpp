#include <eucv/europeana/web_resource.hpp>

#include <eucv/core/file.hpp>
#include <eucv/net/run.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "support/canned_transport.hpp"
#include "support/code_of.hpp"

using namespace eucv::europeana;

TEST_CASE("the files of a record, with what is known of them") {
  const auto found = parse_web_resources(
      R"({"success":true,"object":{"aggregations":[{"webResources":[
        {"about":"http://a.example/1.jpg?wskey=K&x=1","ebucoreHasMimeType":"image/jpeg","ebucoreFileByteSize":157858,
         "ebucoreWidth":795,"ebucoreHeight":1000,"svcsHasService":["http://a.example/iiif/1"]},
        {"about":"http://a.example/"}]}]}})",
      "x");
  REQUIRE(found.size() == 2);
  CHECK(found[0].address.find("wskey") == std::string::npos);
  CHECK(found[0].mime_type == "image/jpeg");
  CHECK(found[0].bytes == 157858);
  CHECK(found[0].width == 795);
  CHECK(found[0].height == 1000);
  CHECK(found[0].iiif.front() == "http://a.example/iiif/1");
  CHECK(found[1].bytes == 0);
  CHECK(parse_web_resources(R"({"object":{}})", "x").empty());
}

TEST_CASE("what breaks the rules of the service is refused") {
  using eucv::errc;
  const auto code = [](const std::string& body) {
    return test::code_of([&] { (void)parse_web_resources(body, "x"); });
  };
  CHECK(code("<html>") == errc::bad_response);
  CHECK(code(R"({"success":false})") == errc::bad_response);
  const std::string head = R"({"object":{"aggregations":[{"webResources":[)", tail = "]}]}}";
  for (const std::string& body :
       {std::string("{}"), std::string("[]"), std::string(R"({"object":[]})"),
        std::string(R"({"object":{"aggregations":{}}})"), head + "1" + tail, head + "{}" + tail,
        head + R"({"about":7})" + tail, head + R"({"about":"a","ebucoreFileByteSize":-1})" + tail,
        head + R"({"about":"a","ebucoreFileByteSize":"big"})" + tail,
        head + R"({"about":"a","svcsHasService":"b"})" + tail})
    CHECK(code(body) == errc::bad_record);
}

TEST_CASE("a record is asked for by its id, and nothing else gets into an address") {
  test::canned_transport transport([](const eucv::net::request& question) {
    CHECK(question.target.str() == "https://api.example/record/v2/1/a_b.json");
    CHECK(eucv::net::find_header(question.headers, "X-Api-Key") == "key-of-tests");
    return test::canned(200, R"({"object":{"aggregations":[{"webResources":[{"about":"http://a.example/"}]}]}})");
  });
  client<test::canned_transport> api(transport, eucv::net::secret_string("key-of-tests"));
  api.at(search_endpoint("https://api.example"));
  CHECK(eucv::net::run(find_web_resources(api, "/1/a_b")).size() == 1);
  for (const char* id : {"/1/../2", "1/2", "/1/a?x=1", "/1/a/b", ""})
    CHECK(test::code_of([&] { (void)eucv::net::run(find_web_resources(api, id)); }) == eucv::errc::invalid_argument);
  CHECK(api.requests() == 1);
}

TEST_CASE("a recorded reply of the service is read") {
  const std::filesystem::path file = EUCV_SHARED "/fixtures/record/record_2021650_trimmed.json";
  if (!std::filesystem::exists(file)) {
    MESSAGE("no recorded reply here");
    return;
  }
  const auto found = parse_web_resources(eucv::read_file(file), "fixture");
  REQUIRE(found.size() == 3);
  CHECK(found[0].mime_type == "text/html");
  CHECK(found[1].mime_type == "image/jpeg");
  CHECK(found[1].bytes == 157858);
  CHECK(found[1].width == 795);
  CHECK(found[1].height == 1000);
  CHECK(found[2].mime_type.empty());
}
