#include <eucv/report/make.hpp>

#include <support/shape_folder.hpp>
#include <support/temporary_folder.hpp>
#include <support/tiny_model.hpp>

#include <eucv/classify/judge.hpp>
#include <eucv/classify/train.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/dataset/label_sets.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>

using namespace eucv;

namespace {

bool tells(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a report is written of a model folder and the pictures that it judged") {
  const test::temporary_folder folder;
  std::filesystem::copy(test::tiny_model(), folder / "model", std::filesystem::copy_options::recursive);
  const auto images = test::tiny_model().parent_path() / "images";
  write_file_atomically(folder / "table.csv", "ID,category,rights\n");
  write_file_atomically(folder / "audit.csv", "file,label,suggested,probability,rank\nmap/0.png,map,painting,0.9,1\n");
  make_folder(folder / "curve");
  write_file_atomically(folder / "curve" / "learning_curve.csv", "n,accuracy\n10,0.5\n20,0.625\n");
  auto model = classify::classifier::load(folder / "model");
  const auto judged = classify::judge_folder(model, images);
  const auto figures = judge::assess(judged.predictions, {.replicates = 20});
  const report::report_options options{.folder = folder / "report",
                                       .model = folder / "model" / "",
                                       .images = images,
                                       .table = folder / "table.csv",
                                       .audit = folder / "audit.csv",
                                       .curve = folder / "curve",
                                       .seed = 7,
                                       .how = {.repeat = "program evaluate"}};
  const auto made = report::make_facts(model, {judged, figures}, options);
  CHECK(made.warnings.empty());
  CHECK(made.all.model == "model");
  CHECK(made.all.images == "images");
  CHECK(made.all.size == 32);
  CHECK(made.all.history.size() == 1);
  CHECK(made.all.thresholds.empty());
  CHECK(made.all.audit.rows.size() == 1);
  REQUIRE(made.all.learning_curve.size() == 2);
  CHECK(made.all.learning_curve[1].n == 20);
  CHECK(made.all.learning_curve[1].error == 0.375);
  CHECK(made.all.sources.empty()); // nothing is known of any picture
  CHECK(made.all.method == "Grad-CAM");
  CHECK(made.all.wrong.size() + made.all.right.size() > 0);
  REQUIRE(made.all.repeat.size() > 5);
  CHECK(made.all.repeat[1] == std::pair<std::string, std::string>("seed of the intervals", "7"));

  CHECK(report::write_report(model, {judged, figures}, options).empty());
  const auto page = read_file(folder / "report" / "index.html");
  CHECK(tells(page, "Is model fit for enrichment?"));
  CHECK(tells(page, "program evaluate"));
  CHECK(tells(read_file(folder / "report" / "MODEL_CARD.md"), "# Model card: model"));
  CHECK(report::write_report(model, {judged, figures}, options).empty());
  CHECK(read_file(folder / "report" / "index.html") == page); // equal facts, equal bytes
}

TEST_CASE("what a report could not tell is a warning") {
  const test::temporary_folder folder;
  std::filesystem::copy(test::tiny_model(), folder / "model", std::filesystem::copy_options::recursive);
  write_file_atomically(folder / "model" / "history.csv", "epoch,loss\n");
  auto model = classify::classifier::load(folder / "model");
  const auto images = test::tiny_model().parent_path() / "images";
  auto judged = classify::judge_folder(model, images);
  for (auto& file : judged.predictions.files) file = "elsewhere/" + file;
  const auto figures = judge::assess(judged.predictions, {.replicates = 20});
  const auto warnings = report::write_report(
      model, {judged, figures}, {.folder = folder / "report", .model = folder / "model", .images = images});
  REQUIRE(warnings.size() == 2);
  CHECK(tells(warnings[0], "no curves of the training: its first line is not that of a history, in "));
  CHECK(tells(warnings[1], "none of the judged images lies in "));
  CHECK(tells(read_file(folder / "report" / "index.html"), "No learning curve was given."));
}

TEST_CASE("a report on several labels has their figures and what the model does not know") {
  const test::temporary_folder folder;
  test::write_shape_folder(folder / "images", 4);
  thread_pool pool;
  classify::train_options how;
  how.size = 32;
  how.epochs = 1;
  how.batch = 8;
  auto model =
      classify::train_classifier(dataset::read_multi_label_set(folder / "images", pool), folder / "model", how).model;
  make_folder(folder / "images" / "disc star");
  write_file_atomically(folder / "images" / "disc star" / "1.png", image::encode_png(test::picture_of_shapes(1, 99)));
  write_file_atomically(folder / "model" / "learning_curve.csv",
                        "n,accuracy,macro_f1,mean_average_precision\n10,0.1,0.2,0.25\n");
  const auto judged = classify::judge_folder(model, folder / "images");
  const auto figures = judge::assess(judged.predictions, {.replicates = 20});
  const auto made =
      report::make_facts(model, {judged, figures}, {.model = folder / "model", .images = folder / "images"});
  CHECK(made.all.predictions.task == &judge::multi_label);
  CHECK(made.all.unknown_labels == std::vector<std::string>{"star"});
  REQUIRE(made.all.learning_curve.size() == 1);
  CHECK(made.all.learning_curve[0].error == 0.75);
  CHECK(made.all.wrong.size() + made.all.right.size() > 0);
}
