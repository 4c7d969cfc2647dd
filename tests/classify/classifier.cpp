#include <eucv/classify/classifier.hpp>

#include <eucv/classify/train.hpp>
#include <eucv/core/file.hpp>
#include <eucv/nn/safetensors.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <optional>

#include "support/code_of.hpp"
#include "support/picture_folder.hpp"
#include "support/temporary_folder.hpp"

using namespace eucv;

namespace {

// A model trained for a moment, once for all cases.
const std::filesystem::path& model() {
  static const test::temporary_folder folder;
  static const std::filesystem::path path = [] {
    test::write_picture_folder(folder / "images", 8);
    classify::train_options options;
    options.size = 32;
    options.epochs = 1;
    options.batch = 8;
    options.vocabulary = dataset::pilot_vocabulary();
    (void)classify::train_classifier(folder / "images", folder / "model", options);
    return folder / "model";
  }();
  return path;
}

std::vector<double> probabilities(const std::vector<classify::ranked_label>& ranked) {
  std::vector<double> values;
  for (const auto& each : ranked) values.push_back(each.probability);
  return values;
}

} // namespace

TEST_CASE("labels come ranked, with probabilities that add up to 1") {
  auto loaded = classify::classifier::load(model());
  const auto ranked = loaded.predict(test::coloured_picture(0, 5));
  REQUIRE(ranked.size() == 3);
  CHECK(ranked[0].probability + ranked[1].probability + ranked[2].probability == doctest::Approx(1));
  CHECK(ranked[0].probability >= ranked[1].probability);
  CHECK(ranked[1].probability >= ranked[2].probability);
  for (const auto& each : ranked)
    if (each.label == "map") CHECK(each.uri == "http://data.europeana.eu/concept/43");
  CHECK(loaded.predict(test::coloured_picture(0, 5), 2).size() == 2);
}

TEST_CASE("a prediction does not depend on threads, and on what else is in the batch in its last bits alone") {
  auto one = classify::classifier::load(model(), {.threads = 1}),
       two = classify::classifier::load(model(), {.threads = 2});
  std::vector<image::bitmap> pictures;
  for (std::size_t i = 0; i < 40; ++i) pictures.push_back(test::coloured_picture(i % 3, i));
  const auto together = one.predict(pictures), again = two.predict(pictures);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    CHECK(probabilities(together[i]) == probabilities(again[i]));
    const auto alone = probabilities(one.predict(pictures[i]));
    for (std::size_t k = 0; k < alone.size(); ++k)
      CHECK(together[i][k].probability == doctest::Approx(alone[k]).epsilon(1e-5));
  }
}

TEST_CASE("a saved model predicts what the model did") {
  const test::temporary_folder folder;
  auto first = classify::classifier::load(model());
  first.save(folder / "copy");
  auto second = classify::classifier::load(folder / "copy");
  CHECK(first.about() == second.about());
  const auto picture = test::coloured_picture(2, 77);
  CHECK(probabilities(first.predict(picture)) == probabilities(second.predict(picture)));
}

TEST_CASE("files are classified in order, and one that cannot be read has its error in its row") {
  const test::temporary_folder folder;
  std::vector<std::filesystem::path> files;
  for (std::size_t i = 0; i < 9; ++i) {
    files.push_back(folder / (std::to_string(i) + ".png"));
    write_file_atomically(files.back(), image::encode_png(test::coloured_picture(i % 3, i)));
  }
  std::ofstream(files[3]) << "<html>";
  std::filesystem::remove(files[5]);
  auto loaded = classify::classifier::load(model());
  const auto rows = loaded.predict_files(files, {.top = 1, .batch = 4});
  REQUIRE(rows.size() == 9);
  for (std::size_t i = 0; i < 9; ++i) {
    CHECK(rows[i].file == files[i]);
    CHECK(rows[i].ranked.has_value() == (i != 3 && i != 5));
  }
  CHECK(rows[3].ranked.error().code() == errc::not_an_image);
  CHECK(rows[5].ranked.error().code() == errc::not_found);
  const auto alone = loaded.predict(test::coloured_picture(1, 4), 1);
  CHECK(rows[4].ranked->front().label == alone.front().label);
  CHECK(rows[4].ranked->front().probability == doctest::Approx(alone.front().probability).epsilon(1e-5));
  CHECK(loaded.predict_files(std::span<const std::filesystem::path>()).empty());
  std::stop_source stop;
  stop.request_stop();
  CHECK(test::code_of([&] { (void)loaded.predict_files(files, {.stop = stop.get_token()}); }) == errc::interrupted);
}

TEST_CASE("a stream of files is never more than a batch ahead") {
  const test::temporary_folder folder;
  write_file_atomically(folder / "a.png", image::encode_png(test::coloured_picture(0, 1)));
  auto loaded = classify::classifier::load(model());
  std::size_t given = 0, taken = 0;
  loaded.predict_files(
      [&]() -> std::optional<std::filesystem::path> {
        CHECK(given - taken < 4);
        return given == 11 ? std::nullopt : (++given, std::optional(folder / "a.png"));
      },
      [&](const classify::file_prediction&) { ++taken; }, {.batch = 4});
  CHECK(taken == 11);
}

TEST_CASE("a folder that holds no sound model is refused, each way with its code") {
  const test::temporary_folder folder;
  const auto fresh = [&] {
    std::filesystem::remove_all(folder / "copy");
    std::filesystem::copy(model(), folder / "copy");
  };
  const auto code = [&] { return test::code_of([&] { (void)classify::classifier::load(folder / "copy"); }); };
  const auto replace = [&](const std::string& from, const std::string& to) {
    fresh();
    std::string text = read_file(folder / "copy" / "model.json");
    REQUIRE(text.find(from) != std::string::npos);
    write_file_atomically(folder / "copy" / "model.json", text.replace(text.find(from), from.size(), to));
  };
  fresh();
  CHECK(code() == errc{});
  std::filesystem::remove(folder / "copy" / "model.json");
  CHECK(code() == errc::not_found);
  replace("\"format_version\": 1", "\"format_version\": 9");
  CHECK(code() == errc::wrong_version);
  replace("\"architecture\": \"small\"", "\"architecture\": \"huge\"");
  CHECK(code() == errc::invalid_argument);
  replace("\"architecture\": \"small\"", "\"architecture\": \"resnet18\"");
  CHECK(code() == errc::missing_tensor);
  replace("{\"label\": \"map\"", "{\"label\": \"more\", \"concept\": \"\"}, {\"label\": \"map\"");
  const auto failure = test::failure_of([&] { (void)classify::classifier::load(folder / "copy"); });
  REQUIRE(failure);
  CHECK(failure->code() == errc::shape_mismatch);
  CHECK(failure->text().on.find("weights.safetensors") != std::string::npos);
  CHECK(failure->text().why.find("[3, 256]") != std::string::npos);
  CHECK(failure->text().why.find("[4, 256]") != std::string::npos);
  fresh();
  std::filesystem::resize_file(folder / "copy" / "weights.safetensors", 10000);
  CHECK(code() == errc::bad_format);
  std::filesystem::remove(folder / "copy" / "weights.safetensors");
  CHECK(code() == errc::not_found);
  std::filesystem::remove_all(folder / "copy");
  CHECK(code() == errc::not_found);
}
