// eucv train --multi-label, evaluate and classify on small pictures with several shapes in them.
#include "support/run_eucv.hpp"
#include "support/shape_folder.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/dataset/table.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>
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
}

TEST_CASE("evaluate judges several labels out of fold and by what pictures have in common, and writes a report") {
  const auto& here = with_shapes();
  std::string table = "ID,provider\n";
  for (int i = 0; i < 14; ++i) table += "disc/" + std::to_string(i) + ".png,Museum of Discs\n";
  eucv::write_file_atomically(here.folder / "records.csv", table);
  const auto seen = test::run_eucv({"evaluate", here.path("model"), here.path("images")});
  CHECK(seen.status == 0);
  CHECK(seen.err.find("the model was trained on 98 of these images") != std::string::npos);
  const auto fair = test::run_eucv({"evaluate", here.path("model"), here.path("images"), "--out-of-fold", "--report",
                                    here.path("report"), "--json", here.path("fair.json")});
  CAPTURE(fair.err);
  CHECK(fair.status == 0);
  CHECK(fair.err.empty());
  CHECK(fair.out.find("on 98 pictures") != std::string::npos);
  const auto sliced = test::run_eucv({"evaluate", here.path("model"), here.path("images"), "--out-of-fold", "--by",
                                      "provider,size", "--table", here.path("records.csv")});
  CHECK_MESSAGE(sliced.status == 0, sliced.err);
  for (const char* part : {"Museum of Discs", "(unknown)", "shorter side below 128 pixels"})
    CHECK_MESSAGE(sliced.out.find(part) != std::string::npos, part);
  const auto page = eucv::read_file(here.folder / "report" / "index.html");
  for (const char* part : {"each by a model of the same kind", "id=\"label-2-title\"", "data:image/jpeg;base64,",
                           "Mean average precision", "--out-of-fold"})
    CHECK_MESSAGE(page.find(part) != std::string::npos, part);
  CHECK(eucv::read_file(here.folder / "report" / "MODEL_CARD.md").find("3 labels, any number of them") !=
        std::string::npos);
  const auto figures = eucv::parse_json(eucv::read_file(here.folder / "fair.json"), "figures").as_object();
  CHECK(figures.at("intervals").as_object().at("ranking_loss").as_array().size() == 2);
}

TEST_CASE("an audit finds labels that were taken away or added, and its table serves --exclude and --labels") {
  const test::temporary_folder folder;
  test::write_shape_folder(folder / "images", 16);
  std::set<std::string> planted; // 10 of 112 pictures, 9 %
  const auto move = [&](const std::string& from, const std::string& to, int number) {
    const std::string name = to + "/astray" + std::to_string(number) + ".png";
    std::filesystem::rename(folder / "images" / from / (std::to_string(number) + ".png"), folder / "images" / name);
    planted.insert(name);
  };
  for (const int number : {1, 2, 3}) move("disc ring", "disc", number); // the ring is missing
  for (const int number : {4, 5}) move("bars disc ring", "bars ring", number);
  for (const int number : {6, 7, 8}) move("ring", "bars ring", number); // there are no bars
  for (const int number : {9, 10}) move("bars", "bars disc", number);
  const auto path = [&](const char* name) { return (folder / name).string(); };
  const auto end = test::run_eucv({"audit", path("images"), "--multi-label", "--out", path("audit.csv"), "--folds", "3",
                                   "--size", "32", "--epochs", "16", "--batch", "12", "--tasks", path("tasks.json")});
  CAPTURE(end.err);
  CAPTURE(end.out);
  REQUIRE(end.status == 0);
  CHECK(end.out.find("seem to lack it") != std::string::npos);
  const auto audit = eucv::dataset::read_table(folder / "audit.csv");
  CHECK(audit.columns ==
        std::vector<std::string>{"file", "label", "suggested", "probability", "rank", "missing", "wrong"});
  std::size_t found = 0;
  for (const auto& row : audit.rows) found += planted.contains(row[0]) ? 1 : 0;
  CHECK(found >= 5);
  CHECK(2 * found > audit.rows.size()); // chance would make it one in eleven
  for (const auto& row : audit.rows)
    if (row[0] == "disc/astray1.png") {
      CHECK(row[1] == "disc");
      CHECK(row[5].find("ring") != std::string::npos);
    }

  // The table of the folds gives the same without training; the model is known to have several labels by it.
  const auto again = test::run_eucv(
      {"audit", path("images"), "--from", path("audit.csv.folds/out_of_fold.csv"), "--out", path("again.csv")});
  CHECK(again.status == 0);
  CHECK(eucv::read_file(folder / "again.csv") == eucv::read_file(folder / "audit.csv"));

  const auto train = [&](std::vector<std::string> more) {
    std::vector<std::string> command{"train",   path("images"), "--multi-label", "--size", "16", "--epochs", "1",
                                     "--batch", "12",           "--least",       "2"};
    command.insert(command.end(), more.begin(), more.end());
    return test::run_eucv(std::move(command));
  };
  const auto without = train({"--out", path("without"), "--exclude", path("audit.csv")});
  CAPTURE(without.err);
  CHECK(without.status == 0);
  // What people answer comes back as a table of labels.
  CHECK(eucv::read_file(folder / "tasks.json.xml").find("choice=\"multiple\"") != std::string::npos);
  eucv::write_file_atomically(folder / "export.json", R"([{"data": {"file": "disc/astray1.png"}, "annotations": [
    {"result": [{"type": "choices", "value": {"choices": ["disc", "ring"]}}]}]}])");
  const auto labels =
      test::run_eucv({"dataset", "labels", path("export.json"), "--multi-label", "--out", path("labels.csv")});
  CAPTURE(labels.err);
  CHECK(labels.status == 0);
  CHECK(eucv::read_file(folder / "labels.csv") == "file,label\ndisc/astray1.png,disc ring\n");
  CHECK(train({"--out", path("corrected"), "--labels", path("labels.csv")}).status == 0);
  CHECK(test::run_eucv({"dataset", "labels", path("export.json"), "--out", path("labels.csv")}).status == 1);
}

TEST_CASE("a learning curve of several labels says what more pictures would bring, and the report shows it") {
  const auto& here = with_shapes();
  const auto end = test::run_eucv({"learning-curve", here.path("images"), "--multi-label", "--out", here.path("curve"),
                                   "--size", "16", "--epochs", "1", "--batch", "8", "--points", "3", "--repeats", "2"});
  CAPTURE(end.err);
  CHECK(end.status == 0);
  CHECK(end.err.find("\"star\"") != std::string::npos); // too rare for the smallest part
  CHECK(end.out.find("twice as many pictures would add") != std::string::npos);
  CHECK(end.out.find("gained by the last doubling") != std::string::npos);
  const auto table = eucv::dataset::read_table(here.folder / "curve" / "learning_curve.csv");
  CHECK(table.rows.size() == 6);
  CHECK(table.has("mean_average_precision"));
  const auto fit = eucv::parse_json(eucv::read_file(here.folder / "curve" / "learning_curve.json"), "fit").as_object();
  CHECK(fit.at("mean_average_precision").as_object().at("gain").as_array().size() == 3);
  test::write_shape_folder(here.folder / "shown", 1);
  const auto shown = test::run_eucv({"evaluate", here.path("model"), here.path("shown"), "--report",
                                     here.path("with_curve"), "--curve", here.path("curve")});
  CHECK_MESSAGE(shown.status == 0, shown.err);
  CHECK(eucv::read_file(here.folder / "with_curve" / "index.html").find("Mean average precision by number") !=
        std::string::npos);
}

TEST_CASE("isotonic regression calibrates each label, and the model keeps it") {
  const auto& here = with_shapes();
  // The trainings are those of the model; only what is made of their predictions is another.
  std::filesystem::copy(here.folder / "model", here.folder / "steps", std::filesystem::copy_options::recursive);
  const auto end = test::run_eucv({"train", here.path("images"), "--out", here.path("steps"), "--multi-label", "--size",
                                   "32", "--epochs", "12", "--batch", "12", "--folds", "2", "--target-precision", "0.8",
                                   "--calibration", "isotonic"});
  CAPTURE(end.err);
  CHECK(end.status == 0);
  CHECK(end.out.find("isotonic regression: calibration error") != std::string::npos);
  const auto model = eucv::parse_json(eucv::read_file(here.folder / "steps/model.json"), "model").as_object();
  CHECK(model.at("calibration").as_object().at("isotonic").as_array().size() == 3);
  const std::string picture = here.path("images/disc/1.png");
  const auto of = [&](const char* name) {
    return test::run_eucv({"classify", here.path(name), picture, "--format", "csv", "--no-abstain"}).out;
  };
  CHECK(of("steps") != of("model"));
  const auto fair = test::run_eucv({"evaluate", here.path("steps"), here.path("images"), "--out-of-fold"});
  CHECK_MESSAGE(fair.status == 0, fair.err);
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
  const auto& provenance = model.at("provenance").as_object();
  CHECK(provenance.at("positive-focus").as_string() == "1");
  CHECK(provenance.at("negative-focus").as_string() == "4");
  CHECK(provenance.at("margin").as_string() == "0.05");
  CHECK(provenance.at("unknown-weight").as_string() == "0.5");
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
  CHECK(usage({"--calibration", "isotonic"}) == 2);
  test::write_shape_folder(folder / "images", 4);
  const auto sampled = test::run_eucv({"train", (folder / "images").string(), "--out", (folder / "model").string(),
                                       "--multi-label", "--least", "2", "--batch", "8", "--balance", "sampling"});
  CHECK(sampled.status == 1);
  CHECK(sampled.last_line().find("comes with all of its labels") != std::string::npos);
}
