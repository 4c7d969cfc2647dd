#include <eucv/dataset/card.hpp>

#include <eucv/core/file.hpp>

#include "support/hostile_card.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace eucv::dataset;

TEST_CASE("the page holds no markup of others") {
  const std::string page = card_readme(test::hostile_card());
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("<b>") == std::string::npos);
  CHECK(page.find("](javascript") == std::string::npos);
  CHECK(page.find("\n# not") == std::string::npos);
  CHECK(page.find("| map | 1 | 50.0% |") != std::string::npos);
  CHECK(page.find("2 pictures of cultural heritage, 1 of them with their files") != std::string::npos);
}

TEST_CASE("a card is three files") {
  const test::temporary_folder folder;
  const card about = test::hostile_card();
  write_card(about, folder / "card");
  CHECK(eucv::read_file(folder / "card/README.md") == card_readme(about));
  CHECK(eucv::read_file(folder / "card/croissant.json") == croissant_json(about));
  CHECK(eucv::read_file(folder / "card/ATTRIBUTION.csv") == attribution_csv(about));
}
