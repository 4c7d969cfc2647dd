#include <eucv/download/source.hpp>

#include <doctest/doctest.h>

#include <string>

#include "support/code_of.hpp"

using namespace eucv::download;

TEST_CASE("full images of a IIIF service are asked for in a smaller size, others as they are") {
  CHECK(iiif_sized("https://m.example/iiif/2/a%2Fb/full/full/0/default.jpg", 512) ==
        "https://m.example/iiif/2/a%2Fb/full/!512,512/0/default.jpg");
  CHECK(iiif_sized("https://m.example/x/full/max/0/default.png", 400) ==
        "https://m.example/x/full/!400,400/0/default.jpg");
  CHECK(iiif_sized("https://m.example/x/full/full/0/native.jpg", 64) == "https://m.example/x/full/!64,64/0/native.jpg");
  for (const char* other :
       {"https://m.example/a.jpg", "https://m.example/x/full/800,/0/default.jpg",
        "https://m.example/x/full/full/90/default.jpg", "https://m.example/x/0,0,10,10/full/0/default.jpg",
        "https://m.example/x/full/full/0/default.jpg?a=b", "https://m.example/x/full/full/0/gray.jpg",
        "full/full/0/default.jpg", "", "nonsense"})
    CHECK(iiif_sized(other, 512) == other);
}

TEST_CASE("a table is changed to another source") {
  const eucv::dataset::table before{{"category", "ID", "URL", "preview"},
                                    {{"a", "1", "http://example.org/full/full/0/default.jpg", ""},
                                     {"a", "2", "http://example.org/a.jpg", ""},
                                     {"", "", "", ""}}};
  auto table = before;
  choose_source(table, {});
  CHECK(table.rows == before.rows);
  choose_source(table, {picture_source::iiif, 256});
  CHECK(table.rows[0][2] == "http://example.org/full/!512,512/0/default.jpg");
  CHECK(table.rows[1][2] == before.rows[1][2]);
  table = before;
  source_choice small{picture_source::thumbnail, 128,
                      [](const std::string& address, const std::string& preview, std::size_t width) {
                        return address + '|' + preview + '|' + std::to_string(width);
                      }};
  choose_source(table, small);
  CHECK(table.rows[1][2] == "http://example.org/a.jpg||200");
  CHECK(table.rows[2][2].empty());
  small.size = 0;
  CHECK(test::code_of([&] { choose_source(table, small); }) == eucv::errc::invalid_argument);
  CHECK(test::code_of([&] { choose_source(table, {picture_source::thumbnail, 128}); }) == eucv::errc::invalid_argument);
}
