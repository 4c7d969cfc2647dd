#include <eucv/dataset/detail/card_entries.hpp>

#include <eucv/core/digest.hpp>
#include <eucv/core/file.hpp>

#include "support/code_of.hpp"
#include "support/hostile_card.hpp"
#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace eucv::dataset;

TEST_CASE("the table of attribution runs no formula and reads back") {
  const std::string text = attribution_csv(test::hostile_card());
  CHECK(text.find("'=HYPERLINK") != std::string::npos);
  CHECK(text.find(",=") == std::string::npos);
  const auto back = parse_table(text, "ATTRIBUTION.csv");
  REQUIRE(back.rows.size() == 2);
  CHECK(back.rows[0][back.column("title")] == "=HYPERLINK(\"http://evil\")");
  CHECK(back.rows[0][back.column("creator")] == "\"quoted\", \\ back");
  CHECK(back.rows[1][back.column("title")] == "+1\n2");
}

TEST_CASE("pictures of a folder, of a download and of a table") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "plain", 2);
  const auto plain = entries_of(folder / "plain", table{});
  REQUIRE(plain.size() == 6);
  CHECK(plain[0].file == "map/0.png");
  CHECK(plain[0].sha256 == eucv::sha256_text(eucv::read_file(folder / "plain/map/0.png")));

  test::write_picture_folder(folder / "got", 1);
  eucv::write_file_atomically(
      folder / "got/downloads.csv",
      "ID,category,file,status,rights\n/1/a,map,map/0.png,ok,CC0\n/1/b,toy,,failed,CC0\n/1/c,toy,"
      "painting/0.png,ok,\n");
  const auto facts = parse_table("category,ID,title,sha256\nmap,/1/a,A map,wrong\n", "t");
  const auto got = entries_of(folder / "got", facts);
  REQUIRE(got.size() == 2);
  CHECK(got[0].title == "A map");
  CHECK(got[0].rights == "CC0");
  CHECK(got[0].sha256 == eucv::sha256_text(eucv::read_file(folder / "got/map/0.png")));
  CHECK(got[1].title.empty());

  const auto listed = entries_of(facts);
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].sha256.empty());
  CHECK(test::code_of([] { (void)entries_of(parse_table("a,b\n1,2\n", "t")); }) == eucv::errc::missing_column);
}
