// The two questions, as a user of the program asks them: enough data, and fit for enrichment?
#include "support/picture_folder.hpp"
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/dataset/table.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// Pictures of three classes, two of them in the wrong folder, and a model with folds trained on them once.
struct place {
  test::temporary_folder folder;
  test::outcome trained;
  place() {
    test::write_picture_folder(folder / "images", 30);
    std::filesystem::rename(folder / "images/map/3.png", folder / "images/painting/astray.png");
    std::filesystem::rename(folder / "images/painting/4.png", folder / "images/unknown_to_all/astray.png");
    trained = test::run_eucv(train("model", {"--folds", "3", "--target-precision", "0.8"}));
    if (trained.status != 0) throw std::runtime_error(trained.err);
  }

  [[nodiscard]] std::string path(const char* name) const { return (folder / name).string(); }
  [[nodiscard]] std::vector<std::string> train(const char* model, std::vector<std::string> more,
                                               const char* epochs = "6") const {
    std::vector<std::string> command{"train", path("images"), "--out", path(model), "--size",
                                     "24",    "--epochs",     epochs,  "--batch",   "8"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }
};
const place& here() {
  static const place once;
  return once;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("folds keep predictions out of fold, and thresholds come out of them") {
  const auto& at = here();
  CHECK(holds(at.trained.out, "cross-validation, 3 folds: accuracy "));
  CHECK(holds(at.trained.out, "may be enriched automatically"));
  const auto kept = eucv::dataset::read_table(at.folder / "model" / "out_of_fold.csv");
  CHECK(kept.rows.size() == 90);
  const auto model = eucv::parse_json(eucv::read_file(at.folder / "model" / "model.json"), "model.json").as_object();
  CHECK(model.at("calibration").as_object().at("temperature").to_number<double>() > 0);
  CHECK(model.at("thresholds").as_object().at("target_precision").to_number<double>() == 0.8);
  CHECK(model.at("thresholds").as_object().at("categories").as_array().size() == 3);
  const auto plan = eucv::parse_json(eucv::read_file(at.folder / "model" / "enrichment.json"), "plan").as_object();
  CHECK(plan.at("n").to_number<int>() == 90);
  CHECK(plan.at("automatic").to_number<int>() > 0);
  const auto again = test::run_eucv(at.train("model", {"--folds", "3", "--target-precision", "0.8"}));
  CHECK(again.status == 0);
  CHECK(eucv::dataset::read_table(at.folder / "model" / "out_of_fold.csv") == kept);
  CHECK(test::run_eucv(at.train("other", {"--folds", "1"})).status == 2);
  CHECK(test::run_eucv(at.train("other", {"--target-precision", "0.9"})).status == 2);
}

TEST_CASE("evaluate judges what was kept out of fold, and warns where a model has seen the images") {
  const auto& at = here();
  const auto seen = test::run_eucv({"evaluate", at.path("model"), at.path("images")});
  CHECK(seen.status == 0);
  CHECK(holds(seen.err, "the model was trained on 90 of these images"));
  const auto fair =
      test::run_eucv({"evaluate", at.path("model"), at.path("images"), "--out-of-fold", "--report", at.path("report")});
  CHECK_MESSAGE(fair.status == 0, fair.err);
  CHECK(fair.err.empty());
  CHECK(holds(fair.out, "on 90 pictures"));
  CHECK(holds(eucv::read_file(at.folder / "report" / "index.html"), "each by a model of the same kind"));
}

TEST_CASE("classify leaves to people what the model is not sure enough of") {
  const auto& at = here();
  const auto run = [&](std::vector<std::string> more) {
    std::vector<std::string> command{"classify", at.path("model"), at.path("images"), "--top", "1"};
    command.insert(command.end(), more.begin(), more.end());
    return test::run_eucv(std::move(command));
  };
  const auto all = run({"--no-abstain", "--format", "csv"}), sure = run({"--format", "csv"});
  CHECK(std::ranges::count(all.out, '\n') == 91);
  const auto lines = static_cast<std::size_t>(std::ranges::count(sure.out, '\n'));
  CHECK(holds(sure.err, std::to_string(lines - 1) + " images decided with a precision of 80.0 %, "));

  // A threshold that no probability reaches leaves every picture to people.
  std::filesystem::copy(at.folder / "model", at.folder / "strict", std::filesystem::copy_options::recursive);
  auto document = eucv::read_file(at.folder / "strict" / "model.json");
  for (std::size_t from = 0; (from = document.find("\"threshold\": ", from)) != std::string::npos;) {
    from += 13;
    document.replace(from, document.find('}', from) - from, "1.5");
  }
  eucv::write_file_atomically(at.folder / "strict" / "model.json", document);
  const auto none = test::run_eucv({"classify", at.path("strict"), at.path("images/map/1.png"), "--format", "jsonl"});
  CHECK(holds(none.out, "\"predictions\": []"));
  CHECK(holds(none.err, "1 left to people"));
  const auto table = test::run_eucv({"classify", at.path("strict"), at.path("images/map/1.png")});
  CHECK(holds(table.out, "(left to people)"));
}

TEST_CASE(
    "an audit finds the pictures that went astray; they are left out, or come back from people with other labels") {
  const auto& at = here();
  const auto audit = test::run_eucv({"audit", at.path("images"), "--from", at.path("model/out_of_fold.csv"), "--out",
                                     at.path("audit.csv"), "--tasks", at.path("tasks.json")});
  CAPTURE(audit.err);
  CHECK(audit.status == 0);
  CHECK(holds(audit.out, "seem wrong"));
  const auto found = eucv::dataset::read_table(at.folder / "audit.csv");
  CHECK(found.columns == std::vector<std::string>{"file", "label", "suggested", "probability", "rank"});
  REQUIRE(found.rows.size() >= 2);
  std::vector<std::string> first{found.rows[0][0], found.rows[1][0]};
  std::ranges::sort(first);
  CHECK(first == std::vector<std::string>{"painting/astray.png", "unknown_to_all/astray.png"});
  CHECK(found.rows[0][4] == "1");

  const auto left_out = test::run_eucv(at.train("without", {"--exclude", at.path("audit.csv")}));
  CAPTURE(left_out.err);
  CHECK(left_out.status == 0);
  CHECK_FALSE(holds(left_out.out, "trained on 81 pictures"));

  const auto tasks = eucv::parse_json(eucv::read_file(at.folder / "tasks.json"), "tasks").as_array();
  CHECK(tasks.size() == found.rows.size());
  CHECK(holds(eucv::read_file(at.folder / "tasks.json.xml"), "<Choice value=\"painting\"/>"));
  eucv::write_file_atomically(at.folder / "export.json",
                              R"([{"data": {"file": "painting/astray.png"}, "annotations": [
        {"result": [{"type": "choices", "value": {"choices": ["map"]}}]}]}])");
  const auto labels = test::run_eucv({"dataset", "labels", at.path("export.json"), "--out", at.path("labels.csv")});
  CHECK(labels.out == "1 label in " + at.path("labels.csv") + "\n");
  CHECK(test::run_eucv(at.train("corrected", {"--labels", at.path("labels.csv")}, "1")).status == 0);

  eucv::write_file_atomically(at.folder / "wrong.csv", "file\nmap/nowhere.png\n");
  const auto wrong = test::run_eucv(at.train("never", {"--exclude", at.path("wrong.csv")}));
  CHECK(wrong.status == 1);
  CHECK(holds(wrong.last_line(), "map/nowhere.png"));
}

TEST_CASE("figures by provider and by size, and which classes reach a precision") {
  const auto& at = here();
  std::string table = "ID,provider\n";
  for (int i = 0; i < 30; ++i) table += "map/" + std::to_string(i) + ".png,Museum " + (i < 10 ? "A" : "B") + "\n";
  eucv::write_file_atomically(at.folder / "records.csv", table);
  const auto end = test::run_eucv({"evaluate", at.path("model"), at.path("images"), "--by", "provider,size", "--table",
                                   at.path("records.csv"), "--target-precision", "0.8"});
  CAPTURE(end.err);
  CHECK(end.status == 0);
  CHECK(holds(end.out, "Museum B"));
  CHECK(holds(end.out, "(unknown)"));
  CHECK(holds(end.out, "shorter side below 128 pixels"));
  CHECK(holds(end.out, "for a precision of 80.0 %: of 90 pictures"));
  const auto grouped =
      test::run_eucv(at.train("grouped", {"--table", at.path("records.csv"), "--group-by", "provider"}, "1"));
  CHECK(grouped.status == 0);
  const auto unknown =
      test::run_eucv(at.train("grouped", {"--table", at.path("records.csv"), "--group-by", "country"}, "1"));
  CHECK(unknown.status == 1);
  CHECK(holds(unknown.last_line(), "country"));
}

TEST_CASE("a learning curve says what more pictures would bring") {
  const auto& at = here();
  const std::vector<std::string> command{"learning-curve", at.path("images"),
                                         "--out",          at.path("curve"),
                                         "--size",         "16",
                                         "--epochs",       "1",
                                         "--batch",        "8",
                                         "--points",       "3",
                                         "--repeats",      "2"};
  const auto end = test::run_eucv(command);
  CAPTURE(end.err);
  CHECK(end.status == 0);
  CHECK(holds(end.out, "twice as many pictures would add"));
  CHECK(holds(end.out, "gained by the last doubling"));
  CHECK(eucv::dataset::read_table(at.folder / "curve" / "learning_curve.csv").rows.size() == 6);
  const auto fit = eucv::parse_json(eucv::read_file(at.folder / "curve" / "learning_curve.json"), "fit").as_object();
  CHECK(fit.at("accuracy").as_object().at("gain").as_array().size() == 3);
}
