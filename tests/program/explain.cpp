// Maps, sheets and reports, as a user of the program asks for them.
#include "support/picture_folder.hpp"
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>
#include <eucv/dataset/picture.hpp>
#include <eucv/dataset/table.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// A model of three classes, trained once for all cases.
struct explained_place {
  test::temporary_folder folder;
  explained_place() {
    test::write_picture_folder(folder / "images", 10);
    const auto trained = test::run_eucv(
        {"train", path("images"), "--out", path("model"), "--size", "32", "--epochs", "3", "--batch", "8", "--quiet"});
    if (trained.status != 0) throw std::runtime_error(trained.err);
  }
  [[nodiscard]] std::string path(const char* name) const { return (folder / name).string(); }
};
const explained_place& where() {
  static const explained_place once;
  return once;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("explain writes a map of the picture's own size") {
  const auto& at = where();
  const auto run = [&](std::vector<std::string> more) {
    std::vector<std::string> command{"explain", at.path("model"), at.path("images/map/3.png"), "--out",
                                     at.path("map.png")};
    command.insert(command.end(), more.begin(), more.end());
    return test::run_eucv(std::move(command));
  };
  const auto done = run({"--label", "painting"});
  CHECK_MESSAGE(done.status == 0, done.err);
  CHECK(done.out.starts_with("painting "));
  CHECK(has(done.out, "Grad-CAM at block4.2, in "));
  const auto map = eucv::dataset::read_picture(at.folder / "map.png");
  const auto picture = eucv::dataset::read_picture(at.folder / "images/map/3.png");
  REQUIRE(map);
  CHECK(map->width == picture->width);
  CHECK(map->height == picture->height);
  const auto bytes = eucv::read_file(at.folder / "map.png");
  CHECK(run({"--label", "painting", "--threads", "1"}).status == 0);
  CHECK(eucv::read_file(at.folder / "map.png") == bytes);
  CHECK(has(run({"--method", "gradcam++", "--layer", "block2"}).out, "Grad-CAM++ at block2"));

  const auto label = run({"--label", "castle"}), layer = run({"--layer", "conv9"});
  CHECK(label.status == 1);
  CHECK(test::is_failure_line(label.last_line()));
  CHECK(has(label.err, "map, painting, unknown_to_all"));
  CHECK(layer.status == 1);
  CHECK(has(layer.err, "block1.0, "));
  CHECK(run({"--method", "magic"}).status == 2);
}

TEST_CASE("explain makes a sheet of many, and passes over what is no picture") {
  const auto& at = where();
  eucv::write_file_atomically(at.folder / "broken.png", "no picture");
  const auto done = test::run_eucv(
      {"explain", at.path("model"), at.path("images/map"), at.path("broken.png"), "--out", at.path("sheet.html")});
  CHECK(done.status == 3);
  CHECK(has(done.out, "10 maps in "));
  CHECK(has(done.err, "1 file: not_an_image"));
  const auto sheet = eucv::read_file(at.folder / "sheet.html");
  CHECK(has(sheet, "default-src 'none'"));
  CHECK(has(sheet, "<code>9.png</code>"));
  const auto refused =
      test::run_eucv({"explain", at.path("model"), at.path("images/map"), "--out", at.path("many.png")});
  CHECK(refused.status == 1);
  CHECK(has(refused.err, "a PNG file holds one map"));
  CHECK_FALSE(std::filesystem::exists(at.folder / "many.png"));
}

TEST_CASE("evaluate writes a report and a model card, the same bytes each time") {
  const auto& at = where();
  eucv::write_file_atomically(at.folder / "audit.csv",
                              "file,label,suggested,probability,rank\nmap/1.png,map,painting,0.9,1\n");
  eucv::make_folder(at.folder / "curve");
  eucv::write_file_atomically(at.folder / "curve" / "learning_curve.csv",
                              "seed,part,n,accuracy,macro_f1\n1,0.25,8,0.5,0.5\n1,0.5,15,0.6,0.6\n1,1,30,0.7,0.7\n");
  std::string facts = "ID,category,title,rights,data_provider,landing_page\n";
  for (int i = 0; i < 10; ++i)
    facts += "map/" + std::to_string(i) + ".png,map,A <map>,http://creativecommons.org/licenses/by/4.0/,Museum,\n";
  eucv::write_file_atomically(at.folder / "facts.csv", facts);
  const auto run = [&](const char* folder) {
    return test::run_eucv({"evaluate", at.path("model"), at.path("images"), "--report", at.path(folder), "--audit",
                           at.path("audit.csv"), "--curve", at.path("curve"), "--table", at.path("facts.csv")});
  };
  const auto done = run("report");
  CHECK_MESSAGE(done.status == 0, done.err);
  const auto page = eucv::read_file(at.folder / "report" / "index.html");
  for (const char* part : {"on the 30 labelled pictures", "id=\"learning-title\"", "id=\"loss-title\"", "map/1.png",
                           "A &lt;map&gt;, Museum, ", "Pictures by rights", "SHA-256 of weights.safetensors",
                           "The model has no thresholds", "at layer <code>block4.2</code>"})
    CHECK_MESSAGE(has(page, part), part);
  CHECK(has(eucv::read_file(at.folder / "report" / "MODEL_CARD.md"), "# Model card: model"));
  CHECK(run("again").status == 0);
  CHECK(eucv::read_file(at.folder / "again" / "index.html") == page);
  CHECK(test::run_eucv({"evaluate", at.path("model"), at.path("images"), "--audit", at.path("audit.csv")}).status == 2);
  const auto history = at.folder / "model" / "history.csv";
  const auto kept = eucv::read_file(history);
  eucv::write_file_atomically(history, "epoch,loss\n1,2\n");
  const auto without = run("without");
  CHECK(without.status == 0);
  CHECK(has(without.err, "the report shows no curves of the training"));
  CHECK_FALSE(has(eucv::read_file(at.folder / "without" / "index.html"), "id=\"loss-title\""));
  eucv::write_file_atomically(history, kept);
}
