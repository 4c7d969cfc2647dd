// eucv train --multi-label, evaluate and classify on small pictures with several shapes in them.
#include "support/run_eucv.hpp"
#include "support/shape_folder.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

// Pictures of shapes, and the model that was trained on them once, with thresholds.
struct shape_place {
  test::temporary_folder folder;
  test::outcome end;
  shape_place() : end(train()) {
    if (end.status != 0) throw std::runtime_error(end.err);
  }
  test::outcome train() {
    test::write_shape_folder(folder / "images", 14);
    eucv::make_folder(folder / "images" / "disc star"); // a label of one picture
    std::filesystem::copy_file(folder / "images/disc/1.png", folder / "images/disc star/1.png");
    return test::run_eucv({"train", path("images"), "--out", path("model"), "--multi-label", "--size", "32", "--epochs",
                           "12", "--batch", "12", "--folds", "2", "--target-precision", "0.8"});
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder / name).string(); }
};
const shape_place& with_shapes() {
  static const shape_place once;
  return once;
}

} // namespace

TEST_CASE("train learns several labels a picture, and finds thresholds for each") {
  const auto& here = with_shapes();
  CHECK(here.end.err.find("\"star\"") != std::string::npos);
  CHECK(here.end.out.find("mean average precision") != std::string::npos);
  CHECK(here.end.out.find("Platt's sigmoids") != std::string::npos);
  const auto model = eucv::parse_json(eucv::read_file(here.folder / "model/model.json"), "model").as_object();
  CHECK(model.at("mode").as_string() == "multi-label");
  CHECK(model.at("calibration").as_object().at("sigmoids").as_array().size() == 3);
  CHECK(model.at("thresholds").as_object().at("categories").as_array().size() == 3);
  const auto figures = eucv::parse_json(eucv::read_file(here.folder / "model/metrics.json"), "figures").as_object();
  CHECK(figures.at("mean_average_precision").to_number<double>() > 0.6);
  CHECK(eucv::read_file(here.folder / "model/out_of_fold.csv")
            .starts_with("file,group,labels,fold,p:bars,p:disc,p:ring\n"));
  for (const char* name : {"cross_validation.json", "enrichment.json", "history.csv"})
    CHECK(std::filesystem::exists(here.folder / "model" / name));
}

TEST_CASE("evaluate and classify speak of each label by itself") {
  const auto& here = with_shapes();
  test::write_shape_folder(here.folder / "others", 2);
  const auto end =
      test::run_eucv({"evaluate", here.path("model"), here.path("others"), "--json", here.path("figures.json")});
  CAPTURE(end.err);
  CHECK(end.status == 0);
  CHECK(end.out.find("mean average precision") == 0);
  CHECK(end.out.find("the model's thresholds") != std::string::npos);
  const auto figures = eucv::parse_json(eucv::read_file(here.folder / "figures.json"), "figures").as_object();
  for (const char* key : {"accuracy", "macro_f1", "macro_precision", "macro_recall", "macro_specificity"})
    CHECK(figures.at(key).is_number());
  CHECK(figures.at("n").to_number<int>() == 14);
  CHECK(figures.at("per_class").as_array()[0].as_object().at("label").as_string() == "bars");

  const std::string picture = here.path("others/bars disc ring/1.png");
  const auto csv = test::run_eucv({"classify", here.path("model"), picture, "--format", "csv", "--no-abstain"});
  CHECK(csv.out.starts_with("file,rank,label,concept,probability\n" + picture + ",1,"));
  CHECK(std::ranges::count(csv.out, '\n') == 4);
  const auto lines = test::run_eucv({"classify", here.path("model"), here.path("others"), "--format", "jsonl"});
  CHECK(std::ranges::count(lines.out, '\n') == 14);
  CHECK(lines.out.find("\"predictions\": [") != std::string::npos);
  const auto sliced = test::run_eucv({"evaluate", here.path("model"), here.path("others"), "--by", "size"});
  CHECK(sliced.status == 1);
  CHECK(test::is_failure_line(sliced.last_line()));
}

TEST_CASE("one of several true labels: the others are unknown, and labels come from tables") {
  const test::temporary_folder folder;
  test::write_shape_folder(folder / "images", 6);
  std::string labels = "file,label\n";
  for (unsigned shapes = 1; shapes < 8; ++shapes) // of each picture the first of its labels
    for (int number = 0; number < 6; ++number) {
      const std::string name = test::shape_labels(shapes);
      labels += name + "/" + std::to_string(number) + ".png," + name.substr(0, name.find(' ')) + "\n";
    }
  eucv::write_file_atomically(folder / "labels.csv", labels);
  const auto end =
      test::run_eucv({"train", (folder / "images").string(), "--out", (folder / "model").string(), "--multi-label",
                      "--single-positive", "--loss", "asymmetric", "--labels", (folder / "labels.csv").string(),
                      "--least", "5", "--size", "24", "--epochs", "2", "--batch", "6"});
  CAPTURE(end.err);
  CHECK(end.status == 0);
  const auto model = eucv::parse_json(eucv::read_file(folder / "model/model.json"), "model").as_object();
  CHECK(model.at("provenance").as_object().at("several_labels").as_string().starts_with("1 4 0.05 0.5 "));
}

TEST_CASE("options for several labels want --multi-label, and a loss that is known") {
  const test::temporary_folder folder;
  const auto usage = [&](std::vector<std::string> more) {
    std::vector<std::string> command{"train", (folder / "").string(), "--out", (folder / "model").string()};
    command.insert(command.end(), more.begin(), more.end());
    return test::run_eucv(command).status;
  };
  CHECK(usage({"--loss", "focal"}) == 2);
  CHECK(usage({"--single-positive"}) == 2);
  CHECK(usage({"--multi-label", "--loss", "hinge"}) == 2);
}
