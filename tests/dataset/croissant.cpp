#include <eucv/dataset/croissant.hpp>

#include <eucv/core/digest.hpp>
#include <eucv/core/json.hpp>
#include <eucv/image/formats.hpp>

#include "support/hostile_card.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace eucv::dataset;

TEST_CASE("the JSON-LD has the structure of Croissant 1.0") {
  const card about = test::hostile_card();
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
  CHECK(files[1].at("encodingFormat").as_string() == "image/jpeg");
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

TEST_CASE("each picture has the MIME type of its format") {
  card about = test::hostile_card();
  for (const auto& format : eucv::image::formats()) {
    for (auto& each : about.entries)
      if (!each.file.empty()) each.file = "map/a" + std::string(format.endings[0]);
    const auto all = eucv::parse_json(croissant_json(about), "croissant.json");
    CHECK(all.at("distribution").as_array().at(1).at("encodingFormat").as_string() == format.mime_type.data());
  }
}
