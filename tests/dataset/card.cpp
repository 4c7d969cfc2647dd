#include <eucv/dataset/card.hpp>

#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/core/sha256.hpp>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace eucv::dataset;

namespace {

card hostile() {
  card about{.name = "A <b>set</b>",
             .made = "By | hand\n# not a title",
             .entries = {},
             .published = "2026-01-31",
             .url = "https://museum.example/set",
             .creator = "A \"museum\""};
  about.entries.push_back({.file = "map/a b\"c.jpg",
                           .sha256 = std::string(64, 'a'),
                           .id = "/1/a",
                           .category = "map",
                           .url = "http://x.org/a.jpg",
                           .rights = "http://creativecommons.org/licenses/by/4.0/",
                           .title = "=HYPERLINK(\"http://evil\")",
                           .creator = "\"quoted\", \\ back",
                           .data_provider = "<script>alert(1)</script> | [x](javascript:y)",
                           .landing_page = "javascript:alert(1)"});
  about.entries.push_back({.id = "/1/b", .category = "toy", .title = "+1\n2", .country = "\xff broken"});
  return about;
}

} // namespace

TEST_CASE("the table of attribution runs no formula and reads back") {
  const std::string text = attribution_csv(hostile());
  CHECK(text.find("'=HYPERLINK") != std::string::npos);
  CHECK(text.find(",=") == std::string::npos);
  const auto back = parse_table(text, "ATTRIBUTION.csv");
  REQUIRE(back.rows.size() == 2);
  CHECK(back.rows[0][back.column("title")] == "=HYPERLINK(\"http://evil\")");
  CHECK(back.rows[0][back.column("creator")] == "\"quoted\", \\ back");
  CHECK(back.rows[1][back.column("title")] == "+1\n2");
}

TEST_CASE("the page holds no markup of others") {
  const std::string page = card_readme(hostile());
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("<b>") == std::string::npos);
  CHECK(page.find("](javascript") == std::string::npos);
  CHECK(page.find("\n# not") == std::string::npos);
  CHECK(page.find("| map | 1 | 50.0% |") != std::string::npos);
  CHECK(page.find("2 pictures of cultural heritage, 1 of them with their files") != std::string::npos);
}

TEST_CASE("the JSON-LD has the structure of Croissant 1.0") {
  const card about = hostile();
  const auto all = eucv::parse_json(croissant_json(about), "croissant.json");
  CHECK(all.at("@type").as_string() == "sc:Dataset");
  CHECK(all.at("conformsTo").as_string() == "http://mlcommons.org/croissant/1.0");
  CHECK(all.at("@context").at("cr").as_string() == "http://mlcommons.org/croissant/");
  CHECK(all.at("license").as_array().size() == 1);
  CHECK(all.at("datePublished").as_string() == "2026-01-31");
  CHECK(all.at("url").as_string() == "https://museum.example/set");
  CHECK(all.at("creator").at("name").as_string() == "A \"museum\"");
  const auto& files = all.at("distribution").as_array();
  REQUIRE(files.size() == 2); // the table, and the picture that was downloaded
  std::set<std::string> names;
  for (const auto& file : files) {
    CHECK(file.at("@type").as_string() == "cr:FileObject");
    CHECK(file.at("sha256").as_string().size() == 64);
    CHECK_FALSE(file.at("contentUrl").as_string().empty());
    CHECK_FALSE(file.at("encodingFormat").as_string().empty());
    names.emplace(file.at("@id").as_string());
  }
  CHECK(names.size() == 2);
  CHECK(files[0].at("sha256").as_string() == eucv::sha256_text(attribution_csv(about)).c_str());
  CHECK(files[1].at("contentUrl").as_string() == "map/a%20b%22c.jpg");
  CHECK(files[1].at("license").as_string() == "http://creativecommons.org/licenses/by/4.0/");
  CHECK(files[1].at("creditText").as_string().starts_with("=HYPERLINK(\"http://evil\"), by \"quoted\""));
  CHECK(files[1].as_object().if_contains("isBasedOn") == nullptr); // javascript:
  const auto columns = parse_table(attribution_csv(about), "").columns;
  const auto& fields = all.at("recordSet").as_array().at(0).at("field").as_array();
  REQUIRE(fields.size() == columns.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    CHECK(fields[i].at("@type").as_string() == "cr:Field");
    CHECK(fields[i].at("source").at("extract").at("column").as_string() == columns[i].c_str());
    CHECK(fields[i].at("source").at("fileObject").at("@id").as_string() == "attribution");
  }
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

  write_card({.name = "n", .made = "m", .entries = got}, folder / "card");
  for (const char* name : {"README.md", "croissant.json", "ATTRIBUTION.csv"})
    CHECK(std::filesystem::file_size(folder / "card" / name) > 100);
}
