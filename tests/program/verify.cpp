// eucv verify: what a download stored, held against what it wrote down.
#include "support/picture_folder.hpp"
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>
#include <eucv/dataset/table.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

TEST_CASE("a download is verified: whole with status 0, with faults by reason and status 3") {
  const test::temporary_folder folder;
  std::vector<replay::item> items;
  for (std::size_t i = 0; i < 8; ++i) {
    replay::item item;
    item.id = "/1/item_" + std::to_string(i);
    item.file = folder / (std::to_string(i) + ".jpg");
    eucv::write_file_atomically(item.file, eucv::image::encode_jpeg(test::coloured_picture(i % 2, i)));
    items.push_back(item);
  }
  const replay::server server{replay::collection(std::move(items))};
  std::string table = "category,ID,URL\n";
  for (int i = 0; i < 8; ++i)
    table += "map,/1/item_" + std::to_string(i) + "," + server.origin() + "/images/" + std::to_string(i) + "/" +
             std::to_string(i) + ".jpg\n";
  eucv::write_file_atomically(folder / "table.csv", table);
  const std::string images = (folder / "images").string();
  REQUIRE(test::run_eucv({"download", (folder / "table.csv").string(), "--out", images, "--allow-private-addresses"})
              .status == 0);

  const auto whole = test::run_eucv({"verify", images});
  CHECK(whole.status == 0);
  CHECK(whole.out.find("8 files in ") == 0);
  CHECK(whole.out.find("all as recorded") != std::string::npos);

  const auto rows = eucv::dataset::read_table(folder / "images" / "downloads.csv");
  const auto file = [&](std::size_t i) { return folder / "images" / rows.rows[i][rows.column("file")]; };
  std::string bytes = eucv::read_file(file(0));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  eucv::write_file_atomically(file(0), bytes);
  std::filesystem::remove(file(1));
  eucv::write_file_atomically(folder / "images" / "map" / "stray.jpg", "?");
  const auto faulty = test::run_eucv({"verify", images});
  CHECK(faulty.status == 3);
  CHECK(faulty.out.find("3 faults") != std::string::npos);
  CHECK(faulty.out.find("missing " + rows.rows[1][rows.column("file")]) != std::string::npos);
  CHECK(faulty.out.find("unlisted map/stray.jpg") != std::string::npos);

  const auto nowhere = test::run_eucv({"verify", (folder / "nowhere").string()});
  CHECK(nowhere.status == 1);
  CHECK(test::is_failure_line(nowhere.last_line()));
}
