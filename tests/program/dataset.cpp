// eucv dataset: algebra and facts of tables.
#include "support/picture_folder.hpp"
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

namespace {

struct tables {
  test::temporary_folder folder;
  tables() {
    put("a.csv", "category,ID,rights\nmap,/1/a,open\nmap,/1/b,open\ntoy,/1/c,\n");
    put("b.csv", "category,ID,rights\nmap,/1/b,open\ntoy,/1/d,open\n");
  }
  void put(const char* name, const char* text) const { eucv::write_file_atomically(folder / name, text); }
  [[nodiscard]] std::string path(const char* name) const { return (folder / name).string(); }
  [[nodiscard]] std::string text(const char* name) const { return eucv::read_file(folder / name); }
};

} // namespace

TEST_CASE("subtract removes from the first table what the others hold, by ID") {
  const tables here;
  const auto done =
      test::run_eucv({"dataset", "subtract", here.path("a.csv"), here.path("b.csv"), "--out", here.path("c.csv")});
  CHECK(done.status == 0);
  CHECK(done.out == "2 rows in " + here.path("c.csv") + "\n");
  CHECK(here.text("c.csv") == "category,ID,rights\nmap,/1/a,open\ntoy,/1/c,\n");
}

TEST_CASE("merge joins tables and takes no item of a class twice") {
  const tables here;
  CHECK(test::run_eucv({"dataset", "merge", here.path("a.csv"), here.path("b.csv"), here.path("a.csv"), "--out",
                        here.path("c.csv")})
            .status == 0);
  CHECK(here.text("c.csv") == "category,ID,rights\nmap,/1/a,open\nmap,/1/b,open\ntoy,/1/c,\ntoy,/1/d,open\n");
}

TEST_CASE("sample takes so many rows of each class, the same with the same seed") {
  const tables here;
  const auto take = [&](const char* amount, const char* number, const char* seed) {
    CHECK(test::run_eucv(
              {"dataset", "sample", here.path("a.csv"), amount, number, "--seed", seed, "--out", here.path("s.csv")})
              .status == 0);
    return here.text("s.csv");
  };
  const std::string one = take("--per-class", "1", "7");
  CHECK(one.size() < here.text("a.csv").size());
  CHECK(one.find("toy,/1/c,\n") != std::string::npos);
  CHECK(take("--per-class", "1", "7") == one);
  CHECK(take("--fraction", "1", "7") == here.text("a.csv"));
  CHECK(test::run_eucv({"dataset", "sample", here.path("a.csv"), "--out", here.path("s.csv")}).status == 2);
  CHECK(test::run_eucv({"dataset", "sample", here.path("a.csv"), "--out", here.path("s.csv"), "--fraction", "2"})
            .status == 2);
}

TEST_CASE("stats counts by class and licence") {
  const tables here;
  const auto done = test::run_eucv({"dataset", "stats", here.path("a.csv")});
  CHECK(done.status == 0);
  CHECK(done.out == "3 rows, 3 items\n\n"
                    "category  rows  share\n"
                    "map          2  66.7%\n"
                    "toy          1  33.3%\n\n"
                    "rights  rows  share\n"
                    "open       2  66.7%\n"
                    "(none)     1  33.3%\n");
}

TEST_CASE("a table that is none, is missing, or lacks a column is a failure of one line, and nothing is written") {
  const tables here;
  here.put("ragged.csv", "category,ID\nmap\n");
  here.put("no_id.csv", "category,rights\nmap,open\n");
  for (const char* bad : {"ragged.csv", "no_id.csv", "nowhere.csv"}) {
    CAPTURE(bad);
    const auto end =
        test::run_eucv({"dataset", "subtract", here.path("a.csv"), here.path(bad), "--out", here.path("c.csv")});
    CHECK(end.status == 1);
    CHECK(test::is_failure_line(end.last_line()));
    CHECK_FALSE(std::filesystem::exists(here.folder / "c.csv"));
  }
}

TEST_CASE("card, duplicates and shards of a folder, and training on the shards") {
  const test::temporary_folder folder;
  const std::string images = (folder / "images").string(), shards = (folder / "shards").string();
  test::write_picture_folder(images, 12);
  std::filesystem::copy(folder / "images/map/0.png", folder / "images/painting/copy.png");

  const auto copies = test::run_eucv({"dataset", "duplicates", images});
  CHECK(copies.status == 0);
  CHECK(copies.out == "file,label,copy_of,its_label,kind\npainting/copy.png,painting,map/0.png,map,exact\n");
  CHECK(copies.last_line() == "1 exact copy, 0 near ones in 37 images");

  const auto card = test::run_eucv({"dataset", "card", images + "/", "--out", (folder / "card").string()});
  CHECK(card.status == 0);
  CHECK(eucv::read_file(folder / "card/README.md").starts_with("# images\n"));
  CHECK(std::filesystem::exists(folder / "card/croissant.json"));
  CHECK(std::filesystem::exists(folder / "card/ATTRIBUTION.csv"));

  const auto packed = test::run_eucv({"dataset", "shards", images, "--out", shards, "--per-shard", "10"});
  CHECK(packed.status == 0);
  CHECK(packed.out == "37 images in 4 shards in " + shards + "\n");
  CHECK(test::run_eucv({"dataset", "shards", images, "--out", shards, "--per-shard", "10"}).out ==
        "37 images in 4 shards in " + shards + ", 4 of them from before\n");
  CHECK(test::run_eucv({"dataset", "shards", images, "--out", shards, "--per-shard", "9"}).status == 1);
  const auto trained = test::run_eucv({"train", shards, "--out", (folder / "model").string(), "--size", "16",
                                       "--epochs", "1", "--batch", "8", "--quiet"});
  CHECK(trained.status == 0);
  CHECK(trained.out.find("trained on") != std::string::npos);
}
