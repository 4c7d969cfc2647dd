#include <eucv/enrich/item.hpp>

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include "support/temporary_folder.hpp"

using namespace eucv::enrich;

TEST_CASE("a record is known by its id, its address in linked data, and its page") {
  for (const char* name :
       {"/1/a_b", "http://data.europeana.eu/item/1/a_b", "https://www.europeana.eu/item/1/a_b",
        "https://www.europeana.eu/en/item/1/a_b?lang=en", "http://www.europeana.eu/de/item/1/a_b#top"}) {
    CAPTURE(name);
    CHECK(record_id_of(name) == "/1/a_b");
    CHECK(kind_of(name) == name_kind::record);
  }
  for (const char* name : {"1/a_b", "/1/a/b", "/1/a.jpg", "http://data.europeana.eu/concept/43",
                           "http://museum.example/item/1/a_b", "https://www.europeana.eu/item/1/a.b", ""})
    CHECK(record_id_of(name).empty());
}

TEST_CASE("what is no record is an address or a file, and a file that is there is a file") {
  CHECK(kind_of("http://museum.example/a.jpg") == name_kind::address);
  CHECK(kind_of("https://museum.example/1/a") == name_kind::address);
  CHECK(kind_of("a.jpg") == name_kind::file);
  CHECK(kind_of("ftp://museum.example/a.jpg") == name_kind::file);
  CHECK(kind_of("/no/such/file.jpg") == name_kind::file);
  CHECK(kind_of("/bin/sh") == name_kind::file); // it reads like the id of a record
}

TEST_CASE("the item of a record has its concepts, and a fault where there is no picture") {
  eucv::europeana::record found;
  found.id = "/1/a";
  found.concepts = {"http://data.europeana.eu/concept/43"};
  found.image = "http://museum.example/a.jpg";
  const auto good = item_of(eucv::europeana::record(found));
  CHECK(good.name == found.image);
  CHECK(good.address == found.image);
  CHECK(good.concepts == found.concepts);
  CHECK_FALSE(good.fault);
  found.image.clear();
  const auto bad = item_of(std::move(found));
  CHECK(bad.name == "/1/a");
  REQUIRE(bad.fault);
  CHECK(bad.fault->code() == eucv::errc::not_found);
}
